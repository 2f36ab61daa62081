"""Goals over an end state, and rows that may not claim another."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

GOAL = [{"table": "refunds", "where": {"order_id": "O1"}, "count": 1}]


def tasks(**more: Any) -> dict[str, Any]:
    return {"rows": 20, "row": {"id": "t{n}", "request": "Refund {n}.", "unchanged": ["o"], **more}}


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"goal": GOAL}, "yes"),
        ({"goal": []}, "yes"),
        ({"goal": "SELECT count(*) = 1 FROM refunds"}, "yes"),
        ({"check": "refunded_once"}, "yes"),
        ({"goal": [{"table": "refunds", "count": 0}], "unchanged": []}, "yes"),
        ({"expected": "It was paid back."}, "no"),
        ({"goal": "Pay it back to the customer."}, "no"),
        ({"goal": GOAL, "unchanged": []}, "partial"),
    ],
)
def test_a_goal_speaks_of_a_state(row: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("endstate.tasks_judged", {"evals/tasks.jsonl": tasks(**row)}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"actions": [{"tool": "refund", "outcome": "ok"}]}, "yes"),
        ({"actions": []}, "no"),
        ({"actions": [{"tool": "refund", "outcome": "error"}]}, "no"),
        ({"actions": [], "grades": {"solved": 0}}, "yes"),
        ({"actions": [{"tool": "refund"}], "grades": {"solved": 1, "end_state": 0}}, "no"),
    ],
)
def test_a_change_is_not_solved_without_an_action(
    row: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    whole = {"id": "t1", "system": "agent", "trial": 1, "grades": {"solved": 1}, **row}
    tree = {
        "evals/tasks.jsonl": tasks(goal=GOAL),
        "evals/results/a.jsonl": json.dumps(whole) + "\n",
    }
    reading = ask("endstate.rows_agree", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_tasks_without_rows_are_evaluated_where_code_judges_them(tmp_path: Path) -> None:
    tree = {"evals/tasks.jsonl": tasks(goal=GOAL), "evals/judge.py": "x = 1\n"}
    assert ask("endstate.evaluated", tree, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(
    ("code", "wanted"), [('TOOLS = {"pay": Spec("Pays.", {})}\n', "partial"), ("x = 1\n", "no")]
)
def test_a_few_requests_are_no_evaluation(code: str, wanted: str, tmp_path: Path) -> None:
    tree = {"evals/tasks.jsonl": '{"id": "1", "request": "Refund it."}\n', "desk/tools.py": code}
    assert ask("endstate.evaluated", tree, tmp_path).answer.value == wanted
