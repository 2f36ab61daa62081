"""Both rates of declining, from rows, whatever the fields are called."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asked import ask

LABEL = {"relevant": [{"source": "a.md"}]}
WITHIN = [{"id": f"w{n}", "question": f"How long is {n}?", **LABEL} for n in range(20)]
BEYOND = [{"id": f"b{n}", "question": f"Who is {n}?", "relevant": []} for n in range(15)]


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def _tree(answered: Mapping[str, Any], declined: Mapping[str, Any]) -> dict[str, Any]:
    """Rows that answer every question within and decline every one beyond."""
    rows = [{"id": q["id"], "system": "rag", **answered} for q in WITHIN]
    rows += [{"id": q["id"], "system": "rag", **declined} for q in BEYOND]
    return {
        "evals/questions.jsonl": _lines([*WITHIN, *BEYOND]),
        "evals/results/rag.jsonl": _lines(rows),
    }


@pytest.mark.parametrize(
    ("answered", "declined"),
    [
        ({"status": "answered", "answer": "30 days"}, {"status": "refused", "answer": None}),
        ({"answer": "30 days", "abstained": False}, {"answer": "", "abstained": True}),
        ({"response": "30 days", "refused": 0}, {"response": "I cannot say.", "refused": 1}),
        ({"response": "It is 30 days."}, {"response": "I don't know."}),
        ({"output": "30 Tage."}, {"output": "Dazu enthalten die Dokumente keine Angaben."}),
        (
            {"answer": "30 天。", "contexts": ["a"]},
            {"answer": "资料中没有提到。", "contexts": ["a"]},
        ),
    ],
)
def test_a_refusal_is_known_by_status_flag_or_words(
    answered: Mapping[str, Any], declined: Mapping[str, Any], tmp_path: Path
) -> None:
    reading = ask("declining.recomputed", _tree(answered, declined), tmp_path)
    assert reading.answer.value == "yes", reading.reason
    assert "answered 0 of 15 questions" in reading.reason
    assert "declined 0 of 20" in reading.reason


def test_bad_rates_are_as_good_as_good_ones(tmp_path: Path) -> None:
    tree = _tree({"status": "refused"}, {"status": "answered", "answer": "Ann."})
    reading = ask("declining.recomputed", tree, tmp_path)
    assert reading.answer.value == "yes"
    assert "answered 15 of 15 questions" in reading.reason


@pytest.mark.parametrize(
    "odd",
    [
        {"status": "refused", "citations": [{"source": "a.md", "quote": "thirty days"}]},
        {
            "status": "refused",
            "answer": "The head of the office is Ann Lee since the third of May.",
        },
    ],
)
def test_a_refusal_holds_no_answer(odd: dict[str, Any], tmp_path: Path) -> None:
    reading = ask(
        "declining.recomputed", _tree({"status": "answered", "answer": "30"}, odd), tmp_path
    )
    assert reading.answer.value == "no"
    assert reading.evidence[0].line == 21


def test_a_failed_row_is_neither_and_is_missed(tmp_path: Path) -> None:
    tree = _tree({"status": "answered", "answer": "30"}, {"status": "failed", "answer": "x"})
    assert ask("declining.recomputed", tree, tmp_path).answer.value == "no"


@pytest.mark.parametrize(
    ("readme", "wanted"),
    [
        ("It answered 0 of 15 unanswerable questions and declined 0 of 20 answerable ones.", "yes"),
        ("False answer rate: 0 %. False refusal rate: 0.0 %.", "yes"),
        ("| | false answers | over-refusal |\n|---|---|---|\n| rag | 0.00 | 0/20 |", "yes"),
        ("| system | abstention recall |\n|---|---|\n| rag | 1.00 |", "partial"),
        ("False answer rate: 7 %. False refusal rate: 30 %.", "partial"),
        ("It declines when it does not know.", "no"),
    ],
)
def test_both_rates_are_given_as_the_rows_have_them(
    readme: str, wanted: str, tmp_path: Path
) -> None:
    tree = _tree({"status": "answered", "answer": "30"}, {"status": "refused"})
    reading = ask("declining.reported", {**tree, "README.md": f"# Loans\n\n{readme}\n"}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"question": "Who is {n}?", "answerable": False}, "yes"),
        ({"question": "Who is {n}?", "expected_answer": "I don't know", "category": "x"}, "yes"),
        ({"question": "Who is {n}?", "expected_answer": "no one", "slice": "out-of-scope"}, "yes"),
        ({"question": "Who is {n}?", "expected_answer": "Ann", "category": "people"}, "no"),
    ],
)
def test_questions_without_an_answer_are_known(
    row: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    tree = {"evals/questions.jsonl": {"rows": 15, "row": row}}
    assert ask("declining.asked_beyond", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(("slice", "wanted"), [("out-of-corpus", "yes"), ("food", "no")])
def test_a_slice_may_say_that_the_corpus_does_not_answer(
    slice: str, wanted: str, tmp_path: Path
) -> None:
    row = {"question": "Who bakes {n}?", "expected_answer": "Ann.", "category": slice}
    tree = {"evals/questions.jsonl": {"rows": 15, "row": row}}
    assert ask("declining.asked_beyond", tree, tmp_path).answer.value == wanted


def test_a_question_that_another_file_asks_again_counts_once(tmp_path: Path) -> None:
    tree = _tree({"status": "answered", "answer": "30 days"}, {"status": "refused"})
    again = [{"id": q["id"], "system": "rag", "status": "refused", "latency_ms": 9} for q in BEYOND]
    tree["evals/results/latency.jsonl"] = _lines([*again, {**again[0], "id": "w0"}])
    reason = ask("declining.recomputed", tree, tmp_path).reason
    assert "answered 0 of 15 questions" in reason
    assert "declined 0 of 20" in reason
