"""Rows that no run has made are noticed, and nobody's export is taken for one of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from numbered import FILES, GOLDEN, edit, read, rows, write, write_rows

from scaffolder.review.model import Answer


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    write_rows(tmp_path, rows())
    return tmp_path


def test_rows_of_a_run_raise_no_doubt(project: Path) -> None:
    assert read(project).answer is Answer.YES, read(project).reason


def test_grades_alone_cannot_be_graded_again(project: Path) -> None:
    write_rows(project, rows(answer=None, question="?", expected="yes", status="answered"))
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "hold grades, and nothing that was answered or found" in found.reason


@pytest.mark.parametrize(
    "returned",
    [
        {"respuesta": "sí"},
        {"retrieved_contexts": ["Six weeks."]},
        {"label_ranks": [1]},
        {"prediction": 3},
        {"messages": [{"role": "assistant"}]},
    ],
)
def test_whatever_a_system_returned_is_enough(project: Path, returned: dict[str, Any]) -> None:
    write_rows(project, rows(**{"answer": None, **returned}))
    assert read(project).answer is Answer.YES, read(project).reason


def test_questions_that_have_no_row_are_counted(project: Path) -> None:
    more = {"id": "q99", "split": "test", "question": "?", "relevant": []}
    dev = {"id": "q98", "split": "dev", "question": "?", "relevant": []}
    write(project, {GOLDEN: FILES[GOLDEN] + json.dumps(more) + "\n" + json.dumps(dev) + "\n"})
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "no row for 1 of the 13 questions of those kinds in the golden set, such as q99" in (
        found.reason
    )


def test_a_row_of_no_golden_question_is_named(project: Path) -> None:
    write(project, {GOLDEN: "".join(FILES[GOLDEN].splitlines(keepends=True)[:-1])})
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "line 12, is of a question that the golden set does not have" in found.reason


def test_rows_that_name_their_questions_otherwise_are_let_be(project: Path) -> None:
    write_rows(project, [{**row, "id": f"run-{n}"} for n, row in enumerate(rows())])
    assert read(project).answer is Answer.YES, read(project).reason


def test_a_question_that_was_changed_after_the_run_is_named(project: Path) -> None:
    import hashlib

    asked = [json.loads(line) for line in FILES[GOLDEN].splitlines()]
    prints = [
        hashlib.sha256(json.dumps(q, sort_keys=True).encode()).hexdigest()[:12] for q in asked
    ]
    made = [{**row, "question": p} for row, p in zip(rows(), prints, strict=True)]
    write_rows(project, made)
    assert read(project).answer is Answer.YES, read(project).reason
    edit(project, GOLDEN, '"11?"', '"Eleven?"')
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "has with other words or labels" in found.reason


def test_a_row_that_stands_twice_is_named(project: Path) -> None:
    write_rows(project, [*rows(), rows()[5]])
    edit(project, "scaffold.toml", "0.75\nn = 12", "0.769\nn = 13")
    write(project, {"README.md": "# Desk\n\nThe accuracy of model is 0.77, n = 13.\n"})
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "line 13 of evals/results/model.jsonl is line 6 again" in found.reason


def test_a_document_that_the_corpus_does_not_have_is_named(project: Path) -> None:
    write_rows(project, rows(ranked=[["leave.md", "1"], ["leave.md", "2"], ["made-up.md", "3"]]))
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "found made-up.md, and data/corpus has no such document" in found.reason
    write_rows(project, rows(ranked=[["elsewhere/a.md", "1"], ["elsewhere/b.md", "1"]]))
    assert read(project).answer is Answer.YES, read(project).reason


@pytest.mark.parametrize(("time", "answer"), [(812.0, Answer.PARTIAL), (0.1, Answer.YES)])
def test_equal_times_are_a_sign_where_a_clock_could_tell_them(
    project: Path, time: float, answer: Answer
) -> None:
    write_rows(project, [{**row, "latency_ms": time} for row in rows()])
    assert read(project).answer is answer
