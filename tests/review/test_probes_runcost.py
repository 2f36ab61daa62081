"""What runs cost: recomputed from rows, told in the README, capped."""

import json
from pathlib import Path

import pytest
from asked import ask

ROWS = "".join(
    json.dumps(
        {
            "id": f"t{n}",
            "system": "agent",
            "model": "m-1",
            "trial": 1,
            "cost_usd": cost,
            "grades": {"solved": float(n < 3)},
        }
    )
    + "\n"
    for n, cost in enumerate([0.01, 0.02, 0.03, 0.04])
)
# median 0.025 (by rank 0.02), p95 0.0385 (0.04), max 0.04, 0.10 / 3 solved
SAID = (
    "# Desk\n\nA run costs $0.025 in the median, p95 $0.04, max $0.04; a solved task ${solved}.\n"
)
TABLE = (
    "# Desk\n\n| cost, USD | median | p95 | max | per solved task |\n|---|---|---|---|---|\n"
    "| agent | 0.025 | 0.0385 | 0.04 | {solved} |\n"
)


@pytest.mark.parametrize(
    ("readme", "wanted"),
    [
        (SAID.replace("{solved}", "0.033"), "yes"),
        (TABLE.format(solved="0.033"), "yes"),
        (TABLE.format(solved="0.025"), "no"),
        (SAID.replace("{solved}", "0.01"), "no"),
        ("# Desk\n\nThe median run costs $0.025.\n", "partial"),
        ("# Desk\n", "partial"),
    ],
)
def test_failed_runs_are_paid_too(readme: str, wanted: str, tmp_path: Path) -> None:
    tree = {"README.md": readme, "evals/results/agent.jsonl": ROWS}
    reading = ask("runcost.told_from_rows", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_free_runs_wait_for_a_model(tmp_path: Path) -> None:
    row = {"id": "t1", "system": "baseline", "model": "", "trial": 1, "cost_usd": 0.0}
    tree = {"evals/results/baseline.jsonl": json.dumps(row) + "\n"}
    reading = ask("runcost.told_from_rows", tree, tmp_path)
    assert (reading.answer.value, reading.waits_for) == ("unknown", "model")


@pytest.mark.parametrize(
    ("extra", "wanted"),
    [({"cost_usd": 0.02}, "yes"), ({"usage": {"input_tokens": 9}}, "partial"), ({}, "no")],
)
def test_tokens_are_no_money(extra: dict[str, object], wanted: str, tmp_path: Path) -> None:
    row = {"id": "t1", "system": "agent", "trial": 1, **extra}
    tree = {"evals/results/agent.jsonl": json.dumps(row) + "\n"}
    reading = ask("runcost.per_run", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason
