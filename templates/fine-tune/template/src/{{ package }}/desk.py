"""One message, read by one system, with one result that tells everything.

Invariant: whatever happened, the result says it: status, record or fault, tokens, cost, trace.
"""

from collections.abc import Mapping
from dataclasses import asdict

from .errors import ProviderUnreachable
from .generating import Model, open_model
from .record import canonical
from .result import Result, Status
from .settings import Settings
from .systems import LOCAL, Answer, Session, System, answers
from .trace import Trace

FALLBACK: System = "best-prompt"
ENDINGS: Mapping[str, Status] = {"refusal": "refused", "budget_exceeded": "budget_exceeded"}


def handle(
    text: str, settings: Settings, system: System, trace: Trace, *, model: Model | None = None
) -> Result:
    """The record of a message. Raises ConfigError (key, model id, missing packages).

    Where the tuned model is asked for and its adapter is not there, the base model with the best
    prompt answers: the result is degraded, and the trace says why.
    """
    trace.event("request", system=system, text=text)
    used, note = usable(system, settings)
    trace.event("system", asked=system, used=used, reason=note or "as asked")
    opened = model
    if used in LOCAL and opened is None:
        opened = open_model(settings, settings.adapter if used == "tuned" else None)
    try:
        (answer,) = answers(used, [text], Session(settings, trace, opened))
    except ProviderUnreachable as error:
        trace.event("final", status="failed", answer=error.message, cost_usd=None)
        return Result(
            "failed",
            error.message,
            cost_usd=None,
            trace=_place(trace, settings),
            system=_shown(used),
        )
    except KeyboardInterrupt:
        trace.event("final", status="failed", answer="stopped by the user", cost_usd=None)
        raise
    result = _result(answer, used, note, settings, trace)
    trace.event("final", status=result.status, answer=answer.text, cost_usd=answer.cost_usd)
    return result


def usable(system: System, settings: Settings) -> tuple[System, str]:
    """What can answer for a system, and why it is not the system itself ("" if it is)."""
    if system != "tuned" or settings.adapter is not None:
        return system, ""
    return FALLBACK, f"there is no adapter for [local] run = {settings.run!r} in config.toml"


def _result(answer: Answer, used: System, note: str, settings: Settings, trace: Trace) -> Result:
    record = answer.record
    return Result(
        _status(answer, note),
        "; ".join(part for part in (note, _why(answer)) if part),
        canonical(record) if record else None,
        usage=answer.usage,
        cost_usd=answer.cost_usd,
        steps=1,
        trace=_place(trace, settings),
        system=_shown(used),
        detail={
            "record": asdict(record) if record else None,
            "used": used,
            "model": answer.model,
            "seconds": round(answer.seconds, 3),
        },
    )


def _status(answer: Answer, note: str) -> Status:
    if answer.record is not None:
        return "degraded" if note else "answered"
    return ENDINGS.get(answer.stop, "failed")


def _why(answer: Answer) -> str:
    if answer.stop == "budget_exceeded":
        return answer.fault
    return f"the reply is no record: {answer.fault}" if answer.fault else ""


def _shown(system: System) -> str:
    """`model` for the API's, as every command calls it."""
    return "model" if system == "api" else system


def _place(trace: Trace, settings: Settings) -> str:
    path = trace.path
    return (
        path.relative_to(settings.root).as_posix()
        if path.is_relative_to(settings.root)
        else str(path)
    )
