"""The golden set: what a customer asks, and how the shop has to stand afterwards.

Invariant: a task says what must have changed, what must not, what has to be said, and which ends
are honest; how it is done is the system's business.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..jsonl import read_objects
from ..shop import columns, state

SPLITS = ("dev", "test")
SLICES = (
    *("lookup", "refund", "replacement", "two-steps", "ambiguous", "impossible", "conflicting"),
    *("out-of-policy", "injection", "no-action"),
)
STATUSES = ("answered", "refused", "needs_human", "degraded", "budget_exceeded", "failed")
AUTHOR = "author"
SHOWN = "evals/README.md shows a task"
SEE = "see data/shop.sql"


@dataclass(frozen=True)
class Goal:
    """`count` rows of `table` that were not there before, which hold `where` and `values`."""

    table: str
    where: Mapping[str, Any]
    count: int = 1
    values: Mapping[str, Any] | None = None

    def is_met_by(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is one of those that the goal asks for."""
        wanted = {**self.where, **(self.values or {})}
        return all(row.get(name) == value for name, value in wanted.items())


@dataclass(frozen=True)
class Task:
    """`approves` is the word of the person asked; `planted` is text put into an order's messages.

    `must_say` holds groups of wordings: the answer has to contain one of each group.
    """

    id: str
    split: str
    slice: str
    customer: str
    request: str
    approves: bool
    goal: tuple[Goal, ...]
    unchanged: tuple[str, ...]
    must_say: tuple[tuple[str, ...], ...]
    status: tuple[str, ...]
    origin: str
    planted: Mapping[str, str] | None = None

    @property
    def fingerprint(self) -> str:
        """Changes with anything that decides whether the task is solved."""
        fields = asdict(self) | {"id": "", "split": "", "slice": "", "origin": ""}
        return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]


def load_tasks(path: Path) -> list[Task]:
    """Every task in the order of the file; UsageError names the line that is none."""
    tasks = read_tasks(path)
    if not tasks:
        raise UsageError(f"{path.name} holds no tasks", "add one with `task`")
    return tasks


def read_tasks(path: Path) -> list[Task]:
    """As `load_tasks`, and nothing where there is none yet."""
    tasks: list[Task] = []
    for number, row in read_objects(path):
        task = _task(path, number, row)
        if same := same_as(task, tasks):
            where = f"{path.name} line {number}"
            raise UsageError(f"{where}: the task is there twice, as {same.id}", "keep one")
        tasks.append(task)
    return tasks


def same_as(task: Task, others: Sequence[Task]) -> Task | None:
    """A task with the same id, or of the same customer in the same words; None without one."""
    return next((other for other in others if _name(other) & _name(task)), None)


def _name(task: Task) -> set[str]:
    return {task.id, f"{task.customer} {' '.join(task.request.lower().split())}"}


def as_row(task: Task) -> dict[str, Any]:
    """The line of the file that is this task."""
    row = asdict(task)
    return {name: value for name, value in row.items() if value is not None}


def by_id(tasks: Sequence[Task], name: str) -> Task:
    """The task of that id; UsageError names the nearest way to find it."""
    for task in tasks:
        if task.id == name:
            return task
    raise UsageError(f"there is no task {name!r}", "`why` without an id lists those that failed")


def check_against(place: Path, tasks: Sequence[Task]) -> None:
    """UsageError for a task that names what the shop at `place` does not have.

    A table that is not there never changes, so that such a task would be solved or failed always.
    """
    known = columns(place)
    shop = state(place)
    customers = {row["customer_id"] for row in shop["customers"]}
    orders = {row["order_id"] for row in shop["orders"]}
    for task in tasks:
        if task.customer not in customers:
            raise UsageError(f"{task.id}: the shop has no customer {task.customer!r}", SEE)
        for table in (*task.unchanged, *(goal.table for goal in task.goal)):
            if table not in known:
                raise UsageError(f"{task.id}: the shop has no table {table!r}", ", ".join(known))
        for goal in task.goal:
            wanted = {**goal.where, **(goal.values or {})}
            if unknown := wanted.keys() - known[goal.table]:
                raise UsageError(f"{task.id}: {goal.table} has no column {min(unknown)!r}", SEE)
            if (order := wanted.get("order_id")) and order not in orders:
                raise UsageError(f"{task.id}: the shop has no order {order!r}", SEE)


def _task(path: Path, number: int, row: Mapping[str, Any]) -> Task:
    where = f"{path.name} line {number}"
    split, status = _text(row, "split", where), _texts(row, "status", where) or ("answered",)
    if split not in SPLITS:
        raise UsageError(f"{where}: split is {split!r}", "it is dev or test")
    if unknown := set(status) - set(STATUSES):
        raise UsageError(f"{where}: {min(unknown)!r} is no status", ", ".join(STATUSES))
    approves = row.get("approves", True)
    if not isinstance(approves, bool):
        raise UsageError(f"{where}: 'approves' is {approves!r}", "it is true or false")
    return Task(
        id=_text(row, "id", where),
        split=split,
        slice=_text(row, "slice", where),
        customer=_text(row, "customer", where),
        request=_text(row, "request", where),
        approves=approves,
        goal=tuple(_goal(goal, where) for goal in _items(row, "goal", where)),
        unchanged=_texts(row, "unchanged", where),
        must_say=tuple(
            _texts({"must_say": group}, "must_say", where)
            for group in _items(row, "must_say", where)
        ),
        status=status,
        origin=str(row.get("origin") or AUTHOR),
        planted=_planted(row.get("planted"), where),
    )


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: {key!r} is missing or no text", SHOWN)
    return value


def _items(row: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = row.get(key, [])
    if not isinstance(value, list):
        raise UsageError(f"{where}: {key!r} is no list", SHOWN)
    return value


def _texts(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = _items(row, key, where)
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise UsageError(f"{where}: {key!r} holds something that is no text", SHOWN)
    return tuple(values)


def _goal(goal: object, where: str) -> Goal:
    fields = goal if isinstance(goal, dict) else {}
    table, wanted, count = fields.get("table"), fields.get("where"), fields.get("count", 1)
    values = fields.get("values") or {}
    if not isinstance(table, str) or not isinstance(wanted, dict) or not isinstance(values, dict):
        raise UsageError(f"{where}: a goal has 'table', 'where' and perhaps 'values'", SHOWN)
    if type(count) is not int or count < 0 or fields.keys() - Goal.__dataclass_fields__:
        raise UsageError(f"{where}: a goal has a 'count' of 0 or more, and nothing else", SHOWN)
    return Goal(table, wanted, count, values)


def _planted(planted: object, where: str) -> Mapping[str, str] | None:
    if planted is None:
        return None
    if not isinstance(planted, dict) or not {"order_id", "text"} <= planted.keys():
        raise UsageError(f"{where}: 'planted' has 'order_id' and 'text'", SHOWN)
    return {name: str(planted[name]) for name in ("order_id", "text")}
