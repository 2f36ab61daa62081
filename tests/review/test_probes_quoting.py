"""Citations looked up: the chunk in the list of its row, the quote in the document."""

from pathlib import Path
from typing import Any

import pytest
from asked import ask

DOCUMENT = "# Terms\n\nA loan is for **thirty\ndays**, and may be renewed once.\n"
CITED = {"source": "terms.md", "chunk_id": "c1", "quote": "a loan is for thirty days"}


def _tree(count: int = 20, **fields: Any) -> dict[str, Any]:
    made = {"id": "q{n}", "system": "rag", "status": "answered", "answer": "Thirty days."}
    made |= {"ranked": [["terms.md", "c1"], ["fees.md", "c2"]], "citations": [CITED]}
    rows = {"rows": count, "row": {**made, **fields}}
    return {"data/corpus/terms.md": DOCUMENT, "evals/results/rag.jsonl": rows}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (_tree(), "yes"),
        (_tree(citations=[{**CITED, "chunk_id": "c9"}]), "no"),
        (_tree(citations=[{**CITED, "quote": "a loan is for sixty days"}]), "no"),
        (_tree(citations=[{**CITED, "quote": "loan"}]), "no"),
        (_tree(citations=[{**CITED, "source": "gone.md"}, CITED]), "no"),
        (_tree(citations=[]), "no"),
        (_tree(status="refused", answer=None), "no"),
        (_tree(ranked=[]), "partial"),
        (_tree(citations=["c1"]), "partial"),
        (_tree(count=19), "partial"),
        (_tree(ranked=[{"chunk_id": "c1", "text": "x"}]), "yes"),
        (_tree(citations='[{"id": 2, "text": "may be renewed once", "file": "terms.md"}]'), "yes"),
    ],
)
def test_what_is_cited_was_retrieved_and_says_so(
    tree: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    reading = ask("quoting.rows_hold", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_one_quote_of_twenty_may_be_missing_and_two_may_not(tmp_path: Path) -> None:
    for number, (lost, wanted) in enumerate([(1, "yes"), (2, "no")]):
        tree = _tree(count=20 - lost)
        wrong = _tree(count=lost, citations=[{**CITED, "quote": "nine weeks at the most"}])
        tree["evals/results/more.jsonl"] = wrong["evals/results/rag.jsonl"]
        folder = tmp_path / str(number)
        folder.mkdir()
        assert ask("quoting.rows_hold", tree, folder).answer.value == wanted


def test_of_documents_that_are_not_here_nothing_is_said(tmp_path: Path) -> None:
    rows = _tree()["evals/results/rag.jsonl"]
    reading = ask("quoting.rows_hold", {"evals/results/rag.jsonl": rows}, tmp_path)
    assert reading.answer.value == "unknown"
    assert not reading.waits_for


CHECK = "def verify_quotes(quotes, passages):\n    return [q for q in quotes if q in passages]\n"
CALL = "from cite import verify_quotes\n\n\ndef answer(q, p):\n    return verify_quotes(q, p)\n"


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"cite.py": CHECK, "answer.py": CALL}, "yes"),
        ({"cite.py": CHECK}, "partial"),
        ({"cite.py": CHECK, "tests/test_cite.py": CALL}, "partial"),
        ({"env.py": "def strip_matching_quotes(v):\n    return v\n"}, "no"),
        ({"README.md": "Quotes are verified.\n"}, "no"),
    ],
)
def test_code_checks_quotes_where_answers_are_made(
    tree: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    assert ask("quoting.checked_in_code", tree, tmp_path).answer.value == wanted
