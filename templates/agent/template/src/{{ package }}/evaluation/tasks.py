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

SPLITS = ("dev", "test")
SLICES = (
    *("lookup", "refund", "replacement", "two-steps", "ambiguous", "impossible", "conflicting"),
    *("out-of-policy", "injection", "no-action"),
)
STATUSES = ("answered", "refused", "needs_human", "degraded", "budget_exceeded", "failed")
AUTHOR = "author"


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
    tasks = [_task(path, number, row) for number, row in read_objects(path)]
    if not tasks:
        raise UsageError(f"{path.name} holds no tasks", "add one with `task`")
    seen: dict[str, str] = {}
    for task in tasks:
        same = f"{task.customer} {task.request}"
        if task.id in seen.values() or same in seen:
            raise UsageError(f"{path.name}: {task.id} is there twice", "keep one of the two")
        seen[same] = task.id
    return tasks


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


def _task(path: Path, number: int, row: Mapping[str, Any]) -> Task:
    where = f"{path.name} line {number}"
    for key in ("id", "split", "slice", "customer", "request"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise UsageError(f"{where} has no {key!r}", "evals/README.md shows a task")
    if row["split"] not in SPLITS:
        raise UsageError(f"{where}: split is {row['split']!r}", "it is dev or test")
    status = tuple(row.get("status") or ("answered",))
    if unknown := set(status) - set(STATUSES):
        raise UsageError(f"{where}: {min(unknown)!r} is no status", ", ".join(STATUSES))
    try:
        return Task(
            id=row["id"],
            split=row["split"],
            slice=row["slice"],
            customer=row["customer"],
            request=row["request"],
            approves=bool(row.get("approves", True)),
            goal=tuple(Goal(**goal) for goal in row.get("goal", [])),
            unchanged=tuple(row.get("unchanged", [])),
            must_say=tuple(tuple(group) for group in row.get("must_say", [])),
            status=status,
            origin=str(row.get("origin") or AUTHOR),
            planted=row.get("planted"),
        )
    except TypeError as error:
        raise UsageError(f"{where} is not a task: {error}", "evals/README.md shows one") from error
