"""`faults`: each tool broken in each way, and how the runs that need it end."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from .. import tools
from ..console import deliver
from ..desk import System
from ..evaluation.claims import grid
from ..evaluation.run import attempt
from ..evaluation.tasks import Task, load_tasks
from ..jsonl import write_objects
from ..layout import aligned, terminal_width
from ..llm.client import Spend
from ..result import Result
from ..settings import Settings
from ..shop import Unavailable, create
from ..trace import Trace
from . import choose_system, open_settings

TIMEOUT_S = 0.2  # of a tool that hangs: nobody needs to wait as long as in earnest
HANGS = "hangs"
HONEST = ("degraded", "needs_human", "budget_exceeded")
BROKEN = ("get_order", "track_shipment", "check_policy", "refund_order", "send_replacement")
Broken = Callable[..., Any]


@dataclass(frozen=True)
class Tried:
    """One run with one tool broken in one way; `recovered` if the task was solved all the same."""

    id: str
    system: str
    tool: str
    fault: str
    status: str
    recovered: bool
    explained: bool


def run(args: argparse.Namespace) -> int:
    """Break, run, count; write one row a run to results/faults/."""
    settings = open_settings()
    system = choose_system(args.system)
    quick = replace(settings, carrier_delay_s=0.0)
    trace = Trace.start(settings.traces, "faults")
    tried = [*_matrix(load_tasks(settings.tasks), system, quick, trace)]
    write_objects(settings.results / "faults" / f"{system}.jsonl", (t.__dict__ for t in tried))
    cells = {
        fault: [_cell([t for t in tried if (t.fault, t.tool) == (fault, tool)]) for tool in BROKEN]
        for fault in FAULTS
    }
    table = aligned(grid(["fault", *BROKEN], cells), terminal_width())
    good = sum(t.recovered or t.explained for t in tried)
    message = f"{good} of {len(tried)} runs recovered or said what was missing."
    detail = {"recovered": sum(t.recovered for t in tried), "n": len(tried), "good": good}
    result = Result("answered", message, system=system, detail=detail)
    deliver(result, args.json, f"{table}\n\nrecovered / explained / runs\n{message}")
    return 0


def _matrix(tasks: list[Task], system: System, settings: Settings, trace: Trace) -> Iterator[Tried]:
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.sqlite"
        create(fresh, settings.script)
        for tool in BROKEN:
            task = _needing(tool, tasks, system, settings, trace, fresh)
            if task is None:
                continue
            for fault, broken in FAULTS.items():
                limits = replace(settings, tool_timeout_s=TIMEOUT_S) if fault == HANGS else settings
                own = _shop_of_its_own(fresh, f"{tool}-{fault}")
                with replaced(tool, broken(getattr(tools, tool))):
                    spend = Spend(settings.llm.budget_usd)
                    result, graded, _ = attempt(task, system, limits, trace, spend, own)
                solved, status = graded["solved"] == 1, result.status
                told = status in HONEST and bool(result.answer or result.message)
                yield Tried(task.id, system, tool, fault, status, solved, told)


def _shop_of_its_own(fresh: Path, name: str) -> Path:
    """A copy in a folder: a call left behind by one run may wake up while the next one runs."""
    folder = fresh.parent / name
    folder.mkdir()
    return Path(copyfile(fresh, folder / fresh.name))


def _needing(
    tool: str, tasks: list[Task], system: System, settings: Settings, trace: Trace, fresh: Path
) -> Task | None:
    """The first dev task that is solved with the tool whole and uses it."""
    for task in (task for task in tasks if task.split == "dev"):
        spend = Spend(settings.llm.budget_usd)
        result, graded, _ = attempt(task, system, settings, trace, spend, fresh)
        used = {action["tool"] for action in result.detail["actions"]}
        if graded["solved"] == 1 and tool in used:
            return task
    return None


@contextmanager
def replaced(name: str, function: Broken) -> Iterator[None]:
    """The tool `name` as `function` for a while."""
    whole = getattr(tools, name)
    setattr(tools, name, function)
    try:
        yield
    finally:
        setattr(tools, name, whole)


def _raises(whole: Broken) -> Broken:
    def broken(*words: Any, **named: Any) -> Any:
        raise RuntimeError("out of order")

    return broken


def _hangs(whole: Broken) -> Broken:
    def broken(*words: Any, **named: Any) -> Any:
        time.sleep(3 * TIMEOUT_S)
        raise Unavailable("nobody waited")

    return broken


def _comes_late(whole: Broken) -> Broken:
    """Fails twice for a while, then answers."""
    seen: list[int] = []

    def broken(*words: Any, **named: Any) -> Any:
        seen.append(1)
        if len(seen) < 3:
            raise Unavailable("try again")
        return whole(*words, **named)

    return broken


FAULTS: dict[str, Callable[[Broken], Broken]] = {
    "raises": _raises,
    HANGS: _hangs,
    "empty": lambda whole: lambda *words, **named: {},
    "huge": lambda whole: lambda *words, **named: {"text": "x" * 2_000_000},
    "malformed": lambda whole: lambda *words, **named: object(),
    "third try": _comes_late,
}


def _cell(tried: list[Tried]) -> str:
    if not tried:
        return "-"
    return f"{sum(t.recovered for t in tried)} / {sum(t.explained for t in tried)} / {len(tried)}"
