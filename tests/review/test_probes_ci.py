"""Continuous integration: what really runs, and what only looks like it."""

from pathlib import Path

import pytest
from asked import ask

TOX = "[testenv]\ncommands = pytest\n"


def github(*runs: str, on: str = "[push, pull_request]", more: str = "") -> str:
    steps = "".join(f"      - run: {run}\n" for run in runs)
    return f"on: {on}\n{more}jobs:\n  check:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"


@pytest.mark.parametrize(
    ("run", "files"),
    [
        ("pytest -q", {}),
        ("uv run --frozen pytest", {}),
        ("python -m unittest discover", {}),
        ("coverage run -m pytest", {}),
        ("docker compose run --rm app pytest", {}),
        ("make check", {"Makefile": "T = pytest\ncheck: test\ntest:\n\t@$(T) -q\n"}),
        ("just test", {"justfile": "test:\n    uv run pytest\n"}),
        ("npm test", {"package.json": '{"scripts": {"test": "vitest run"}}'}),
        ("tox run -e py312", {"tox.ini": "[testenv]\ncommands =\n    pytest {posargs}\n"}),
        ("tox run -e py", {"tox.ini": "[testenv]\ncommands = {envpython} -m pytest {posargs}\n"}),
        ("tox", {"tox.ini": "[testenv]\ncommands =\n    {env:RUNNER:pytest} {posargs}\n"}),
        ("uvx --python ${{ matrix.python }} --with tox-uv tox -e py", {"tox.ini": TOX}),
        ("bash scripts/check.sh", {"scripts/check.sh": "set -e\npytest\n"}),
        ("hatch test", {}),
        ("cd api && make test", {"api/Makefile": "test:\n\tgo test ./...\n"}),
        ("nox -s tests", {"noxfile.py": "def tests(session):\n    session.run('pytest')\n"}),
    ],
)
def test_tests_are_found_behind_what_ci_calls(
    run: str, files: dict[str, str], tmp_path: Path
) -> None:
    tree = {".github/workflows/ci.yml": github(run), **files}
    assert ask("ci.runs_tests", tree, tmp_path).answer == "yes"


@pytest.mark.parametrize(
    "flow",
    [
        github("pip install pytest", "echo pytest"),
        github("pytest || true"),
        github("pytest", on="workflow_dispatch"),
        github("npm run test:none", more="# pytest\n").replace("npm run test:none", "make lint"),
        github("mvn package -DskipTests"),
    ],
)
def test_ci_that_cannot_fail_on_a_test_is_partial(flow: str, tmp_path: Path) -> None:
    tree = {".github/workflows/ci.yml": flow, "Makefile": "lint:\n\truff check\n"}
    assert ask("ci.runs_tests", tree, tmp_path).answer == "partial"


def test_a_workflow_in_a_folder_below_never_runs(tmp_path: Path) -> None:
    found = ask("ci.runs_tests", {"app/.github/workflows/ci.yml": github("pytest")}, tmp_path)
    assert (found.answer, "never runs" in found.reason) == ("partial", True)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".gitlab-ci.yml", "check:\n  script:\n    - pip install .\n    - pytest\n"),
        (".circleci/config.yml", "jobs: {a: {steps: [{run: {command: pytest}}]}}"),
        ("azure-pipelines.yml", "steps:\n- script: pytest\n"),
        ("Jenkinsfile", "pipeline { stages { stage('t') { steps { sh 'pytest -q' } } } }"),
    ],
)
def test_other_services_are_read(path: str, text: str, tmp_path: Path) -> None:
    assert ask("ci.runs_tests", {path: text}, tmp_path).answer == "yes"


def test_recipes_that_call_each_other_end(tmp_path: Path) -> None:
    tree = {".github/workflows/ci.yml": github("make a"), "Makefile": "a: b\nb: a\n\tmake a b\n"}
    assert ask("ci.runs_tests", tree, tmp_path).answer == "partial"


def test_a_secret_of_the_checking_job_is_named(tmp_path: Path) -> None:
    flow = github("pytest", more="env:\n  KEY: ${{ secrets.OPENAI_API_KEY }}\n")
    found = ask("ci.needs_no_secret", {".github/workflows/ci.yml": flow}, tmp_path)
    assert (found.answer, found.evidence[0].line) == ("partial", 3)


@pytest.mark.parametrize(
    ("stated", "answer"),
    [
        ("permissions: {contents: read}\n", "yes"),
        ("permissions: {}\n", "yes"),
        ("permissions: write-all\n", "partial"),
        ("", "partial"),
    ],
)
def test_rights_are_stated_and_small(stated: str, answer: str, tmp_path: Path) -> None:
    tree = {".github/workflows/ci.yml": github("pytest", more=stated)}
    assert ask("ci.least_privilege", tree, tmp_path).answer == answer


@pytest.mark.parametrize(
    ("action", "answer"),
    [("pmeier/pytest-results-action@v0", "partial"), ("streamlit/streamlit-app-action@v0", "yes")],
)
def test_an_action_that_shows_results_runs_no_tests(
    action: str, answer: str, tmp_path: Path
) -> None:
    text = f"on: push\njobs: {{a: {{steps: [{{uses: {action}}}]}}}}\n"
    assert ask("ci.runs_tests", {".github/workflows/a.yml": text}, tmp_path).answer == answer


@pytest.mark.parametrize(
    "run",
    [
        "set +e; python -m mypy; true",
        "python -m mypy; true",
        "python -m mypy &",
        "|\n          python -m mypy\n          exit 0",
        "|\n          set +e\n          python -m mypy\n          ls",
        "make types",
    ],
)
def test_a_check_whose_failure_goes_nowhere_is_named(run: str, tmp_path: Path) -> None:
    tree = {".github/workflows/ci.yml": github(run), "Makefile": "types:\n\tmypy; true\n"}
    assert ask("ci.cannot_pass_by_accident", tree, tmp_path).answer == "partial"


@pytest.mark.parametrize(
    "run",
    [
        "mypy 2>&1",
        "mypy && true",
        "|\n          set +e\n          mypy\n          code=$?\n          exit $code",
        "|\n          mypy &\n          wait $!",
        "bash check.sh",
    ],
)
def test_a_check_that_can_fail_is_not_accused(run: str, tmp_path: Path) -> None:
    script = "set -euo pipefail\nmypy\nexit 0\n"
    tree = {".github/workflows/ci.yml": github(run), "check.sh": script}
    assert ask("ci.cannot_pass_by_accident", tree, tmp_path).answer == "yes"


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("{push: , pull_request: {branches: [never]}}", "partial"),
        ("{push: {tags: ['v*']}, pull_request: }", "partial"),
        ("{push: {branches-ignore: ['**']}, pull_request: }", "partial"),
        ("{push: , pull_request: {types: [labeled]}}", "partial"),
        ("{push: {branches: [main]}, pull_request: {branches: ['*']}}", "yes"),
        ("{push: {branches: [main], tags: ['v*']}, pull_request: {types: [opened]}}", "yes"),
    ],
)
def test_an_event_that_no_change_sets_off_starts_nothing(
    on: str, wanted: str, tmp_path: Path
) -> None:
    tree = {".github/workflows/ci.yml": github("pytest", on=on)}
    assert ask("ci.starts_on_changes", tree, tmp_path).answer == wanted


def test_a_job_that_is_switched_off_is_not_called_a_missing_workflow(tmp_path: Path) -> None:
    flow = github("pytest").replace("    runs-on", "    if: ${{ false }}\n    runs-on")
    found = ask("ci.runs_tests", {".github/workflows/ci.yml": flow}, tmp_path)
    assert (found.answer, "switched off" in found.reason) == ("partial", True)
