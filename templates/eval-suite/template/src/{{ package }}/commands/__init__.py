"""One module a command: `run(args) -> int`. What several of them need to begin stands here."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..errors import UsageError
from ..evaluation.registry import Metric, load_metrics
from ..evaluation.rows import Row, read
from ..evaluation.run import Grading
from ..graders import shape_fault
from ..items import Item, check_items, check_leaks, load_items
from ..judging.panel import judge_of, policy_of
from ..llm import client
from ..project import load_env
from ..settings import Settings, load_settings, system_of
from ..trace import Trace


@dataclass(frozen=True)
class Suite:
    """The project as a command finds it: settings, checked items, metrics."""

    settings: Settings
    items: list[Item]
    metrics: list[Metric]


def open_suite() -> Suite:
    """Load and check everything that a measurement rests on. Raises UsageError and ConfigError."""
    settings = load_settings()
    load_env(settings.root)
    items = load_items(settings.items)
    check_items(items, settings.near_duplicate)
    check_leaks(items, settings.prompts)
    for item in items:
        if fault := shape_fault(item.expected):
            raise UsageError(f"{item.id}: {fault}", f"mend it in {settings.items.name}")
    return Suite(settings, items, load_metrics(settings))


def grading_of(suite: Suite, trace: Trace, judge: str = "") -> Grading:
    """How outputs are graded now; `judge` in place of the configured one."""
    settings = suite.settings
    spend = client.Spend(settings.llm.budget_usd)
    judges = {
        metric.name: judge_of(judge or settings.judge, metric, settings, trace, spend)
        for metric in suite.metrics
        if metric.grader == "judge"
    }
    return Grading(suite.metrics, judges, policy_of(settings))


def judged_metrics(metrics: Sequence[Metric]) -> list[Metric]:
    """Those that a judge grades; UsageError if there are none."""
    found = [metric for metric in metrics if metric.grader == "judge"]
    if not found:
        raise UsageError("no metric of metrics.toml has a judge", 'write one with grader = "judge"')
    return found


def rows_of(settings: Settings, system: str) -> list[Row]:
    """The rows of a system, or of a log that was imported; UsageError if it was not measured."""
    imported = settings.results / "inspect" / f"{system}.jsonl"
    if system not in settings.systems and imported.is_file():
        return read(imported)
    spec = system_of(settings, system)
    rows = read(settings.results / f"{system}.jsonl")
    if not rows:
        raise UsageError(f"{system} was not measured", f"run `eval --system {system}` first")
    if not rows[0].setting.startswith(f"{spec.kind} v{spec.version} "):
        raise UsageError(
            f"the rows of {system} are of another version ({rows[0].setting})",
            f"run `eval --system {system}` first; to compare two versions, give each a table",
        )
    return rows


def person(given: str) -> str:
    """Who writes a label or a note: as given, else the name on this machine."""
    return given.strip() or os.environ.get("USER", "") or "author"


def today() -> str:
    """The date of a label or a note, ISO."""
    return date.today().isoformat()
