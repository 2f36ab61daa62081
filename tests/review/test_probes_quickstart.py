"""The quickstart: what it calls is there."""

from pathlib import Path

import pytest
from asked import ask


@pytest.mark.parametrize(
    ("command", "files", "answer"),
    [
        ("python -m rota", {"rota/__main__.py": ""}, "yes"),
        ("python -m rota.cli ask", {"src/rota/cli.py": ""}, "yes"),
        (".venv/bin/python -m rota", {"rota/__init__.py": ""}, "yes"),
        ("make demo", {"Makefile": "demo:\n\tpython a.py\n"}, "yes"),
        ("make demo   # no key", {"Makefile": "demo:\n\tpython a.py\n"}, "yes"),
        ("npm run dev", {"package.json": '{"scripts": {"dev": "next dev"}}'}, "yes"),
        ("docker compose up", {"compose.yaml": "services: {}"}, "yes"),
        (
            "uv run rota ask",
            {"pyproject.toml": '[project]\nname="a"\n[project.scripts]\nrota="a:b"'},
            "yes",
        ),
        ("python -m rota", {}, "no"),
        ("make demo", {"Makefile": "test:\n\tpytest\n"}, "no"),
        ("make demo", {}, "no"),
        ("npm run dev", {"package.json": '{"scripts": {}}'}, "no"),
        ("streamlit run app.py", {"main.py": ""}, "no"),
        ("pip install -r requirements.txt", {}, "no"),
    ],
)
def test_a_command_that_calls_nothing_is_found(
    command: str, files: dict[str, str], answer: str, tmp_path: Path
) -> None:
    tree = {"README.md": f"## Quickstart\n\n```sh\n{command}\n```\n", **files}
    assert ask("quickstart.commands_exist", tree, tmp_path).answer == answer


@pytest.mark.parametrize(("count", "answer"), [(2, "yes"), (9, "partial")])
def test_a_quickstart_is_short(count: int, answer: str, tmp_path: Path) -> None:
    block = "\n".join(f"python step{n}.py" for n in range(count))
    tree = {"README.md": f"## Quickstart\n\n```sh\ncd x\n# now\n{block}\n```\n"}
    assert ask("quickstart.few_commands", tree, tmp_path).answer == answer


def test_words_alone_do_not_work_without_a_key(tmp_path: Path) -> None:
    tree = {"README.md": "Works without an API key.", "app.py": "import openai"}
    assert ask("quickstart.works_without_key", tree, tmp_path).answer == "partial"


@pytest.mark.parametrize(
    ("tree", "answer"),
    [
        ({"app.py": "print(1)"}, "yes"),
        ({"app.py": "import os\nos.environ['SHOP_TOKEN']"}, "no"),
        ({"README.md": "# Shop"}, "no"),
    ],
)
def test_where_no_key_is_needed_nothing_has_to_be_shown(
    tree: dict[str, str], answer: str, tmp_path: Path
) -> None:
    assert ask("quickstart.works_without_key", tree, tmp_path).answer == answer
