"""The same model with and without passages; without a model nothing is accused."""

from pathlib import Path
from typing import Any

import pytest
from asked import ask

OPEN = "evals/results/model.jsonl"
CLOSED = "evals/results/closed-book.jsonl"


def rows(grade: float, count: int = 30, **more: object) -> dict[str, Any]:
    row = {"id": "q{n}", "model": "m-1", "answer": "so", "grades": {"accuracy": grade}, **more}
    return {"rows": count, "row": row}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({OPEN: rows(0.9, system="model"), CLOSED: rows(0.4, system="closed-book")}, "yes"),
        ({OPEN: rows(0.5, system="model"), CLOSED: rows(0.4, system="closed-book")}, "no"),
        ({OPEN: rows(0.9, system="model"), CLOSED: rows(0.4, 5, system="no_rag")}, "partial"),
        ({OPEN: rows(0.9, system="model")}, "no"),
        ({OPEN: rows(0.9, 9, system="model", slice="counterfactual")}, "yes"),
        ({OPEN: rows(0.9, 3, system="model", slice="counterfactual")}, "no"),
    ],
)
def test_twenty_points_are_between_the_two(
    tree: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    reading = ask("closedbook.depends_on_passages", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_a_small_gap_that_is_explained_counts(tmp_path: Path) -> None:
    tree = {OPEN: rows(0.5, system="model"), CLOSED: rows(0.4, system="closed-book")}
    tree["docs/notes.md"] = "Closed-book it reaches 0.4, because the manual is public.\n"
    assert ask("closedbook.depends_on_passages", tree, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"evals/results/baseline.jsonl": rows(0.4, system="baseline", model="")},
        {"evals/results/dense.jsonl": rows(0.4, system="dense", answer=None, model="")},
    ],
)
def test_without_a_models_rows_it_waits_for_a_model(tree: dict[str, Any], tmp_path: Path) -> None:
    reading = ask("closedbook.depends_on_passages", tree or {"a.txt": "a"}, tmp_path)
    assert (reading.answer.value, reading.waits_for) == ("unknown", "model")


def test_closed_book_rows_hold_no_passages(tmp_path: Path) -> None:
    closed = rows(0.4, system="closed-book", ranked=[["a.md", "c1"]])
    tree = {OPEN: rows(0.9, system="model"), CLOSED: closed}
    reading = ask("closedbook.depends_on_passages", tree, tmp_path)
    assert (reading.answer.value, reading.evidence[0].path) == ("no", CLOSED)


def test_a_models_name_or_its_tokens_make_it_one(tmp_path: Path) -> None:
    tree = {OPEN: rows(0.9, system="rag", model="", usage={"output_tokens": 12})}
    assert ask("closedbook.depends_on_passages", tree, tmp_path).answer.value == "no"
