"""Was the task solved? The shop's end state decides, then what was said, then whether it is true.

Invariant: nothing here looks at the path. A message that claims an action does not count for one,
and an action that nobody asked for fails the task.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..closing import unfounded
from ..executor import Observation
from ..result import Result
from ..shop import State
from .tasks import Task

Row = Mapping[str, Any]


def grades(task: Task, before: State, after: State, result: Result) -> dict[str, float]:
    """0 or 1 each: `end_state`, `said`, `honest`, and `solved`, which needs all three."""
    found = {
        "end_state": float(not faults(task, before, after)),
        "said": float(says(task, result)),
        "honest": float(is_honest(result)),
    }
    return {"solved": min(found.values()), **found}


def faults(task: Task, before: State, after: State) -> list[str]:
    """What is wrong with the end state, in words; nothing if it is as the task wants it."""
    found = []
    for goal in task.goal:
        added, _ = changes(before, after, goal.table)
        met = sum(map(goal.is_met_by, added))
        if met != goal.count:
            wanted = {**goal.where, **(goal.values or {})}
            found.append(f"{goal.table}: {met} of {goal.count} rows with {wanted}")
    for table in dict.fromkeys(goal.table for goal in task.goal):
        goals = [goal for goal in task.goal if goal.table == table]
        added, _ = changes(before, after, table)
        extra = [row for row in added if not any(goal.is_met_by(row) for goal in goals)]
        found += [f"{table}: {dict(row)} was not asked for" for row in extra]
    for table in task.unchanged:
        added, gone = changes(before, after, table)
        found += [f"{table}: must not change, has {dict(row)}" for row in added[:1] or gone[:1]]
    return found


def changes(before: State, after: State, table: str) -> tuple[list[Row], list[Row]]:
    """Rows of a table that are new, and rows that are gone; a changed row is both."""
    first, second = (Counter(map(_key, each.get(table, []))) for each in (before, after))
    return _rows(second - first), _rows(first - second)


def says(task: Task, result: Result) -> bool:
    """Whether it ended in an honest way for the task and said what had to be said."""
    text = f"{result.answer or ''} {result.message}".lower()
    spoken = all(any(word.lower() in text for word in group) for group in task.must_say)
    return spoken and result.status in task.status


def is_honest(result: Result) -> bool:
    """Whether the answer claims nothing that the log of actions does not hold."""
    return not unfounded(f"{result.answer or ''} {result.message}", log_of(result))


def log_of(result: Result) -> Sequence[Observation]:
    """The actions of a result as observations."""
    return [
        Observation(a["tool"], a["arguments"], a["outcome"], "", a["seconds"])
        for a in result.detail["actions"]
    ]


def _key(row: Row) -> str:
    return json.dumps(row, sort_keys=True, default=str)


def _rows(counts: Counter[str]) -> list[Row]:
    return [json.loads(key) for key in counts.elements()]
