"""Where runs break: the first step that went wrong in each failed run, counted by from and to.

Invariant: one failed run counts once, at its first fault; what follows from it does not count.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .tasks import Task

START, END = "start", "end"
Action = Mapping[str, Any]


@dataclass(frozen=True)
class Break:
    """The step at which a run broke, the tools before and at it, and why."""

    step: int
    before: str
    at: str
    why: str


def first_break(task: Task, actions: Sequence[Action], grades: Mapping[str, float]) -> Break | None:
    """Where an unsolved run went wrong; None for a solved one."""
    if grades["solved"] == 1:
        return None
    wanted = _wanted(task)
    before = START
    for action in actions:
        tool = action["tool"]
        if action["outcome"] in ("error", "timeout"):
            return Break(action["step"], before, tool, f"{tool}: {action['outcome']}")
        if tool in _WRITING and action["outcome"] == "ok" and tool not in wanted:
            return Break(action["step"], before, tool, "not asked for")
        before = tool
    done = {a["tool"] for a in actions if a["outcome"] == "ok"}
    missing = [tool for tool in wanted if tool not in done]
    if missing:
        return Break(len(actions) + 1, before, missing[0], "never done")
    return Break(len(actions) + 1, before, END, _why(grades))


def _why(grades: Mapping[str, float]) -> str:
    """What was wrong with a run whose actions were the right ones."""
    if grades["said"] < 1:
        return "wrong answer or status"
    return "claims what was not done" if grades["honest"] < 1 else "wrong values"


def counted(breaks: Sequence[Break]) -> list[tuple[Break, int]]:
    """Transitions with how many runs broke there, the commonest first."""
    counts = Counter((b.before, b.at, b.why) for b in breaks)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(Break(0, *key), n) for key, n in ranked]


_BY_TABLE = {
    "refunds": "refund_order",
    "replacements": "send_replacement",
    "orders": "cancel_order",
}
_WRITING = frozenset(_BY_TABLE.values()) | {"send_mail"}


def _wanted(task: Task) -> list[str]:
    """Tools that have to have run for the goal; a cancellation refunds by itself."""
    tables = [goal.table for goal in task.goal]
    if "orders" in tables:
        cancelled = [g.where for g in task.goal if g.table == "orders"]
        refunds = [g for g in task.goal if g.table == "refunds" and g.where not in cancelled]
        return ["cancel_order", *(["refund_order"] if refunds else [])]
    return [_BY_TABLE[table] for table in dict.fromkeys(tables) if table in _BY_TABLE]
