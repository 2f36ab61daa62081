"""Every available template, generated as a user would: whole, typed, linted, tested, explained.

Walks the sequence, so that a new template is tested by being there.
"""

import ast
import itertools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scaffolder import generate, skills
from scaffolder.journeys.answers import settle
from scaffolder.journeys.explain import explain
from scaffolder.manifest import read, read_lock

AVAILABLE = [skill.slug for skill in skills.load() if skill.available]
PROVIDERS = ("anthropic", "openai", "gemini")
SDK = {"anthropic": "anthropic", "openai": "openai", "gemini": "google"}
LICENCES = ("MIT", "Apache-2.0", "none")


def make(slug: str, target: Path, **given: str) -> Path:
    skill = skills.find(slug)
    answers = settle(skill, target, given, {})
    return generate.generate(skill, target, answers, with_git=False).path


@pytest.fixture(scope="session", params=[*itertools.product(AVAILABLE, PROVIDERS)], ids="-".join)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    slug, provider = request.param
    target = tmp_path_factory.mktemp("made") / f"{slug}-{provider}"
    return make(slug, target, provider=provider, author="Ada")


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.endswith(("_API_KEY", "_BASE_URL"))}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=project,
        env={**kept, "PYTHONPATH": str(project / "src"), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def complaints(project: Path) -> str:
    """What ruff says against it; "" where it is content."""
    checks = (("ruff", "check", "-q", "."), ("ruff", "format", "-q", "--check", "."))
    failed = [done for done in (run(project, *words) for words in checks) if done.returncode]
    return "".join(f"exit {done.returncode}: {done.stdout}{done.stderr}" for done in failed)


def files(project: Path) -> list[Path]:
    return [p for p in sorted(project.rglob("*")) if p.is_file() and "cache" not in str(p)]


def test_nothing_is_left_unrendered(project: Path) -> None:
    placeholder = re.compile(r"\{\{-? ?[a-z_]+ ?(\||-?\}\})|\{%-? (if|for|include|raw|else|end)")
    left = [
        path.relative_to(project)
        for path in files(project)
        if ".github" not in path.parts and placeholder.search(path.read_text("utf-8"))
    ]
    assert left == []


def test_the_tools_own_name_stays_in_its_corner(project: Path) -> None:
    named = {
        path.relative_to(project).as_posix()
        for path in files(project)
        if ".scaffold" not in path.parts and "scaffold" in _own_words(path)
    }
    assert named <= {"scaffold.toml", "tests/test_evaluation.py"}


def _own_words(path: Path) -> str:
    """The claims are written to scaffold.toml, so its name may be said."""
    return path.read_text("utf-8").casefold().replace("scaffold.toml", "")


def test_only_the_chosen_provider_is_there(project: Path) -> None:
    chosen = read(project).answers["provider"]
    source = "".join(p.read_text("utf-8") for p in (project / "src").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:from|import) (anthropic|openai|google)\b", source, re.M))
    assert imported == {SDK[chosen]}


def test_the_lock_holds_every_file_as_generated(project: Path) -> None:
    lock = read_lock(project)
    made = {p.relative_to(project).as_posix() for p in files(project)}
    assert made - {".scaffold/template.lock"} <= set(lock.files) | {
        name for name in made if name.startswith(("var/", ".pytest_cache", "evals/results"))
    }


def test_every_file_is_explained(project: Path) -> None:
    for name in read_lock(project).files:
        found = explain(project / name)
        assert found.why, name
        assert found.not_when, name


def test_it_is_linted_and_formatted(project: Path) -> None:
    assert complaints(project) == ""


def test_it_is_typed(project: Path) -> None:
    done = run(project, "mypy")
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_own_tests_pass_offline(project: Path) -> None:
    done = run(project, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 30


@pytest.mark.parametrize("slug", AVAILABLE)
@pytest.mark.parametrize("length", [2, 16, 30])
def test_it_is_linted_under_any_package_name(tmp_path: Path, slug: str, length: int) -> None:
    assert complaints(make(slug, tmp_path / "p", package="q" * length)) == ""


@pytest.mark.parametrize("slug", AVAILABLE)
@pytest.mark.parametrize("licence", LICENCES)
def test_hostile_answers_stay_data(tmp_path: Path, slug: str, licence: str) -> None:
    text = 'He said "don\'t" \\n {{ 1 }} </p> `x` $(id) é 漢'
    project = make(
        slug, tmp_path / "p", problem=text, users=text, author='O"Brien \\ Sons', licence=licence
    )
    for name in ("scaffold.toml", "pyproject.toml", "config.toml"):
        tomllib.loads((project / name).read_text("utf-8"))
    assert read(project).answers["problem"] == text
    assert text in (project / "README.md").read_text("utf-8")
    for path in project.rglob("*.py"):
        ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize("slug", AVAILABLE)
def test_a_file_comes_from_one_layer(slug: str) -> None:
    owners: dict[str, list[str]] = {}
    for layer in skills.layers(skills.find(slug)):
        root = layer / "template"
        for path in root.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(root).as_posix().removesuffix(".jinja")
                owners.setdefault(name, []).append(layer.name)
    shared = {name: layers for name, layers in owners.items() if len(layers) > 1}
    assert shared == {}
