"""Kinds of questions are known by labels and words, and by name only where nothing else is."""

from pathlib import Path
from typing import Any

import pytest
from asked import ask

A = {"source": "a.md", "quote": "Parental leave lasts sixteen weeks"}
B = {"source": "b.md", "quote": "Offices open at nine"}


def questions(path: str, text: str, *labels: object, slice: str = "") -> dict[str, Any]:
    row = {"id": f"{path}{{n}}", "question": text, "slice": slice, "relevant": list(labels)}
    return {f"evals/golden/{path}.jsonl": {"rows": 8, "row": row}}


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (questions("p", "may a father stay home {n} days?", A), "reworded 8"),
        (questions("p", "how long does parental leave last {n}?", A), "reworded 0"),
        (questions("p", "parental leave weeks {n}", A, slice="paraphrase"), "reworded 0"),
        (questions("p", "what about {n}?", A, B), "of several documents 8"),
        (questions("p", "what about {n}?", A, {**A, "source": "c.md"}), "of several documents 0"),
        (questions("p", "what about {n}?", A, slice="multi-hop"), "of several documents 0"),
        (questions("p", "what about {n}?", A, slice="exact-name"), "exact identifier 8"),
        (questions("p", "which rate {n}?", A, slice="superseded"), "ambiguous 8"),
        (questions("p", "who won {n}?"), "not in the corpus 8"),
        (questions("p", "who won {n}?", A, slice="out-of-corpus"), "not in the corpus 0"),
    ],
)
def test_a_kind_is_what_a_question_is(made: dict[str, Any], told: str, tmp_path: Path) -> None:
    plain = questions("z", "leave lasts weeks {n}", A)
    reading = ask("slices.hard_in_known_ways", {**plain, **made}, tmp_path)
    assert told in reading.reason


def test_an_identifier_is_one_that_the_document_has(tmp_path: Path) -> None:
    made = questions("p", "what does E-23 mean, case {n}?", {"source": "a.md", "quote": "A fault"})
    with_it = {**made, "data/a.md": "E-23: A fault."}
    without = {**made, "data/a.md": "A fault."}
    found = ask("slices.hard_in_known_ways", with_it, tmp_path / "a")
    missing = ask("slices.hard_in_known_ways", without, tmp_path / "b")
    assert "exact identifier 8" in found.reason
    assert "exact identifier 0" in missing.reason


def test_the_mean_overlap_is_told(tmp_path: Path) -> None:
    reading = ask("slices.hard_in_known_ways", questions("p", "parental holidays", A), tmp_path)
    assert "50% of a question's words stand in its passage" in reading.reason


@pytest.mark.parametrize(
    ("system", "found", "wanted"),
    [
        ("bm25", [["a.md", "c1"]], "no"),
        ("bm25", [["b.md", "c1"]], "yes"),
        ("dense", [["b.md", "c1"]], "partial"),
    ],
)
def test_a_search_by_words_must_miss_some(
    system: str, found: object, wanted: str, tmp_path: Path
) -> None:
    rows = {"rows": 8, "row": {"id": "p{n}", "system": system, "ranked": found}}
    made = {**questions("p", "what about {n}?", A), "evals/results/a.jsonl": rows}
    assert ask("slices.words_do_not_suffice", made, tmp_path).answer.value == wanted


def test_a_question_counts_once_in_the_setting_that_ships(tmp_path: Path) -> None:
    made = {**questions("p", "what about {n}?", A)}
    for name in ("lexical", "90/15 lexical", "360/60 lexical"):
        row = {"id": "p{n}", "system": name, "ranked": [["z.md", name]]}
        made[f"evals/results/{name.replace('/', '-')}.jsonl"] = {"rows": 8, "row": row}
    assert "over 8 questions" in ask("slices.words_do_not_suffice", made, tmp_path).reason
