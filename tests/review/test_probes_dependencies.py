"""Dependencies: what is locked, what is a range, what is a bare name."""

from pathlib import Path

import pytest
from asked import ask

LOCK = '[[package]]\nname = "openai"\nversion = "3.54.0"\n'
POM = "<project>PARENT<dependency><artifactId>web</artifactId></dependency></project>"
SETUP = "from setuptools import setup\nsetup(install_requires=['a', 'b'])"
MANIFEST = '[project]\nname = "rota"\ndependencies = ["openai>=3"]\n'


@pytest.mark.parametrize(
    ("tree", "answer"),
    [
        ({"pyproject.toml": MANIFEST, "uv.lock": LOCK}, "yes"),
        ({"requirements.txt": "openai==3.54.0\nhttpx[http2]==0.28.1  # wire\n"}, "yes"),
        ({"requirements.txt": "openai>=3\n", "requirements.lock": "openai==3.54.0\n"}, "yes"),
        ({"package.json": '{"dependencies": {"next": "^15"}}', "yarn.lock": "next@^15:\n"}, "yes"),
        ({"Pipfile": '[packages]\nopenai = "*"\n', "Pipfile.lock": '{\n  "openai": {}\n}'}, "yes"),
        ({"environment.yml": "dependencies: [python=3.12, numpy=2.1, {pip: [openai==3]}]"}, "yes"),
        ({"uv.lock": LOCK, "docs/requirements.txt": "sphinx\n"}, "yes"),
        ({"pom.xml": POM.replace("PARENT", "<parent><version>3</version></parent>")}, "yes"),
        ({"pom.xml": POM.replace("PARENT", "")}, "no"),
        ({"pyproject.toml": MANIFEST, "uv.lock": LOCK, "requirements.txt": "a\nb\nc\n"}, "partial"),
        (
            {"pyproject.toml": MANIFEST, "uv.lock": LOCK, "etl/requirements.txt": "openai\n"},
            "partial",
        ),
        ({"requirements.txt": "a==1\n", "requirements.docker.txt": "a>=1\n"}, "partial"),
        ({"setup.py": SETUP, "requirements.txt": "a==1\nb==2\nc\n"}, "partial"),
        ({"setup.py": SETUP, "requirements.txt": "c\n"}, "no"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nopenai = "^3"\n'}, "partial"),
        ({"requirements.txt": "openai>=3\nhttpx==0.28.1\nrich~=13.0\n"}, "partial"),
        ({"pyproject.toml": MANIFEST, "uv.lock": ""}, "partial"),
        (
            {"setup.py": "from setuptools import setup\nsetup(install_requires=['openai>3'])"},
            "partial",
        ),
        ({"setup.cfg": "[options]\ninstall_requires =\n    openai>=3\n"}, "partial"),
        ({"requirements.txt": "openai\nhttpx\nrich>=13\n"}, "no"),
        ({"environment.yml": "dependencies: [python, numpy, openai]"}, "no"),
        ({"a.py": "import openai, numpy, httpx\n"}, "no"),
        ({"README.md": "All versions are pinned."}, "no"),
    ],
)
def test_a_lock_or_exact_versions_pin_and_bare_names_do_not(
    tree: dict[str, str], answer: str, tmp_path: Path
) -> None:
    assert ask("dependencies.pinned", tree, tmp_path).answer == answer


def test_a_list_that_a_windows_shell_wrote_is_read(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_bytes("openai==3.54.0\r\n".encode("utf-16"))
    found = ask("dependencies.pinned", {"requirements.txt": "openai\n"}, tmp_path)
    assert found.answer == "yes"
    assert found.evidence[0].text == "openai==3.54.0"


def test_a_lock_of_the_frontend_does_not_lock_python(tmp_path: Path) -> None:
    tree = {
        "web/package.json": '{"dependencies": {"next": "^15"}}',
        "web/package-lock.json": '{"packages": {"node_modules/next": {"version": "15.0.0"}}}',
        "requirements.txt": "openai\nhttpx\n",
    }
    found = ask("dependencies.pinned", tree, tmp_path)
    assert (found.answer, found.evidence[-1].path) == ("partial", "requirements.txt")


def test_a_requirement_for_tests_need_not_be_locked(tmp_path: Path) -> None:
    tree = {"requirements.txt": "openai==3.54.0\n", "requirements-dev.txt": "pytest\n"}
    assert ask("dependencies.pinned", tree, tmp_path).answer == "yes"


def test_a_dependency_that_the_lock_does_not_hold_is_named(tmp_path: Path) -> None:
    tree = {"pyproject.toml": MANIFEST.replace('3"', '3", "httpx"'), "uv.lock": LOCK}
    found = ask("dependencies.lock_matches", tree, tmp_path)
    assert found.answer == "partial"
    assert "httpx" in found.reason


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("pip install openai", "partial"),
        ("uv pip install openai 'httpx>=0.2'", "partial"),
        ("python -m pip install -U pip", "yes"),
        ("pip install -r requirements.txt", "yes"),
        ("pip install -c requirements.lock openai", "yes"),
        ("pip install openai==3.54.0", "yes"),
        ("pip install -e '.[dev]'", "yes"),
        ("pip install rota", "yes"),
    ],
)
def test_what_a_reader_is_told_to_install_has_a_version(
    command: str, answer: str, tmp_path: Path
) -> None:
    tree = {"README.md": f"## Install\n\n```sh\n{command}\n```\n", "pyproject.toml": MANIFEST}
    assert ask("dependencies.installs_from_lock", tree, tmp_path).answer == answer


def test_an_action_at_a_branch_is_found(tmp_path: Path) -> None:
    flow = "jobs: {a: {steps: [\n  {uses: actions/checkout@v6},\n]}}\n"
    moving = "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@main\n"
    tree = {".github/workflows/a.yml": flow, ".github/workflows/b.yml": moving}
    found = ask("dependencies.actions_pinned", tree, tmp_path)
    assert (found.answer, found.evidence[0].line) == ("partial", 4)
