"""Trials are rows; what is told of them follows; a broken system is seen to be one."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

from scaffolder.review.coding import repeats


def trials(k: int = 3, n: int = 12, bad: int = 0, readme: str = "") -> dict[str, Any]:
    """`bad` items of `n` fail in their last trial."""
    rows = [
        {"id": f"q{i}", "system": "a", "trial": t, "grades": {"facts": float(t < k or i >= bad)}}
        for t in range(1, k + 1)
        for i in range(n)
    ]
    text = "".join(json.dumps(r) + "\n" for r in rows)
    return {"evals/results/a.jsonl": text, "README.md": f"# Desk\n\n{readme}\n"}


def test_pass_hat_and_pass_at_are_those_of_their_papers() -> None:
    assert repeats.all_of([(2, 4)], 2) == pytest.approx(1 / 6)
    assert repeats.any_of([(2, 4)], 2) == pytest.approx(5 / 6)
    assert repeats.all_of([(3, 3), (0, 3)], 3) == 0.5


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [(trials(), "yes"), (trials(2), "no"), (trials(n=4), "partial"), ({}, "no")],
)
def test_three_trials_of_each_item(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    assert ask("variance.trials_kept", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (trials(bad=3, readme="Facts 0.92, pass^3 0.75."), "yes"),
        (trials(bad=3, readme="Facts 0.92, pass^3 0.92."), "no"),
        (trials(bad=3, readme="Between runs facts spread by 0.14 (sd)."), "yes"),
        (trials(bad=3, readme="Between runs facts spread by 0.03 (sd)."), "partial"),
        (trials(bad=3, readme="Three trials gave the same."), "partial"),
        (trials(readme="Three trials gave the same."), "yes"),
        (trials(readme="Facts are 1.00."), "partial"),
        (trials(1, readme="Over three trials the spread is 0.02."), "no"),
    ],
)
def test_what_is_told_follows(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("variance.told_rightly", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


BOOT = {"evals/stats.py": "def bootstrap(values):\n    return values\n"}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({**BOOT, "README.md": "# D\n\nAccuracy 0.81 [0.70, 0.90].\n"}, "yes"),
        ({"README.md": "# D\n\nAccuracy 0.81 [0.70, 0.90].\n"}, "partial"),
        (BOOT, "partial"),
        (trials(), "partial"),
        (trials(bad=3, readme="Over 3 trials pass^3 is 0.75."), "yes"),
        ({"README.md": "# D\n\nAccuracy 0.81.\n"}, "no"),
    ],
)
def test_the_fact_wants_repeats_or_intervals(
    tree: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    reading = ask("variance.reported", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


DECLARED = "[breaks]\na=[]\nb=[]\nc=[]\nd=[]\ne=[]\n[no_ops]\nf=[]\ng=[]\n"


def change(name: str, after: float, expected: str = "falls", **more: object) -> dict[str, Any]:
    return {"change": name, "expected": expected, "before": 0.8, "after": after, "n": 50, **more}


def changes(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"evals/sanity.jsonl": "".join(json.dumps(r) + "\n" for r in rows)}


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (change("constant", 0.1), "yes"),
        (change("constant", 0.75), "no"),
        (change("constant", 0.6, ci=[-0.3, -0.1]), "yes"),
        (change("constant", 0.6, ci=[-0.3, 0.1]), "no"),
        (change("constant", 0.6, ci=[-0.9, -0.7]), "no"),
        (change("renamed", 0.8, "same"), "yes"),
        (change("leak", 1.0, "rises"), "yes"),
        (change("leak", 0.7, "rises"), "no"),
        (change("renamed", 0.5, "unchanged"), "no"),
        (change("renamed", 0.99, "no-op"), "no"),
        (change("renamed", 0.8, ""), "no"),
    ],
)
def test_scores_move_as_they_have_to(row: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("sanity.moved", changes(row), tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_a_break_moves_one_of_the_metrics_and_no_op_none(tmp_path: Path) -> None:
    other = {"metric": "tone"}
    broken = changes(change("constant", 0.1), change("constant", 0.8, **other))
    touched = changes(change("renamed", 0.8, "stays"), change("renamed", 0.1, "stays", **other))
    assert ask("sanity.moved", broken, tmp_path / "a").answer.value == "yes"
    assert ask("sanity.moved", touched, tmp_path / "b").answer.value == "no"


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"evals/sabotage.toml": DECLARED}, "yes"),
        ({"evals/sabotage.yml": "breaks: [a, b, c, d, e]\nno_ops: [f, g]\n"}, "yes"),
        ({"evals/sabotage.yml": "breaks: [a, b, c, d, e]\nno_ops: [f]\n"}, "partial"),
        (changes(*(change(f"c{n}", 0.1) for n in range(9))), "partial"),
        (changes(change("constant", 0.1)), "no"),
        ({}, "no"),
    ],
)
def test_five_breaks_and_two_that_change_nothing(
    tree: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    reading = ask("sanity.declared", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason
