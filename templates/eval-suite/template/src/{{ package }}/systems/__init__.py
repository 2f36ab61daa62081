"""The door to whatever is evaluated: one call, one output, never an exception of the system's own.

Invariant: a system that crashes, hangs, or answers something else than a JSON object has failed
on that item, with the reason; the run goes on.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ProjectError
from ..llm.client import Spend
from ..result import Usage
from ..settings import Kind, Settings, SystemSpec
from ..trace import Trace
from . import asked, outside


@dataclass(frozen=True)
class Context:
    """What a system may need beside its input; `spend` is shared by a whole run."""

    settings: Settings
    trace: Trace
    spend: Spend


@dataclass(frozen=True)
class Output:
    """`output` is what the system returned, {} if it failed; `error` says why it did.

    `cost_usd` is None where the system does not tell it.
    """

    output: Mapping[str, Any]
    status: str = "answered"
    latency_ms: float = 0.0
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0
    model: str = ""
    prompt: str = ""
    error: str = ""


def answer(given: Mapping[str, Any], spec: SystemSpec, context: Context) -> Output:
    """What the system `spec` makes of the input `given`.

    Errors that concern the whole run (no key, budget, provider unreachable) are raised.
    """
    started = time.perf_counter()
    context.trace.event("system", system=spec.name, version=spec.version, given=given)
    try:
        output = _CALLS[spec.kind](given, spec, context)
    except outside.Failed as failure:
        output = Output({}, "failed", error=failure.message, cost_usd=None)
    milliseconds = round((time.perf_counter() - started) * 1000, 3)
    context.trace.event("final", system=spec.name, status=output.status, error=output.error)
    return Output(**{**output.__dict__, "latency_ms": milliseconds})


def _callable(given: Mapping[str, Any], spec: SystemSpec, context: Context) -> Output:
    function = outside.function_of(spec)
    try:
        found = function(given)
    except ProjectError:
        raise
    except Exception as error:  # a system under test may raise anything
        raise outside.Failed(f"{type(error).__name__}: {error}") from error
    return Output(outside.checked(found))


def _command(given: Mapping[str, Any], spec: SystemSpec, context: Context) -> Output:
    settings = context.settings
    return Output(
        outside.command(spec.argv, given, settings.root, settings.timeout_s), cost_usd=None
    )


def _url(given: Mapping[str, Any], spec: SystemSpec, context: Context) -> Output:
    return Output(outside.url(spec.target, given, context.settings.timeout_s), cost_usd=None)


def _project(given: Mapping[str, Any], spec: SystemSpec, context: Context) -> Output:
    settings = context.settings
    question, options = str(given.get(spec.field, "")), given.get("options")
    known = options if isinstance(options, dict) else {}
    said = outside.project(settings.root / spec.target, question, known, settings)
    cited = said.get("citations")
    named = [str(c.get("source", "")) for c in cited if isinstance(c, dict)] if cited else []
    sources = list(dict.fromkeys(named))  # one document may be quoted more than once
    cost = said.get("cost_usd")
    return Output(
        {"reply": said.get("answer") or said.get("message") or "", "sources": sources}
        | {name: said[name] for name in ("status", "answer", "actions", "steps") if name in said},
        status=str(said.get("status", "answered")),
        usage=outside.usage_of(said.get("usage")),
        cost_usd=float(cost) if isinstance(cost, int | float) else None,
    )


def _model(given: Mapping[str, Any], spec: SystemSpec, context: Context) -> Output:
    reply = asked.reply(given, spec.target, context.settings, context.trace, context.spend)
    return Output(
        reply.output,
        "answered" if reply.output else "failed",
        usage=reply.usage,
        cost_usd=reply.cost_usd,
        model=reply.model,
        prompt=reply.prompt,
        error=reply.error,
    )


_CALLS: Mapping[Kind, Callable[[Mapping[str, Any], SystemSpec, Context], Output]] = {
    "callable": _callable,
    "command": _command,
    "url": _url,
    "project": _project,
    "model": _model,
}
