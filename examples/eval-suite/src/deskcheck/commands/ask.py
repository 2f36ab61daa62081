"""`ask`: one message, one reply of a system under test."""

import argparse
from collections.abc import Mapping
from datetime import date

from .. import systems
from ..console import deliver, note
from ..errors import ConfigError, ProviderUnreachable, UsageError
from ..layout import terminal_width, wrapped
from ..llm import client, provider
from ..project import load_env
from ..result import Result
from ..settings import Settings, SystemSpec, load_settings, system_of
from ..systems import Context, Output
from ..trace import Trace

BASELINE, MODEL = "baseline", "model"


def run(args: argparse.Namespace) -> int:
    """Ask `args.message`; `args.system` is None for "the model if there is a key"."""
    message = " ".join(args.message.split())
    if not message:
        raise UsageError("the message is empty", 'ask "Can I have Thursday at 10?"')
    settings = load_settings()
    load_env(settings.root)
    spec = _choose(args.system, settings)
    trace = Trace.start(settings.traces, "ask")
    given = {"message": message, "received": args.received or date.today().isoformat()}
    result = _asked(given, spec, settings, trace)
    text = "\n\n".join(part for part in (result.answer, result.message) if part)
    deliver(result, args.json, wrapped(text, terminal_width()))
    return 0


def _choose(wanted: str | None, settings: Settings) -> SystemSpec:
    spec = system_of(settings, wanted or (MODEL if client.key_is_set() else BASELINE))
    if spec.kind == "model" and not client.key_is_set():
        raise ConfigError(
            f"the model needs {provider.KEY_VARIABLE}, which is not set",
            "put it in .env, or ask with --system baseline",
        )
    if wanted is None and spec.name == BASELINE:
        note(f"{provider.KEY_VARIABLE} is not set: the baseline answers")
    return spec


def _asked(given: Mapping[str, str], spec: SystemSpec, settings: Settings, trace: Trace) -> Result:
    """The reply; the baseline's, as "degraded", where the model gives nothing usable."""
    context = Context(settings, trace, client.Spend(settings.llm.budget_usd))
    where = trace.path.relative_to(settings.root).as_posix()
    try:
        output = systems.answer(given, spec, context)
    except client.BudgetExceeded as error:
        return Result(
            "budget_exceeded", f"{error.message}; {error.hint}", trace=where, system=MODEL
        )
    except ProviderUnreachable as error:
        return _instead(given, error.message, settings, context, where)
    if output.status == "failed" and spec.kind == "model":
        return _instead(given, output.error, settings, context, where, output)
    return _result(output, spec, where)


def _instead(
    given: Mapping[str, str],
    reason: str,
    settings: Settings,
    context: Context,
    where: str,
    paid: Output | None = None,
) -> Result:
    found = systems.answer(given, system_of(settings, BASELINE), context)
    return Result(
        "degraded",
        f"No reply from the model ({reason}); this is the baseline's.",
        str(found.output.get("reply", "")),
        usage=paid.usage if paid else found.usage,
        cost_usd=paid.cost_usd if paid else 0.0,
        trace=where,
        system=MODEL,
        detail={"output": found.output},
    )


def _result(output: Output, spec: SystemSpec, where: str) -> Result:
    reply = output.output.get("reply")
    status = "failed" if output.status == "failed" else "answered"
    return Result(
        status,  # type: ignore[arg-type]
        output.error,
        str(reply) if reply is not None else None,
        usage=output.usage,
        cost_usd=output.cost_usd,
        trace=where,
        system=spec.name,
        detail={"output": output.output},
    )
