"""A judge's errors are corrected by what its rows give; its biases are those of a model."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

JUDGE = {"judge": "model", "model": "m-1"}


def rows(n: int, **row: object) -> dict[str, Any]:
    return {"rows": n, "row": row}


def calibrated(told: str, right: int = 20) -> dict[str, Any]:
    """All 20 passes are found, `right` of 20 fails; the judge passes 3 of 4 outputs."""
    who = {"labeller": "ab", "date": "2026-05-02", "split": "test"}
    both = [(f"{v}{n}", v, n) for v in ("pass", "fail") for n in range(20)]
    said = [{"id": i, "verdict": v if n < right else "pass", **JUDGE} for i, v, n in both]
    labels = [{"id": i, "verdict": v, **who} for i, v, _ in both]
    return {
        "evals/labels.jsonl": "".join(json.dumps(x) + "\n" for x in labels),
        "evals/results/judge/m.jsonl": "".join(json.dumps(x) + "\n" for x in said),
        "evals/metrics.toml": '[metrics.tone]\ngrader = "judge"\n',
        "evals/results/a.jsonl": rows(30, id="q{n}", system="a", grades={"tone": 1}),
        "evals/results/b.jsonl": rows(10, id="r{n}", system="a", grades={"tone": 0}),
        "README.md": f"# Desk\n\n{told}\n",
    }


@pytest.mark.parametrize(
    ("told", "right", "wanted"),
    [
        ("Corrected it is 0.75 [0.6, 0.9].", 20, "yes"),
        ("Corrected it is 69 % [50 %, 83 %].", 16, "yes"),
        ("Corrected it is 0.69.", 16, "partial"),
        ("Corrected it is 0.75 [0.6, 0.9].", 16, "no"),
        ("It is 0.69 [0.5, 0.8].", 16, "no"),
        ("Corrected it is 0.75 [0.6, 0.9].", 12, "no"),
    ],
)
def test_a_corrected_rate_follows_from_the_rows(
    told: str, right: int, wanted: str, tmp_path: Path
) -> None:
    reading = ask("correction.reported", calibrated(told, right), tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("TPR is 20 of 20, TNR 16 of 20.", "yes"),
        ("| TPR | TNR |\n|---|---|\n| 1.00 | 0.80 |", "yes"),
        ("TPR is 20 of 20, TNR 19 of 20.", "partial"),
        ("They agree.", "partial"),
    ],
)
def test_both_rates_are_told_as_they_are(told: str, wanted: str, tmp_path: Path) -> None:
    assert ask("correction.explained", calibrated(told, 16), tmp_path).answer.value == wanted


KINDS = ("order", "length", "planted", "self")


def flips(**row: str) -> dict[str, Any]:
    """Rows that name no judge: their file does."""
    return rows(12, id="q{n}", before="fail", after="fail", **row)


def by_two_systems(*systems: str) -> dict[str, Any]:
    said = {"label": "pass", "verdict": "pass", **JUDGE}
    return {
        f"evals/results/judge/{s}.jsonl": rows(12, id=f"{s}{{n}}", system=s, **said)
        for s in systems
    }


def probes(kinds: tuple[str, ...] = KINDS, n: int = 12, **more: str) -> dict[str, Any]:
    row = {"id": "q{n}", "before": "fail", "after": "fail", **JUDGE, **more}
    return {f"evals/results/bias/{k}.jsonl": rows(n, probe=k, **row) for k in kinds}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (probes(), "yes"),
        (probes(("position_swap", "verbosity", "injection", "own_family")), "yes"),
        (probes(KINDS[:3]), "partial"),
        (probes(n=4), "partial"),
        (probes(judge="rule", model=""), "unknown"),
        ({"evals/results/bias/rule.jsonl": flips(probe="planted order")}, "unknown"),
        ({"evals/results/bias/model.jsonl": flips(probe="planted order")}, "partial"),
        ({**probes(KINDS[:3]), **by_two_systems("staff", "v1")}, "yes"),
        ({**probes(KINDS[:3]), **by_two_systems("staff")}, "partial"),
        ({"evals/results/judge/m.jsonl": rows(9, id="q{n}", verdict="pass", **JUDGE)}, "no"),
        ({}, "no"),
    ],
)
def test_four_biases_of_a_model(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("biases.probed", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("after", "wanted"),
    [({}, "yes"), ({"after": "pass"}, "no"), ({"model": "", "judge": "rule"}, "unknown")],
)
def test_a_planted_order_turns_no_verdict(
    after: dict[str, str], wanted: str, tmp_path: Path
) -> None:
    assert ask("biases.withstood", probes(**after), tmp_path).answer.value == wanted


def test_both_verdicts_decide_and_not_what_a_row_says_of_them(tmp_path: Path) -> None:
    tree = probes(after="pass", flipped="false")
    assert ask("biases.withstood", tree, tmp_path).answer.value == "no"
