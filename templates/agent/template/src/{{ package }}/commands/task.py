"""`task`: add a task to the golden set, checked against the shop before it is written."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..console import deliver
from ..errors import UsageError
from ..evaluation.tasks import (
    SLICES,
    STATUSES,
    Goal,
    Task,
    as_row,
    check_against,
    read_tasks,
    same_as,
)
from ..jsonl import append_object
from ..result import Result
from ..settings import Settings
from ..shop import create
from . import open_settings

WATCHED = ("orders", "refunds", "replacements", "outbox")
CHANGES = ("refund", "replacement")
EXAMPLE = "refunds:O1004:amount_cents=490"


def run(args: argparse.Namespace) -> int:
    """Write one task; what the shop does not know is refused."""
    settings = open_settings()
    tasks = read_tasks(settings.tasks)
    if args.slice not in SLICES:
        raise UsageError(f"there is no kind of task {args.slice!r}", f"one of {', '.join(SLICES)}")
    if unknown := set(args.status) - set(STATUSES):
        raise UsageError(f"{min(unknown)!r} is no status", f"one of {', '.join(STATUSES)}")
    if not args.request.strip():
        raise UsageError("the request is empty", "write what the customer asks")
    if args.slice in CHANGES and not args.goal:
        raise UsageError(f"a {args.slice} has to change something", f"such as --goal {EXAMPLE}")
    goals = tuple(map(_goal, args.goal))
    task = Task(
        id=_next_id(tasks),
        split=_next_split(tasks, args.slice),
        slice=args.slice,
        customer=args.customer,
        request=" ".join(args.request.split()),
        approves=not args.denied,
        goal=goals,
        unchanged=tuple(t for t in WATCHED if t not in {goal.table for goal in goals}),
        must_say=tuple(map(_wordings, args.say)),
        status=tuple(args.status) or ("answered",),
        origin="author",
    )
    if same := same_as(task, tasks):
        raise UsageError(f"{same.id} already asks this", "to change it, edit its line")
    _check(task, settings)
    append_object(settings.tasks, as_row(task))
    message = f"{task.id} added to {task.split}, {task.slice}"
    text = "\n".join([message, *_recorded(task)])
    deliver(Result("answered", message, detail={"id": task.id}), args.json, text)
    return 0


def _recorded(task: Task) -> list[str]:
    """What the line says beside the request: whoever added it answers for that too."""
    said = " and ".join(" or ".join(map(repr, group)) for group in task.must_say)
    return [
        f"  customer {task.customer}; a person {'approves' if task.approves else 'denies'}",
        f"  must change: {', '.join(goal.table for goal in task.goal) or 'nothing'}",
        f"  must not change: {', '.join(task.unchanged) or 'nothing'}",
        f"  must say: {said or 'nothing in particular (--say adds words)'}",
        f"  has to end as: {' or '.join(task.status)}",
    ]


def _wordings(text: str) -> tuple[str, ...]:
    found = tuple(wording.strip() for wording in text.split("|") if wording.strip())
    if not found:
        raise UsageError(f"{text!r} says nothing", 'such as --say "refund|4.90"')
    return found


def _goal(text: str) -> Goal:
    parts = text.split(":")
    if len(parts) not in (2, 3) or parts[0] not in WATCHED:
        raise UsageError(f"{text!r} is no goal", f"write TABLE:ORDER or {EXAMPLE}")
    values: dict[str, Any] = {}
    if len(parts) == 3:
        column, _, value = parts[2].partition("=")
        values[column] = int(value) if value.isdecimal() else value
    return Goal(parts[0], {"order_id": parts[1]}, 1, values)


def _check(task: Task, settings: Settings) -> None:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "shop.sqlite"
        create(place, settings.script)
        check_against(place, [task])


def _next_id(tasks: Sequence[Task]) -> str:
    numbers = [int(task.id[1:]) for task in tasks if task.id[1:].isdecimal()]
    return f"t{max(numbers, default=0) + 1:03}"


def _next_split(tasks: Sequence[Task], name: str) -> str:
    """dev and test in turn within a slice, so that both have every kind."""
    return ("dev", "test")[sum(task.slice == name for task in tasks) % 2]
