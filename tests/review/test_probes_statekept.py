"""State that outlives the process, and side effects that come once."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

SAVES = "def save_step(db, step):\n    db.execute('INSERT INTO steps VALUES (?)', (step,))\n"
RESUMES = "\n\ndef resume(db, run):\n    return db\n"
SAVER = (
    "from langgraph.checkpoint.sqlite import SqliteSaver\n\n\n"
    "def build(graph, thread_id):\n    return graph.compile(checkpointer=SqliteSaver(thread_id))\n"
)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [(SAVES + RESUMES, "yes"), (SAVER, "yes"), (SAVES, "partial"), (RESUMES, "no")],
)
def test_steps_are_saved_and_taken_up(code: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("statekept.saved_by_step", {"desk/runs.py": code}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def did(*actions: dict[str, Any]) -> str:
    return json.dumps({"id": "t1", "system": "a", "trial": 1, "actions": list(actions)}) + "\n"


REFUND = {"tool": "refund_order", "arguments": {"id": 1}, "outcome": "ok"}


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (did(REFUND, REFUND), "no"),
        (did(REFUND, {**REFUND, "outcome": "error"}), "yes"),
        (did(REFUND, {**REFUND, "arguments": {"id": 2}}), "yes"),
        (did(*[{"tool": "get_order", "arguments": {}, "outcome": "ok"}] * 2), "yes"),
        (did({"function": {"name": "send_mail", "arguments": "{}"}}) * 2, "yes"),
        ("", "no"),
    ],
)
def test_a_side_effect_comes_once_in_a_run(rows: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("statekept.once_in_rows", {"evals/results/a.jsonl": rows}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("def pay(order, idempotency_key):\n    return order\n", "yes"),
        ("Q = 'SELECT result FROM effects WHERE key = ?'\n", "yes"),
        ("def pay(order, key):\n    return order\n", "no"),
    ],
)
def test_a_key_stands_for_a_call(code: str, wanted: str, tmp_path: Path) -> None:
    assert ask("statekept.keyed", {"desk/pay.py": code}, tmp_path).answer.value == wanted
