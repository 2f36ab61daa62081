"""Nothing is retrieved: who declines passes, who answers or crashes does not."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scaffolder.review.behaviour import retrieval
from scaffolder.review.behaviour.model import ControlFailed, NotDeclared
from scaffolder.review.model import Answer, Reading
from tests.review.behaviour import smallrag

CODE = "src/rag/__init__.py"
DECLINES = '{"status": "refused", "answer": ""'


def test_who_declines_passes(tmp_path: Path) -> None:
    found = _tried(tmp_path)
    assert found.answer is Answer.YES, found.reason
    assert found.evidence[0].ran


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (DECLINES, '{"status": "answered", "answer": "100"', "it answers all the same"),
        ("if not found:", "if found is None:", "a traceback reaches the user"),
    ],
)
def test_who_answers_from_nothing_or_crashes_fails(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    found = _tried(tmp_path, smallrag.changed(CODE, old, new))
    assert found.answer is Answer.NO
    assert said in found.reason
    assert found.evidence[0].ran


def test_who_prints_nothing_is_looked_at_by_hand(tmp_path: Path) -> None:
    silent = smallrag.changed(
        CODE, f"        return {DECLINES}", f"        raise SystemExit(0)\n        {DECLINES}"
    )
    assert _tried(tmp_path, silent).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("path", "old", "new", "problem", "why"),
    [
        ("scaffold.toml", 'search = "rag:search"', "", NotDeclared, "no `retriever`"),
        (
            "scaffold.toml",
            '"rag:search"',
            '"rag:graded"',
            ControlFailed,
            "does not call rag:graded",
        ),
        ("scaffold.toml", '"rag:search"', '"rag.x:search"', ControlFailed, "did not load rag.x"),
        (CODE, "print(json.dumps(answer(given[-1])))", "print('100')", NotDeclared, "no JSON"),
        (CODE, "print(json.dumps(", "assert 0; print((", ControlFailed, "ended with 1"),
    ],
)
def test_without_a_retriever_or_a_demo_that_works_nobody_is_accused(
    path: str, old: str, new: str, problem: type[Exception], why: str, tmp_path: Path
) -> None:
    with pytest.raises(problem, match=why):
        _tried(tmp_path, smallrag.changed(path, old, new))


def _tried(folder: Path, changes: Mapping[str, str | None] | None = None) -> Reading:
    with smallrag.opened(folder, changes) as bench:
        return retrieval.nothing_is_declined(bench)
