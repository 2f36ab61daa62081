"""One question, answered by one of two systems, with one result that tells everything.

Invariant: whatever happened, the result says it: status, each query and what it gave, the cost.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from . import asking, baseline, ledger, likeness, loop
from .conversation import Conversation
from .database import Database
from .ending import Ending
from .executor import Executor, Observation
from .llm.client import Spend
from .prompting import load_prompt
from .result import Result
from .settings import Settings
from .trace import Trace

System = Literal["baseline", "asking", "likeness", "model"]
WITHOUT_MODEL: Mapping[System, Callable[[str, Executor, Trace], Ending]] = {
    "baseline": baseline.run,
    "asking": asking.run,
    "likeness": likeness.run,
}


def answer(
    question: str,
    settings: Settings,
    system: System,
    trace: Trace,
    *,
    conversation: Conversation | None = None,
    spend: Spend | None = None,
    on_text: Callable[[str], None] | None = None,
) -> Result:
    """Answer a question about the ledger, as the next one of `conversation` if there is one.

    Raises ConfigError (key, model id). A KeyboardInterrupt leaves a closed trace behind.
    """
    executor = Executor(database_of(settings), settings.tool_timeout_s, settings.most_result_chars)
    trace.event("request", system=system, text=question)
    talk = conversation or Conversation()
    talk.ask(question, f"{settings.llm.provider} {settings.llm.model}")
    try:
        if system != "model":
            ending = WITHOUT_MODEL[system](question, executor, trace)
            talk.close(ending.text)
        else:
            prompt = load_prompt(settings.root / "prompts" / "assistant.md")
            purse = spend or Spend(settings.llm.budget_usd)
            turn = loop.Turn(question, talk, executor, settings, prompt, trace, purse, on_text)
            ending = loop.run(turn)
    except KeyboardInterrupt:
        trace.event("final", status="failed", answer="stopped by the user", cost_usd=None)
        raise
    trace.event("final", status=ending.status, answer=ending.text, cost_usd=ending.cost_usd)
    return _result(ending, system, settings, trace)


def database_of(settings: Settings) -> Database:
    """The ledger, made from its seed where it is not there yet."""
    if not settings.database.exists():
        ledger.build(settings.database, settings.seed)
    return Database(
        settings.database, settings.tables, settings.most_rows, settings.most_query_seconds
    )


def with_database(settings: Settings, place: Path) -> Settings:
    """The same settings over another copy of the ledger."""
    return replace(settings, database=place)


def _result(ending: Ending, system: System, settings: Settings, trace: Trace) -> Result:
    told = ending.status in ("answered", "refused")
    return Result(
        ending.status,
        "" if told else ending.text,
        ending.text if told else None,
        usage=ending.usage,
        cost_usd=ending.cost_usd,
        steps=len(ending.seen),
        trace=_relative(trace.path, settings.root),
        system=system,
        detail={
            "actions": [_action(n, seen) for n, seen in enumerate(ending.seen, 1)],
            "prompt": ending.prompt,
            "model": ending.model,
            "provider": settings.llm.provider if system == "model" else "",
            "repairs": ending.repairs,
            "attempts": ending.attempts,
            "first_text_s": ending.first_text_s,
            "unreachable": ending.unreachable,
        },
    )


def _action(number: int, seen: Observation) -> dict[str, Any]:
    table = seen.table
    return {
        "step": number,
        "name": seen.name,
        "tool": seen.call.name,
        "arguments": dict(seen.call.arguments or {}),
        "outcome": seen.outcome,
        "seconds": seen.seconds,
        "tables": list(table.tables) if table else [],
        "columns": list(table.columns) if table else [],
        "rows": [list(row) for row in table.rows] if table else [],
    }


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
