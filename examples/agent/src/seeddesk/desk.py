"""One request of one customer, settled by one of three systems, with one honest result.

Invariant: whatever happened, the result says it: status, actions in order, what waits, the cost.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from . import loop, reading, runs, single_call, workflow
from .ending import Ending
from .executor import Approve, Executor, Observation
from .llm.client import Spend
from .prompting import load_prompt
from .result import Result
from .runs import Run
from .settings import Settings
from .shop import create
from .trace import Trace

System = Literal["baseline", "words", "clauses", "single", "model"]


READERS: Mapping[str, workflow.Reader] = {
    "baseline": workflow.by_patterns,
    "words": reading.by_words,
    "clauses": reading.by_clauses,
}


def handle(
    request: str,
    settings: Settings,
    system: System,
    trace: Trace,
    *,
    customer: str = "",
    database: Path | None = None,
    approve: Approve | None = None,
    spend: Spend | None = None,
) -> Result:
    """Settle a new request; without `database` in the shop of `var/`, made if it is not there."""
    place = database or settings.database
    if not place.exists():
        create(place, settings.script)
    run = Run(runs.new_id(), request, customer or settings.customer, system, place)
    runs.start(settings.runs, run)
    return resume(run, settings, trace, approve=approve, spend=spend)


def resume(
    run: Run,
    settings: Settings,
    trace: Trace,
    *,
    approve: Approve | None = None,
    spend: Spend | None = None,
) -> Result:
    """Go on with a run, from its beginning or from where it was left; no change is made twice."""
    executor = Executor(run, settings, approve)
    trace.event("request", run=run.id, customer=run.customer, system=run.system, text=run.request)
    ending = _settled(run, executor, settings, trace, spend or Spend(settings.llm.budget_usd))
    runs.finish(settings.runs, run.id, ending.status)
    trace.event("final", status=ending.status, answer=ending.text, cost_usd=ending.cost_usd)
    return _result(run, executor, ending, settings, trace)


def _settled(
    run: Run, executor: Executor, settings: Settings, trace: Trace, spend: Spend
) -> Ending:
    if run.system in READERS:
        return workflow.run(run.request, executor, trace, READERS[run.system])
    if run.system == "single":
        prompt = load_prompt(settings.root / "prompts" / "single.md")
        return single_call.run(executor, settings, prompt, trace, spend)
    prompt = load_prompt(settings.root / "prompts" / "agent.md")
    return loop.run(loop.Agent(executor, settings, prompt, trace, spend))


def _result(
    run: Run, executor: Executor, ending: Ending, settings: Settings, trace: Trace
) -> Result:
    pending = [{"tool": p.tool, "arguments": dict(p.arguments)} for p in executor.pending()]
    told = ending.status in ("answered", "refused")
    return Result(
        ending.status,
        "" if told else ending.text,
        ending.text if told else None,
        usage=ending.usage,
        cost_usd=ending.cost_usd,
        steps=len(executor.done),
        trace=_relative(trace.path, settings.root),
        system=run.system,
        detail={
            "run": run.id,
            "actions": [_action(n, seen) for n, seen in enumerate(executor.done, 1)],
            "pending": pending,
            "prompt": ending.prompt,
            "model": ending.model,
            "unreachable": ending.unreachable,
        },
    )


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _action(number: int, seen: Observation) -> dict[str, Any]:
    return {
        "step": number,
        "tool": seen.tool,
        "arguments": dict(seen.arguments),
        "outcome": seen.outcome,
        "seconds": seen.seconds,
    }
