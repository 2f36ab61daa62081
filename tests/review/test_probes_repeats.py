"""Repetition: what counts as noticed, and what rows show of it."""

import json
from pathlib import Path

import pytest
from asked import ask

WITH_RESULT = """
def is_stuck(history, tool, arguments, result):
    return (tool, arguments, result) in history
"""
BY_CALL = "def is_stuck(history, tool, arguments):\n    return (tool, arguments) in history\n"
NAMED_ONLY = "def repeat(action):\n    return action\n"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [(WITH_RESULT, "yes"), (BY_CALL, "partial"), (NAMED_ONLY, "no"), ("x = 1\n", "no")],
)
def test_a_call_is_compared_with_its_result(code: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("repeats.noticed", {"desk/loop.py": code}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def run(times: int, status: str, outcome: str = "ok") -> str:
    action = {"tool": "stock", "arguments": {"sku": "a"}, "outcome": outcome}
    row = {"id": "t1", "system": "agent", "trial": 1, "status": status, "actions": [action] * times}
    return json.dumps({**row, "grades": {"solved": float(status == "answered")}}) + "\n"


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (run(2, "answered"), "yes"),
        (run(3, "answered"), "partial"),
        (run(3, "needs_human"), "yes"),
        (run(9, "needs_human"), "partial"),
        (run(2, "answered") + run(1, "answered", "error"), "yes"),
        ("", "no"),
    ],
)
def test_a_run_is_stopped_the_third_time(rows: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("repeats.absent_in_rows", {"evals/results/agent.jsonl": rows}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_other_arguments_are_another_call(tmp_path: Path) -> None:
    actions = [{"tool": "stock", "arguments": {"sku": s}, "outcome": "ok"} for s in "abcd"]
    row = {"id": "t1", "system": "agent", "trial": 1, "actions": actions}
    tree = {"evals/results/agent.jsonl": json.dumps(row) + "\n"}
    assert ask("repeats.absent_in_rows", tree, tmp_path).answer.value == "yes"
