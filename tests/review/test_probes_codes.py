"""Readings count by output, and by what they say; saturation is of the last twenty."""

from pathlib import Path
from typing import Any

import pytest
from asked import ask

NOTES, LATER = "evals/failures.jsonl", "evals/failures_later.jsonl"
OUTPUTS = {"evals/results/v1.jsonl": {"rows": 80, "row": {"id": "q{n}", "output": "so"}}}


def later(failure: str) -> Any:
    return {"rows": 9, "row": {"id": "z{n}", "note": "mail {n} is wrong", "failure": failure}}


def notes(rows: int = 60, note: str = "mail {n} is wrong", failure: str = "old price") -> Any:
    return {"rows": rows, "row": {"id": "q{n}", "note": note, "failure": failure}}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({NOTES: notes()}, "yes"),
        ({NOTES: notes(30)}, "partial"),
        ({NOTES: notes(10)}, "no"),
        ({NOTES: notes(note="", failure="none")}, "yes"),
        ({NOTES: notes(note="", failure="")}, "no"),
        ({NOTES: notes(note="wrong")}, "partial"),
        ({NOTES: {"rows": 60, "row": {"id": "q1", "note": "mail {n}", "failure": "a"}}}, "no"),
        ({NOTES: notes(90)}, "no"),
    ],
)
def test_fifty_outputs_that_are_there(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("codes.read", {**OUTPUTS, **tree}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_a_sample_of_the_template_gives_way_to_the_authors(tmp_path: Path) -> None:
    sample = {"id": "q{n}", "note": "s {n}", "failure": "a", "origin": "template sample"}
    tree = {"evals/failures_a.jsonl": {"rows": 60, "row": sample}, NOTES: notes(20)}
    assert "20 outputs" in ask("codes.read", {**OUTPUTS, **tree}, tmp_path).reason


@pytest.mark.parametrize(("new", "wanted"), [(1, "yes"), (2, "no"), (20, "no")])
def test_saturation_is_of_the_last_twenty(new: int, wanted: str, tmp_path: Path) -> None:
    late = {"id": "z{n}", "note": "{n}", "failure": "kind {n}"}
    tree = {NOTES: notes(50), "evals/failures_late.jsonl": {"rows": new, "row": late}}
    assert ask("codes.saturated", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("taxonomy", "wanted"),
    [
        ({"t/taxonomy.md": "- **a** (1): so\n- **b** (1): so\n- **c** (1): so\n"}, "yes"),
        ({"t/taxonomy.md": "- **a** (2): so\n- **b** (1): so\n- **c** (1): so\n"}, "no"),
        ({"t/taxonomy.md": "- **a** (1): so\n- **b** (1): so\n"}, "partial"),
        ({"taxonomy.json": '[{"name": "A", "definition": "x", "count": 1}]'}, "partial"),
        ({"taxonomy.yml": "a: so\nb: so\nc: so\n"}, "partial"),
        ({}, "partial"),
    ],
)
def test_names_are_defined_and_counted(
    taxonomy: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    rows = "".join(f'{{"id": "{c}", "note": "n{c}", "failure": "{c}"}}\n' for c in "abc")
    reading = ask("codes.counted", {NOTES: rows, **taxonomy}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({NOTES: notes(9)}, "partial"),
        ({NOTES: notes(9), LATER: later("old price")}, "partial"),
        ({NOTES: notes(9), LATER: later("second")}, "yes"),
        ({"errors/taxonomy.md": "| failure | count |\n|---|---|\n| a | 3 |\n| b | 2 |\n"}, "yes"),
        ({"README.md": "# D\n\n## Where it fails\n\nIt says 2023.\n"}, "partial"),
        ({"README.md": "# D\n\nIt works.\n"}, "no"),
    ],
)
def test_the_fact_wants_names_and_counts(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    assert ask("codes.error_taxonomy", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("failure", "wanted"), [("old price", "yes"), ("old price; other", "no"), ("other", "no")]
)
def test_a_metric_answers_a_failure_that_was_named(
    failure: str, wanted: str, tmp_path: Path
) -> None:
    table = f'[metrics.price]\nfailure = "{failure}"\ndecision = "ship"\n'
    tree = {NOTES: notes(), "evals/metrics.toml": table}
    assert ask("metricmap.mapped", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(("failure", "wanted"), [("old price", "no"), ("retrieval", "yes")])
def test_likeness_is_for_a_search(failure: str, wanted: str, tmp_path: Path) -> None:
    table = f'[metrics.cosine]\nfailure = "{failure}"\ndecision = "ship"\n'
    assert ask("metricmap.no_likeness", {"evals/metrics.toml": table}, tmp_path).answer == wanted
