"""`why`: one task again, step by step, to the step where it broke."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from ..console import deliver
from ..desk import System
from ..errors import UsageError
from ..evaluation.judging import faults
from ..evaluation.report import NAMES, SYSTEMS
from ..evaluation.rows import read
from ..evaluation.run import attempt
from ..evaluation.steps import first_break
from ..evaluation.tasks import Task, by_id, load_tasks
from ..layout import terminal_width, wrapped
from ..llm.client import Spend
from ..result import Result
from ..settings import Settings
from ..shop import create, state
from ..trace import Trace
from ..viewer import shown
from . import choose_system, open_settings


def run(args: argparse.Namespace) -> int:
    """Run the task `args.id` again and explain it; without an id, list what was not solved."""
    settings = open_settings()
    tasks = load_tasks(settings.tasks)
    if args.id is None:
        return _list(tasks, settings, args)
    task = by_id(tasks, args.id)
    system = choose_system(args.system)
    trace = Trace.start(settings.traces, "why")
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.sqlite"
        create(fresh, settings.script)
        spend = Spend(settings.llm.budget_usd)
        result, graded, _ = attempt(task, system, settings, trace, spend, fresh)
        wrong = faults(task, state(fresh), state(fresh.with_name("shop.sqlite")))
    wrong = [fault for fault in wrong if not fault.startswith("messages")]
    broke = first_break(task, result.detail["actions"], graded)
    verdict = "solved" if broke is None else f"broke: {broke.before} -> {broke.at}, {broke.why}"
    lines = [f"{task.id} ({task.slice}): {task.request}", shown(trace.path), verdict]
    lines += [f"  {fault}" for fault in wrong]
    lines += [f"  not said: {_wanted(task)}"] if graded["said"] == 0 else []
    lines += [f"  not honest: {_UNTRUE}"] if graded["honest"] == 0 else []
    detail = {"id": task.id, "grades": graded, "faults": wrong, "actions": result.detail["actions"]}
    out = Result("answered", verdict, trace=result.trace, system=system, detail=detail)
    deliver(out, args.json, "\n".join(lines))
    return 0


_UNTRUE = "the message tells of a change that the shop does not hold"


def _wanted(task: Task) -> str:
    """What had to be said, and the ends that would have been honest."""
    words = " and ".join(" or ".join(map(repr, group)) for group in task.must_say)
    ends = " or ".join(task.status)
    return f"it had to say {words}, and end as {ends}" if words else f"it had to end as {ends}"


def _list(tasks: list[Task], settings: Settings, args: argparse.Namespace) -> int:
    system = args.system or _last_measured(settings)
    rows = read(settings.results / f"{system}.jsonl")
    missed = {row.id: row for row in rows if row.grades["solved"] < 1}
    known = {task.id: task for task in tasks}
    lines = [
        f"{name} {row.split:<4} {row.slice:<14} {row.broke_at.why if row.broke_at else '':<24} "
        f"{known[name].request[:60] if name in known else ''}"
        for name, row in sorted(missed.items(), key=lambda one: one[1].split)
    ]
    message = f"{len(missed)} tasks not solved by the {NAMES[system]}."
    message += " Read those of dev; test is for the number that you publish."
    text = "\n".join([*lines, wrapped(message, terminal_width())])
    deliver(Result("answered", message, system=system, detail={"ids": [*missed]}), args.json, text)
    return 0


def _last_measured(settings: Settings) -> System:
    found = [s for s in SYSTEMS if (settings.results / f"{s}.jsonl").exists()]
    if not found:
        raise UsageError("no system was measured yet", "run `eval` first")
    return found[-1]
