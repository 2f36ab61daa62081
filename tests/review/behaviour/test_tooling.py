"""Tools that misbehave: a run that is sound passes each, one changed line fails."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scaffolder.review.behaviour import tooling
from scaffolder.review.behaviour.model import ControlFailed, NotDeclared
from scaffolder.review.model import Answer, Reading
from tests.review.behaviour import smallagent

AGENT = "src/desk/agent.py"
FAULTS = ["raises", "hangs", "no_result", "huge", "malformed"]


@pytest.mark.parametrize("how", FAULTS)
def test_who_says_what_is_missing_passes(how: str, tmp_path: Path) -> None:
    found = _tried(tmp_path, how)
    assert found.answer is Answer.YES, found.reason
    assert found.evidence[0].ran


@pytest.mark.parametrize(
    ("how", "old", "new", "said"),
    [
        ("raises", '"message": seen}', '"message": ""}', "nothing says what is missing"),
        ("malformed", "isinstance(found[0], dict) and found[0].get", "found[0].get", "traceback"),
        ("no_result", '"error: the carrier cannot be asked"', '"on its way"', "as if nothing"),
    ],
)
def test_who_crashes_or_pretends_does_not(
    how: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    found = _tried(tmp_path, how, smallagent.changed(AGENT, old, new))
    assert found.answer in (Answer.NO, Answer.PARTIAL)
    assert said in found.reason


def test_a_tool_that_comes_back_is_used(tmp_path: Path) -> None:
    with smallagent.opened(tmp_path) as bench:
        assert tooling.recovers(bench).answer is Answer.YES


def test_who_tries_once_does_not_use_it(tmp_path: Path) -> None:
    once = smallagent.changed(AGENT, "for _ in range(3):", "for _ in range(1):")
    with smallagent.opened(tmp_path, once) as bench:
        found = tooling.recovers(bench)
    assert found.answer is Answer.NO
    assert "third try" in found.reason


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('look = "desk.tools:look"\nunused = "desk.tools:unused"\n', "", NotDeclared),
        ('look = "desk.tools:look"\n', "", ControlFailed),
    ],
)
def test_without_a_tool_that_is_called_nobody_is_accused(
    old: str, new: str, problem: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(problem):
        _tried(tmp_path, "raises", smallagent.changed("scaffold.toml", old, new))


def _tried(folder: Path, how: str, changes: Mapping[str, str | None] | None = None) -> Reading:
    with smallagent.opened(folder, changes) as bench:
        return tooling.survives(bench, how)
