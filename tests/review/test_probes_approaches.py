"""Two ways to search on the same questions, and what ships: honest bad news counts as much."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

FIRST, SECOND = "d{n}, d0", "d0, d{n}"


def rows(system: str, found: str, count: int = 60, **more: object) -> dict[str, Any]:
    return {"rows": count, "row": {"id": "q{n}", "system": system, "retrieved": found, **more}}


def tree(lexical: str, hybrid: str, ships: str = "lexical", **more: object) -> dict[str, Any]:
    return {
        "evals/golden.jsonl": {
            "rows": 60,
            "row": {"id": "q{n}", "question": "what is {n}?", "doc_id": "d{n}"},
        },
        "evals/results/lexical.jsonl": rows("lexical", lexical, **more),
        "evals/results/hybrid.jsonl": rows("hybrid", hybrid, **more),
        "config.toml": f'[retrieval]\nretriever = "{ships}"\nk = 1\n',
    }


def test_the_difference_is_paired_and_ours(tmp_path: Path) -> None:
    reading = ask("approaches.compared", tree(SECOND, FIRST, "hybrid"), tmp_path)
    assert reading.answer.value == "yes"
    assert "hybrid minus lexical, recall@1: +1.000" in reading.reason
    assert "over 60 shared questions" in reading.reason


@pytest.mark.parametrize("ships", ["lexical", "hybrid"])
def test_the_better_one_may_be_either(ships: str, tmp_path: Path) -> None:
    found = (FIRST, SECOND) if ships == "lexical" else (SECOND, FIRST)
    assert ask("approaches.winner_ships", tree(*found, ships), tmp_path).answer.value == "yes"


def test_the_loser_needs_a_record(tmp_path: Path) -> None:
    assert ask("approaches.winner_ships", tree(SECOND, FIRST), tmp_path).answer.value == "no"


def test_a_difference_is_clear_by_interval_and_sign_test(tmp_path: Path) -> None:
    better = rows("hybrid", FIRST, 5)
    same = [{"id": f"q{n}", "system": "hybrid", "retrieved": f"d0, d{n}"} for n in range(6, 61)]
    made = tree(SECOND, SECOND)
    made["evals/results/hybrid.jsonl"] = "".join(json.dumps(row) + "\n" for row in same)
    made["evals/results/hybrid-more.jsonl"] = better
    found = ask("approaches.winner_ships", made, tmp_path)
    assert found.answer.value == "partial"
    assert "could be noise" in found.reason


def test_a_sweep_over_other_chunks_is_no_rival_of_what_ships(tmp_path: Path) -> None:
    sweep = rows("90/15 hybrid", FIRST)
    made = {**tree(FIRST, SECOND), "evals/results/sweep.jsonl": sweep}
    assert ask("approaches.winner_ships", made, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("docs/adr/0001-words.md", "Hybrid won.\nLexical ships, as it is cheaper.\n", "yes"),
        ("docs/adr/0001-words.md", "Hybrid won.\nLexical ships.\n", "no"),
        ("docs/adr/0001-words.draft.md", "Hybrid won. Lexical is cheaper.\n", "no"),
        ("README.md", "Lexical ships, not hybrid, as it is cheaper.\n", "partial"),
    ],
)
def test_a_record_names_both_and_a_reason(
    path: str, text: str, wanted: str, tmp_path: Path
) -> None:
    made = {**tree(SECOND, FIRST), path: text}
    assert ask("approaches.winner_ships", made, tmp_path).answer.value == wanted


def test_a_copy_under_another_name_is_no_second_way(tmp_path: Path) -> None:
    reading = ask("approaches.compared", tree(FIRST, FIRST), tmp_path)
    assert reading.answer.value == "no"
    assert "copy" in reading.reason


def test_what_ships_is_read_from_code_outside_of_the_evaluation(tmp_path: Path) -> None:
    made = tree(SECOND, FIRST)
    made["config.toml"] = ""
    made["app/rag.py"] = "def answer(q):\n    return hybrid_search(q, limit=5)\n"
    made["evaluation/run.py"] = "def run(q):\n    return bm25_search(q)\n"
    reading = ask("approaches.winner_ships", made, tmp_path)
    assert reading.answer.value == "yes", reading.reason
    assert reading.evidence[0].path == "app/rag.py"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("data/eval_retrieval.csv", "method,hit_rate,mrr\nbm25,0.61,0.44\nhybrid,0.78,0.61\n"),
        ("README.md", "| way | MRR |\n|---|---|\n| BM25 | 0.44 |\n| vector | 0.61 |\n"),
        ("notebooks/a.py", "mrr = run(bm25_search)\nbm25_search(q)\nvector_search(q)\n"),
    ],
)
def test_figures_without_rows_are_a_part(path: str, text: str, tmp_path: Path) -> None:
    assert ask("approaches.compared", {path: text}, tmp_path).answer.value == "partial"


def test_the_time_of_each_stands_in_its_rows(tmp_path: Path) -> None:
    timed = ask("approaches.latency_beside", tree(FIRST, SECOND, latency_ms=4.0), tmp_path / "a")
    untimed = ask("approaches.latency_beside", tree(FIRST, SECOND), tmp_path / "b")
    assert (timed.answer.value, untimed.answer.value) == ("yes", "partial")
    assert "hybrid 4.0 ms" in timed.reason
