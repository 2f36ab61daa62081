"""A model that calls tools as it should not: what comes back to it, and when the run ends.

Invariant: nobody is accused where no tool is offered to the model; every honest end is accepted.
"""

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour import toolcalls
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import NotApplicable, Outcome
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.behaviour.toolcalls import Turn
from scaffolder.review.model import Reading, no, partial, yes

SECONDS = 120.0
PARALLEL = 3
MOST_REQUESTS = 60
"""Requests of one run that never ends by itself: a bound of thirty steps, with as many repairs."""

NOTICED = 8
"""Requests within which the same call over and over is noticed: five, and room to say so."""

ENDS = ("answered", "refused", "needs_human", "degraded", "budget_exceeded", "failed")


def error_returned(bench: Bench, kind: toolcalls.Kind) -> Reading:
    """S5, S6: a call that cannot be made comes back as an error, and the run goes on."""
    what = "an unknown tool" if kind == "unknown" else "arguments of another shape"
    done = _under(bench, Script(calls=(Turn(kind),)))
    seen = done.evidence(f"the model called {what}")
    if (wrong := _broken(done, f"the model calls {what}")) is not None:
        return wrong
    given = [toolcalls.results(request) for request in done.asked.requests[1:]]
    if not given or max(given) < 1:
        return no(f"Where the model calls {what}, no error goes back to it.", seen)
    return yes(f"Where the model calls {what}, an error goes back and the run ends.", seen)


def paired(bench: Bench) -> Reading:
    """S7: three calls of one turn get three results in the next request."""
    done = _under(bench, Script(calls=(Turn(times=PARALLEL),)))
    seen = done.evidence(f"the model called a tool {PARALLEL} times at once")
    if (wrong := _broken(done, f"the model makes {PARALLEL} calls at once")) is not None:
        return wrong
    given = max((toolcalls.results(request) for request in done.asked.requests[1:]), default=0)
    if given < PARALLEL:
        return no(f"{PARALLEL} calls at once got {given} results.", seen)
    return yes(f"{PARALLEL} calls at once got {given} results.", seen)


def text_beside(bench: Bench, thinking: bool = False) -> Reading:
    """S17b, S18: an empty block, or words, before a call do not hide the call."""
    turn = Turn(text="" if thinking else "I look that up.")
    done = _under(bench, Script(calls=(turn,), reply="thinking" if thinking else "quoted"))
    what = "an empty block stands before a call" if thinking else "words stand beside a call"
    seen = done.evidence(what)
    if (wrong := _broken(done, what)) is not None:
        return wrong
    given = max((toolcalls.results(request) for request in done.asked.requests[1:]), default=0)
    if not given:
        return no(f"Where {what}, the call is not seen.", seen)
    return yes(f"Where {what}, the call is made.", seen)


def stops(bench: Bench) -> Reading:
    """S8b: a model that never stops calling is stopped, with an honest status."""
    done = _under(bench, Script(calls=(Turn(),), endless=True))
    asked = len(done.asked.requests)
    seen = done.evidence(f"{asked} requests")
    if done.ended == "time" or asked > MOST_REQUESTS:
        return no(f"A model that never stops calling was asked {asked} times.", seen)
    if (wrong := _broken(done, "the model never stops calling")) is not None:
        return wrong
    if (done.final or {}).get("status") in ("answered", None):
        return partial("A run that was cut off does not say so in its status.", seen)
    return yes(f"A model that never stops calling is stopped after {asked} requests.", seen)


def notices(bench: Bench) -> Reading:
    """S9: the same call over and over is noticed before the bound on steps."""
    done = _under(bench, Script(calls=(Turn(),), endless=True))
    asked = len(done.asked.requests)
    seen = done.evidence(f"{asked} requests with the same call")
    if (wrong := _broken(done, "the model repeats a call")) is not None:
        return wrong
    if asked > NOTICED:
        return no(f"The same call was made until {asked} requests.", seen)
    return yes(f"The same call over and over is noticed after {asked} requests.", seen)


def _under(bench: Bench, script: Script) -> Outcome:
    """The demo with the scripted model; NotApplicable where the model is offered no tools."""
    control = benches.demo_with_model(bench)
    if not any(toolcalls.offered(request) for request in control.asked.requests):
        raise NotApplicable("the model is offered no tools")

    def make() -> Outcome:
        with benches.trial(bench) as trial:
            words = command(bench.declared, "demo")
            return benches.run(trial, words, model=script, seconds=SECONDS)

    return benches.once(bench, f"calls {script}", make)


def _broken(done: Outcome, what: str) -> Reading | None:
    seen = done.evidence(what)
    if done.crashed:
        return no(f"Where {what}, a traceback reaches the user.", seen)
    if done.ended == "time":
        return no(f"Where {what}, the run does not end.", seen)
    if done.exit_code == 0 and (done.final or {}).get("status") not in ENDS:
        return no(f"Where {what}, the run ends without a status.", seen)
    return None
