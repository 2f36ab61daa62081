"""Retrieval is measured: ranks are worked out from what was found, and never believed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asked import ask

QUESTIONS = {"rows": 60, "row": {"id": "q{n}", "question": "what is {n}?", "doc_id": "d{n}"}}
CONFIG = "[retrieval]\nk = 2\n"


def tree(**row: object) -> dict[str, Any]:
    kept = {"id": "q{n}", "system": "lexical", **row}
    rows = {"rows": 60, "row": kept}
    return {"evals/golden.jsonl": QUESTIONS, "evals/results/a.jsonl": rows, "config.toml": CONFIG}


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"retrieved": "d0, d{n}"}, "yes"),
        ({"retrieved": "d0, d{n}", "recall@2": 1.0, "mrr@10": 0.5}, "yes"),
        ({"retrieved": "d0, d{n}", "hit_rate": 1, "ndcg_10": 0.63}, "yes"),
        ({"retrieved": "d0, d{n}", "mrr@10": 0.8}, "no"),
        ({"retrieved": "d0, d9999", "hit": 1}, "no"),
        ({"retrieved": "d0, d{n}", "label_ranks": [1]}, "no"),
        ({"retrieved": "d0, d{n}", "label_ranks": [2, 1]}, "no"),
        ({"label_ranks": [2]}, "partial"),
        ({"retrieved": "d{n}"}, "partial"),
        ({"answer": "so"}, "no"),
    ],
)
def test_a_grade_follows_from_the_list(
    row: Mapping[str, object], wanted: str, tmp_path: Path
) -> None:
    reading = ask("ranking.recomputed", tree(**row), tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_the_figures_are_ours(tmp_path: Path) -> None:
    reading = ask("ranking.recomputed", tree(retrieved="d0, d{n}"), tmp_path)
    assert "recall@2, mrr@10, ndcg@10: lexical 1.00, 0.50, 0.63 (n = 60)" in reading.reason


def test_the_row_that_contradicts_is_quoted(tmp_path: Path) -> None:
    reading = ask("ranking.recomputed", tree(retrieved="d0", **{"hit": 1}), tmp_path)
    assert (reading.evidence[0].path, reading.evidence[0].line) == ("evals/results/a.jsonl", 1)
    assert "its hit is 1, and its ranks give 0" in reading.reason


def test_a_question_is_found_by_its_text_where_the_row_has_no_id(tmp_path: Path) -> None:
    rows = {"rows": 60, "row": {"question": "what is {n}?", "method": "bm25", "hits": "d{n}, d0"}}
    made = {"evals/golden.jsonl": QUESTIONS, "results/runs.jsonl": rows, "config.toml": CONFIG}
    assert ask("ranking.recomputed", made, tmp_path).answer.value == "yes"


def test_labels_in_the_rows_of_a_run_count(tmp_path: Path) -> None:
    row = {"question": "what is {n}?", "gold_doc_id": "d{n}", "retrieved_ids": "d0, d{n}"}
    made = {"evals/runs.jsonl": {"rows": 60, "row": row}, "config.toml": CONFIG}
    assert ask("ranking.recomputed", made, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(("count", "wanted"), [(60, "yes"), (20, "partial"), (5, "no")])
def test_fifty_labelled_questions_are_asked_for(count: int, wanted: str, tmp_path: Path) -> None:
    made = {"evals/golden.jsonl": {**QUESTIONS, "rows": count}}
    assert ask("ranking.labelled", made, tmp_path).answer.value == wanted


def test_words_that_are_in_no_document_are_no_labels(tmp_path: Path) -> None:
    label = {"source": "a.md", "quote": "never written"}
    row = {"id": "q{n}", "question": "what is {n}?", "relevant": [label]}
    made = {"evals/golden.jsonl": {"rows": 60, "row": row}, "data/a.md": "Something else."}
    assert ask("ranking.labelled", made, tmp_path).answer.value == "no"


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"tests/test_m.py": "def test_it():\n    assert recall_at([1], 5) == 1.0\n"}, "yes"),
        ({"tests/test_m.py": "def test_it():\n    recall_at([1], 5)\n    assert True\n"}, "no"),
        ({"src/m.py": "def mrr(ranks):\n    return 1 / ranks[0]\n"}, "partial"),
        ({"src/m.py": "from ranx import evaluate\n"}, "yes"),
        ({"src/mrr.test.ts": "expect(recallAt([1], 5)).toBe(1)\n"}, "yes"),
        ({"README.md": "# A\n\nRecall and MRR are computed and tested.\n"}, "no"),
    ],
)
def test_a_metric_is_tried_by_a_test(files: Mapping[str, str], wanted: str, tmp_path: Path) -> None:
    assert ask("ranking.metrics_tested", files, tmp_path).answer.value == wanted


def test_questions_that_were_measured_and_are_gone_are_counted(tmp_path: Path) -> None:
    golden, results = "evals/golden.jsonl", "evals/results/a.jsonl"
    now = {**tree(retrieved="d0, d{n}"), "scaffold.toml": f'[paths]\ngolden = "{golden}"\n'}
    more, ran = {**QUESTIONS, "rows": 64}, {**now[results], "rows": 62}
    then = {"message": "measure", "days_ago": 2, "files": {golden: more, results: ran}}
    found = ask("ranking.labelled", {**now, "commits": [then]}, tmp_path)
    assert found.answer == "yes"
    assert "2 questions that were measured before are not in the set any more" in found.reason
