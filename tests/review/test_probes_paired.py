"""A comparison is held against its pairs, and its words against both; a gate against its files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from asked import ask

COMPARED = "evals/results/compare/a-b.jsonl"


def pairs(wins: int, losses: int, same: int = 20, /, **summary: object) -> dict[str, Any]:
    both = [(0, 1)] * wins + [(1, 0)] * losses + [(1, 1)] * same
    rows: list[dict[str, Any]] = [
        {"id": f"q{n}", "metric": "facts", "old": old, "new": new}
        for n, (old, new) in enumerate(both)
    ]
    rows += [{"summary": "facts", **summary}] if summary else []
    return {COMPARED: "".join(json.dumps(r) + "\n" for r in rows)}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (pairs(3, 1), "yes"),
        (pairs(3, 1, 0), "partial"),
        (pairs(6, 0, better=6, worse=0, p_value=0.03125), "yes"),
        (pairs(6, 0, better=9), "no"),
        (pairs(6, 0, paired={"p_value": 0.5}), "no"),
        (pairs(6, 0, paired={"difference": 0.5}), "no"),
        ({"comparison.csv": "id,before,after\n" + "".join(f"{n},0,1\n" for n in range(12))}, "yes"),
        ({}, "no"),
    ],
)
def test_pairs_are_kept_and_summed_up_rightly(
    tree: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    reading = ask("paired.kept", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def named(tree: dict[str, Any]) -> dict[str, Any]:
    """The same pairs with the names of both systems in each row."""
    rows = [json.loads(line) for line in tree[COMPARED].splitlines()]
    return {COMPARED: "".join(json.dumps({**r, "systems": ["old", "new"]}) + "\n" for r in rows)}


def test_pairs_are_those_of_the_test_split(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in pairs(6, 0, 10)[COMPARED].splitlines()]
    halves = [{**r, "split": "test" if r["new"] == r["old"] else "dev"} for r in rows]
    tree = {COMPARED: "".join(json.dumps(r) + "\n" for r in halves)}
    assert "over 10 items, 0 better" in ask("paired.kept", tree, tmp_path).reason


@pytest.mark.parametrize(("held", "wanted"), [(0, "yes"), (1, "no")])
def test_pairs_are_those_of_both_systems(held: int, wanted: str, tmp_path: Path) -> None:
    row = {"id": "q0", "system": "a", "grades": {"facts": held}}
    rows = {"evals/results/a.jsonl": {"rows": 1, "row": row}}
    other = {"id": "q0", "system": "b", "grades": {"facts": 1}}
    tree = {**pairs(6, 0), **rows, "evals/results/b.jsonl": {"rows": 1, "row": other}}
    assert ask("paired.kept", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (pairs(3, 1, smallest=0.2), "yes"),
        (pairs(3, 1, needed=200), "yes"),
        ({**pairs(3, 1), "docs/a.md": "# A\n\n400 items would be needed.\n"}, "yes"),
        (pairs(3, 1), "partial"),
    ],
)
def test_what_so_many_items_could_show(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    assert ask("paired.enough_items", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("tree", "told", "wanted"),
    [
        (pairs(3, 1), "Facts improved by 8 points.", "no"),
        (pairs(3, 1), "Facts improved by 8 points, no clear difference.", "yes"),
        (pairs(3, 1), "Facts went from 0.88 to 0.96.", "yes"),
        (pairs(12, 0), "Facts improved by 8 points.", "yes"),
        (pairs(3, 1), "Facts of b: better on 3, worse on 1.", "yes"),
        (named(pairs(3, 1)), "Facts of new improved by 8 points.", "no"),
        (named(pairs(3, 1)), "Facts of another improved by 8 points.", "yes"),
        (pairs(3, 1, words="better"), "", "no"),
        (pairs(3, 1, words="no clear difference"), "", "yes"),
    ],
)
def test_what_chance_explains_is_told_so(
    tree: dict[str, Any], told: str, wanted: str, tmp_path: Path
) -> None:
    reading = ask("paired.worded_rightly", {**tree, "README.md": f"# D\n\n{told}\n"}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def sliced(*means: float) -> dict[str, Any]:
    rows = [
        {"id": f"{s}{n}", "slice": f"kind {s}", "system": "v1", "grades": {"facts": m}}
        for s, m in enumerate(means)
        for n in range(8)
    ]
    return {"evals/results/a.jsonl": "".join(json.dumps(r) + "\n" for r in rows)}


@pytest.mark.parametrize(
    ("means", "told", "wanted"),
    [
        ((1, 0.5), "Facts 0.75; the worst slice, kind 1, has 0.50.", "yes"),
        ((1, 0.5), "## Worst slice\n\nkind 1: 50 %", "yes"),
        ((1, 0.5), "The worst slice is kind 0 with 0.50.", "no"),
        ((1, 0.5), "The worst slice is kind 1 with 0.70.", "partial"),
        ((1, 0.5), "kind 0 has 1.00, kind 1 has 0.50.", "partial"),
        ((1, 0.5), "Facts are 0.75.", "no"),
        ((1,), "The worst slice is kind 0 with 1.00.", "no"),
    ],
)
def test_the_worst_slice_is_named(
    means: Sequence[float], told: str, wanted: str, tmp_path: Path
) -> None:
    tree = {**sliced(*means), "README.md": f"# Desk\n\n{told}\n"}
    reading = ask("worstslice.named_beside_mean", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def workflow(run: str, on: str = "push") -> dict[str, Any]:
    steps = {"steps": [{"run": run}], "runs-on": "x"}
    return {".github/workflows/ci.yml": json.dumps({"on": on, "jobs": {"a": steps}})}


THRESHOLD = {"evals/run_eval.py": "def main(score, min_score):\n    assert score > min_score\n"}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (workflow("python -m desk eval --gate"), "yes"),
        (workflow("npx promptfoo eval"), "yes"),
        ({**workflow("python evals/run_eval.py"), **THRESHOLD}, "yes"),
        (workflow("python evals/run_eval.py"), "partial"),
        (workflow("python -m desk eval --gate || true"), "partial"),
        (workflow("python -m desk eval --gate", "workflow_dispatch"), "partial"),
        (workflow("pytest"), "no"),
        ({}, "no"),
    ],
)
def test_a_drop_fails_ci(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("gating.blocks", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def baseline(n: int) -> str:
    grades = {f"q{i}": {"facts": 1.0, "tone": 0.0} for i in range(n)}
    return json.dumps({"tolerance": 0.02, "systems": {"v1": grades}}, indent=1)


def by_metric(n: int) -> str:
    grades = {m: {f"q{i}": 1.0 for i in range(n)} for m in ("facts", "tone")}
    return json.dumps({"tolerance": 0.02, "systems": {"v1": grades}})


ITEM = {"id": "q{n}", "question": "what does bike {n} cost?", "expected_answer": "14"}
ITEMS = {"evals/questions.jsonl": {"rows": 30, "row": ITEM}}
JUDGED = '[metrics.tone]\ngrader = "judge"\n\n[metrics.facts]\ngrader = "code"\n'


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"evals/baseline.json": baseline(40)}, "yes"),
        ({"evals/baseline.json": baseline(9)}, "partial"),
        ({"evals/baseline.json": baseline(40), "evals/metrics.toml": JUDGED}, "partial"),
        ({"evals/baseline.json": by_metric(40)}, "yes"),
        ({"evals/baseline.json": by_metric(9)}, "partial"),
        ({"evals/thresholds.yml": "facts: 0.9\n"}, "partial"),
        ({"evals/thresholds.yml": "facts: {min: 0.9}\n", **ITEMS}, "yes"),
        ({"evals/results/baseline.jsonl": {"rows": 40, "row": {"id": "q{n}", "facts": 1}}}, "no"),
        ({}, "no"),
    ],
)
def test_a_gate_has_items_and_metrics(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("gating.enough_items", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"evals/baseline.json": baseline(3)}, "yes"),
        ({"config.toml": "[gate]\ntolerance = 0.02\n"}, "yes"),
        ({"config.toml": "[run]\nretries = 3\n"}, "no"),
        ({"docs/gate.md": "# G\n\nThe gate retries a flaky item twice.\n"}, "yes"),
        ({"README.md": "# G\n\nThe gate retries a flaky item twice.\n"}, "partial"),
    ],
)
def test_how_far_a_score_may_fall(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    assert ask("gating.does_not_flake", tree, tmp_path).answer.value == wanted


WHOLE = {
    **{"id": "q{n}", "item": "3f", "trial": 1, "output": "so", "grades": {"facts": 1}},
    **{"usage": {}, "cost_usd": 0, "latency_ms": 1, "prompt": "", "model": "", "commit": "a1"},
}


@pytest.mark.parametrize(
    ("without", "wanted"),
    [((), "yes"), (("commit",), "partial"), (tuple(WHOLE)[1:4] + tuple(WHOLE)[5:], "no")],
)
def test_rows_tell_everything(without: Sequence[str], wanted: str, tmp_path: Path) -> None:
    row = {k: v for k, v in WHOLE.items() if k not in without}
    tree = {"evals/results/a.jsonl": {"rows": 9, "row": row}}
    reading = ask("selfcontained.rows_complete", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ("resume, cache, sha256, estimate", "yes"),
        ("resume, cache, estimate", "partial"),
        ("resume", "partial"),
        ("items", "no"),
    ],
)
def test_a_run_goes_on(names: str, wanted: str, tmp_path: Path) -> None:
    code = f"def run({names}):\n    return [{names}]\n"
    assert ask("selfcontained.resumes", {"src/run.py": code}, tmp_path).answer.value == wanted
