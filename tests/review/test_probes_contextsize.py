"""How many passages, and what near misses do."""

import json
from pathlib import Path

import pytest
from asked import ask


def rows(n: int = 10, **fields: object) -> str:
    return "".join(json.dumps({"id": f"q{i}", **fields}) + "\n" for i in range(n))


RANKS = rows(system="dense", label_ranks=[4], ranked=list("abcdefghij"))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("recall@3 0.00, recall@5 1.00, recall@10 1.00: k = 5, since ten cost more.", "yes"),
        ("recall@3 0 %, recall@5 100%, recall@10 100 %: top-k 5, because ten cost more.", "yes"),
        ("recall@3 0.40, recall@5 1.00, recall@10 1.00: k = 5, since ten cost more.", "partial"),
        ("recall@5 1.00: k = 5, since ten cost more.", "no"),
    ],
)
def test_the_curve_is_what_the_ranks_give(text: str, answer: str, tmp_path: Path) -> None:
    tree = {"README.md": f"# Desk\n{text}\n", "evals/results/dense.jsonl": RANKS}
    assert ask("contextsize.curve", tree, tmp_path).answer == answer


def test_recall_beyond_the_end_of_the_lists_is_not_computed(tmp_path: Path) -> None:
    short = rows(system="dense", label_ranks=[None], ranked=["a", "b", "c", "d", "e"])
    found = ask("contextsize.curve", {"evals/results/dense.jsonl": short}, tmp_path)
    assert "recall@5" in found.reason
    assert "recall@10" not in found.reason


@pytest.mark.parametrize(
    ("first", "second", "answer", "waits_for"),
    [
        ({"model": "m"}, {"model": "m", "distractors": 5}, "yes", ""),
        ({"model": "m", "k": 3}, {"model": "m", "k": 10}, "yes", ""),
        ({"model": "m"}, {"model": "m"}, "partial", ""),
        ({"model": "m"}, {"model": "another", "distractors": 5}, "partial", ""),
        ({"model": "m"}, {"model": "m", "distractors": 5, "split": "dev"}, "partial", ""),
        ({"status": "answered"}, {"status": "answered", "distractors": 5}, "unknown", "model"),
        ({}, {}, "unknown", "model"),
    ],
)
def test_the_same_model_is_asked_with_and_without(
    first: dict[str, object],
    second: dict[str, object],
    answer: str,
    waits_for: str,
    tmp_path: Path,
) -> None:
    text = rows(system="a", accuracy=1, **first) + rows(system="a", accuracy=0, **second)
    found = ask("contextsize.stressed", {"evals/results/a.jsonl": text}, tmp_path)
    assert (found.answer, found.waits_for) == (answer, waits_for)


def test_the_grade_of_the_answers_is_compared_and_not_that_of_the_declined(tmp_path: Path) -> None:
    usual = {"system": "top-5", "k": 5, "status": "answered"}
    moved = {"system": "passages of another question", "status": "refused"}
    declined = {"fact_accuracy": 0, "abstention_precision": 0, "citation_precision": 0}
    text = rows(12, **usual, grades={"fact_accuracy": 1, "citation_precision": 1})
    text += rows(10, **usual, split="dev", grades=declined)
    text += rows(12, **moved, grades=declined) + rows(10, **moved, split="dev", grades=declined)
    text += rows(40, system="top-3", k=3, status="answered", grades={"fact_accuracy": 1})
    found = ask("contextsize.stressed", {"evals/results/depth.jsonl": text}, tmp_path)
    told = "fact_accuracy 0.55 without and 0.00 with (passages of another question), over 22 shared"
    assert told in found.reason


def test_a_row_that_says_none_names_no_model(tmp_path: Path) -> None:
    row = {"system": "a", "status": "answered", "model": "none (baseline)", "accuracy": 1}
    text = rows(**row) + rows(**row, distractors=5)
    found = ask("contextsize.stressed", {"evals/results/a.jsonl": text}, tmp_path)
    assert (found.answer, found.waits_for) == ("unknown", "model")
