"""The workflow's own commands are run here; a broken prompt has to turn them red."""

from pathlib import Path

import pytest

from scaffolder.review.behaviour import workflow
from scaffolder.review.behaviour.model import ControlFailed, NotApplicable
from scaffolder.review.model import Answer
from tests.review.behaviour import checked

CI = ".github/workflows/ci.yml"


def test_the_commands_of_the_workflow_pass(tmp_path: Path) -> None:
    with checked.opened(tmp_path) as bench:
        found = workflow.runs_green(bench)
    assert found.answer is Answer.YES
    assert "3 commands" in found.reason
    assert "pip install" in found.reason


@pytest.mark.parametrize(
    "line",
    ["python -m rota.nothing --eval", "python -m compileall -q src && python -m pytest nowhere"],
)
def test_a_command_that_fails_is_named(tmp_path: Path, line: str) -> None:
    code = checked.WORKFLOW.replace("python -m rota --eval --gate", line)
    code = code.replace("python -m compileall -q src", "echo")
    package = {"src/rota/nothing.py": "raise SystemExit('it broke')\n"}
    with checked.opened(tmp_path, {CI: code, **package}) as bench:
        found = workflow.runs_green(bench)
    assert found.answer is Answer.NO
    assert "of the workflow ends with exit" in found.reason


def test_a_tool_that_is_not_here_accuses_nobody(tmp_path: Path) -> None:
    code = "on: push\njobs:\n  a:\n    steps:\n      - run: mypy src\n"
    with checked.opened(tmp_path, {CI: code}) as bench:
        found = workflow.runs_green(bench)
    assert found.answer is Answer.UNKNOWN
    assert "mypy src" in found.reason


def test_a_step_has_its_variables_and_its_folder(tmp_path: Path) -> None:
    code = (
        "on: push\nenv: {A: '1'}\njobs:\n  a:\n    steps:\n"
        "      - run: python -m pytest -q check.py\n        working-directory: sub\n"
    )
    test = "import os\n\n\ndef test_a():\n    assert os.environ['A'] == '1'\n"
    with checked.opened(tmp_path, {CI: code, "sub/check.py": test}) as bench:
        assert workflow.runs_green(bench).answer is Answer.YES


def test_without_a_workflow_nothing_is_said(tmp_path: Path) -> None:
    with checked.opened(tmp_path, {CI: None}) as bench, pytest.raises(NotApplicable):
        workflow.runs_green(bench)


def test_a_prompt_that_a_test_reads_is_missed(tmp_path: Path) -> None:
    with checked.opened(tmp_path) as bench:
        found = workflow.broken_prompt_is_red(bench)
    assert found.answer is Answer.YES
    assert "prompts/answer.md emptied" in found.reason


def test_a_prompt_that_nothing_reads_is_told(tmp_path: Path) -> None:
    code = "from rota import days\n\n\ndef test_it():\n    assert days('a') == ['a']\n"
    with checked.opened(tmp_path, {"tests/test_rota.py": code}) as bench:
        found = workflow.broken_prompt_is_red(bench)
    assert found.answer is Answer.NO
    assert "nothing goes red" in found.reason


def test_without_a_prompt_nothing_is_said(tmp_path: Path) -> None:
    manifest = checked.MANIFEST.replace('prompts = "prompts"\n', "")
    with (
        checked.opened(tmp_path, {"scaffold.toml": manifest}) as bench,
        pytest.raises(NotApplicable),
    ):
        workflow.broken_prompt_is_red(bench)


def test_checks_that_fail_anyway_are_no_control(tmp_path: Path) -> None:
    changes = {"tests/test_rota.py": "def test_it():\n    assert 0\n", CI: None}
    manifest = checked.MANIFEST.replace('"rota", "--eval"', '"rota.nothing"')
    with (
        checked.opened(tmp_path, {**changes, "scaffold.toml": manifest}) as bench,
        pytest.raises(ControlFailed),
    ):
        workflow.broken_prompt_is_red(bench)
