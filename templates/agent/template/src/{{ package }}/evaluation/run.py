"""Runs a system over the tasks, each trial in a shop of its own, and judges how that shop ends.

Invariant: no trial sees what another did; the person who approves says what the task says.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from ..desk import System, handle
from ..errors import ProviderUnreachable
from ..llm.client import Spend
from ..prompting import load_prompt
from ..result import Result
from ..settings import Settings
from ..shop import create, state
from ..trace import Trace
from .judging import grades
from .rows import Row
from .stamp import Stamp, stamp_of
from .steps import first_break
from .tasks import Task, check_against

PROMPTS = {"single": "single.md", "model": "agent.md"}
LONGEST_ANSWER = 1000
_BEHIND = (
    *("tool_timeout_s", "carrier_delay_s", "most_result_chars", "most_steps", "most_seconds"),
    *("most_history_chars", "most_repeats", "max_output_tokens"),
)


def measure(
    tasks: Sequence[Task], system: System, settings: Settings, trace: Trace, trials: int
) -> list[Row]:
    """Rows of one system in the order of the tasks; each run has the budget of one run.

    Raises ProviderUnreachable: runs in which nobody answered are no result.
    """
    stamp = stamp_of(settings.root, settings.measured_on)
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.sqlite"
        create(fresh, settings.script)
        check_against(fresh, tasks)
        return [
            _row(task, trial, system, settings, trace, stamp, fresh)
            for task in tasks
            for trial in range(1, trials + 1)
        ]


def attempt(
    task: Task, system: System, settings: Settings, trace: Trace, spend: Spend, fresh: Path
) -> tuple[Result, dict[str, float], float]:
    """One run of a task in a copy of the shop `fresh`: result, grades, milliseconds."""
    place = fresh.with_name("shop.sqlite")
    copyfile(fresh, place)
    if task.planted:
        plant(place, task.planted["order_id"], task.planted["text"])
    before = state(place)
    started = time.perf_counter()
    result = handle(
        task.request,
        settings,
        system,
        trace,
        customer=task.customer,
        database=place,
        approve=lambda pending: task.approves,
        spend=spend,
    )
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    return result, grades(task, before, state(place), result), milliseconds


def plant(place: Path, order_id: str, text: str) -> None:
    """Put a message by a stranger to an order."""
    with closing(sqlite3.connect(place)) as connection, connection:
        values = (f"P{order_id}", order_id, "2026-06-14", text)
        connection.execute("INSERT INTO messages VALUES (?, ?, ?, ?)", values)


def setting_of(system: System, settings: Settings) -> str:
    """What a system is set to, as in "model claude agent@1 steps=12 1f0c5a2b".

    The fingerprint at its end changes with anything beside the tasks that can change a row: the
    shop, the policy, tools and bounds, and for a model its prompt.
    """
    shown = [system, *([settings.llm.model, prompt_of(system, settings)] * (system in PROMPTS))]
    shown.append(f"steps={settings.most_steps}")
    files = [settings.script, settings.root / "data" / "policy.md"]
    if system in PROMPTS:
        files.append(settings.root / "prompts" / PROMPTS[system])
    texts = [file.read_text(encoding="utf-8") for file in files if file.exists()]
    behind = [str(settings.today), *(getattr(settings, name) for name in _BEHIND)]
    content = json.dumps([shown, texts, behind, asdict(settings.policy)])
    return " ".join([*shown, hashlib.sha256(content.encode()).hexdigest()[:8]])


def prompt_of(system: System, settings: Settings) -> str:
    """id@version of the prompt that a system uses; "" without one."""
    if system not in PROMPTS:
        return ""
    return load_prompt(settings.root / "prompts" / PROMPTS[system]).name


def _row(
    task: Task,
    trial: int,
    system: System,
    settings: Settings,
    trace: Trace,
    stamp: Stamp,
    fresh: Path,
) -> Row:
    spend = Spend(settings.llm.budget_usd)
    result, graded, milliseconds = attempt(task, system, settings, trace, spend, fresh)
    if result.detail["unreachable"]:
        raise ProviderUnreachable(result.message, "run eval again when it answers")
    actions = tuple(result.detail["actions"])
    return Row(
        id=task.id,
        split=task.split,
        slice=task.slice,
        origin=task.origin,
        system=system,
        trial=trial,
        task=task.fingerprint,
        status=result.status,
        answer=(result.answer or result.message)[:LONGEST_ANSWER],
        grades=graded,
        actions=actions,
        broke_at=first_break(task, actions, graded),
        steps=result.steps,
        latency_ms=milliseconds,
        usage=result.usage,
        cost_usd=result.cost_usd,
        commit=stamp.commit,
        tree=stamp.tree,
        setting=setting_of(system, settings),
        prompt=result.detail["prompt"],
        model=result.detail["model"],
    )
