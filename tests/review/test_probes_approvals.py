"""Approvals: bound to the call, and asked for by code."""

from pathlib import Path

import pytest
from asked import ask

GATE = "def execute(call, store):\n    if {test}:\n        return 'waits'\n    return call.run()\n"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (GATE.format(test="not store.approved(call.name, call.arguments)"), "yes"),
        (GATE.format(test="call.arguments != store.approval.arguments"), "yes"),
        (GATE.format(test="not store.approved"), "partial"),
        (GATE.format(test="not store"), "no"),
        ("from agents import function_tool\n\n\n@function_tool(needs_approval=True)\n"
         "def pay(order: str) -> str:\n    return order\n", "yes"),
    ],
)  # fmt: skip
def test_an_approval_is_of_one_call(code: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("approvals.enforced", {"desk/executor.py": code}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ('TOOLS = {"pay": Spec("Pay.", {}, writes=True)}\n', "yes"),
        ('TOOLS = {"pay": Spec("Pay.", {})}\n', "no"),
        ('RISKY_TOOLS = {"pay"}\nTOOLS = {"pay": Spec("Pay.", {})}\n', "yes"),
    ],
)
def test_a_tool_says_what_it_risks(code: str, wanted: str, tmp_path: Path) -> None:
    assert ask("approvals.tiered", {"desk/tools.py": code}, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("said", "wanted"), [(("true", "false"), "yes"), (("true", "true"), "partial")]
)
def test_some_tasks_are_denied(said: tuple[str, str], wanted: str, tmp_path: Path) -> None:
    rows = (f'{{"id": "{n}", "request": "Pay.", "approves": {a}}}\n' for n, a in enumerate(said))
    tree = {"evals/tasks.jsonl": "".join(rows)}
    assert ask("approvals.tried_in_tasks", tree, tmp_path).answer.value == wanted
