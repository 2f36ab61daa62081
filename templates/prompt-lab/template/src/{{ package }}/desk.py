"""One message, read by one system, with one result that tells everything.

Invariant: whatever happened, the result says it: status, record or fault, prompt, tokens, cost,
trace; the trace begins with the version of the prompt.
"""

from collections.abc import Mapping
from dataclasses import asdict

from .errors import ProviderUnreachable
from .generating import Model, open_model
from .record import canonical
from .result import Result, Status
from .settings import Settings
from .systems import Answer, Session, System, answers
from .trace import Trace
from .versions import Version, locked

ENDINGS: Mapping[str, Status] = {"refusal": "refused", "budget_exceeded": "budget_exceeded"}


def handle(
    text: str,
    settings: Settings,
    system: System,
    trace: Trace,
    *,
    version: Version | None = None,
    model: Model | None = None,
) -> Result:
    """The record of a message by the version that the lock names, unless another is given.

    Raises ConfigError (key, model id, missing packages, a prompt that is not the locked one).
    """
    used = version or locked(settings.prompts / settings.prompt)
    prompt = "" if system == "baseline" else used.name
    trace.event("request", system=system, text=text, prompt=prompt, digest=used.digest)
    opened = open_model(settings) if system == "local" and model is None else model
    try:
        (answer,) = answers(system, [text], Session(settings, used, trace, opened))
    except ProviderUnreachable as error:
        trace.event("final", status="failed", answer=error.message, cost_usd=None)
        return Result(
            "failed",
            error.message,
            cost_usd=None,
            trace=_place(trace, settings),
            system=shown(system),
        )
    except KeyboardInterrupt:
        trace.event("final", status="failed", answer="stopped by the user", cost_usd=None)
        raise
    result = _result(answer, system, prompt, settings, trace)
    trace.event("final", status=result.status, answer=result.answer, cost_usd=answer.cost_usd)
    return result


def shown(system: System) -> str:
    """`model` for the API's, as every command calls it."""
    return "model" if system == "api" else system


def _result(
    answer: Answer, system: System, prompt: str, settings: Settings, trace: Trace
) -> Result:
    record = answer.record
    return Result(
        "answered" if record else ENDINGS.get(answer.stop, "failed"),
        _why(answer),
        canonical(record) if record else None,
        usage=answer.usage,
        cost_usd=answer.cost_usd,
        steps=1,
        trace=_place(trace, settings),
        system=shown(system),
        detail={
            "record": asdict(record) if record else None,
            "prompt": prompt,
            "model": answer.model,
            "seconds": round(answer.seconds, 3),
        },
    )


def _why(answer: Answer) -> str:
    if answer.stop == "budget_exceeded":
        return answer.fault
    return f"the reply is no record: {answer.fault}" if answer.fault else ""


def _place(trace: Trace, settings: Settings) -> str:
    path = trace.path
    inside = path.is_relative_to(settings.root)
    return path.relative_to(settings.root).as_posix() if inside else str(path)
