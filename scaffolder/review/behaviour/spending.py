"""What a run says it used, how much it can use, and how long it says it took.

Invariant: a number counts as reported where it stands in the final object or in a file that the run
wrote; a project that reports in another way is unknown, not accused.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.model import ControlFailed, Outcome
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.behaviour.provider import MOST_REQUESTS, Tried, broken, under
from scaffolder.review.model import Reading, count, no, partial, unknown, yes

ODD = (4217, 139)
"""Tokens that are billed for each answer: no estimate from the length of a text meets them."""

DELAY = 0.4
"""Seconds that an answer is held back."""

LEAST_RISE = 0.25
"""Seconds of a held answer that must be reported: 150 ms less than it was held."""

_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")
_TIMED = re.compile(r"latency|ttft|first_token|duration|elapsed|took|seconds|time_?(?:s|ms)$", re.I)


def usage_reported(bench: Bench) -> Reading:
    """S0: the tokens of the reply are those of the result, counted once, and its cost is theirs."""
    benches.demo_with_model(bench)
    tried = under(bench, Script(usage=ODD))
    if (found := broken(tried, "an answer of unusual token counts")) is not None:
        return found
    outcome, final = tried.outcome, tried.outcome.final
    billed = [outcome.asked.usage.get(kind, 0) for kind in ("input", "output")]
    if not all(billed):
        seen = outcome.evidence("the scripted model billed nothing")
        raise ControlFailed("no answer of the scripted model was billed", seen)
    evidence = outcome.evidence(f"billed {billed[0]} and {billed[1]}; says {_used(final)}")
    traced = set(_numbers(_written(tried)))
    if final is None or "usage" not in final:
        return _in_trace(billed, traced, outcome)
    numbers = set(_numbers([final["usage"]]))
    if not set(billed) <= numbers:
        twice = {2 * each for each in billed} & numbers
        how = "twice as many tokens as were billed" if twice else "other tokens than were billed"
        return no(f"The result tells of {how}.", evidence)
    if final.get("trace") and not set(ODD) <= traced and not set(billed) <= traced:
        return partial("The result tells what was billed, and the trace does not.", evidence)
    if "cost_usd" not in final or not isinstance(final["cost_usd"], int | float | None):
        return partial("The result tells the tokens and no cost: a number, or null.", evidence)
    if final["cost_usd"] and (found := _unmoved(bench, tried)) is not None:
        return found
    return yes("The tokens of the reply are those of the result, counted once.", evidence)


def _unmoved(bench: Bench, first: Tried) -> Reading | None:
    """A cost that does not rise with the tokens of one kind leaves them out."""
    cost = (first.outcome.final or {})["cost_usd"]
    for kind, usage in (("input", (2 * ODD[0], ODD[1])), ("output", (ODD[0], 2 * ODD[1]))):
        tried = under(bench, Script(usage=usage))
        dearer = (tried.outcome.final or {}).get("cost_usd")
        is_same = tried.status == first.status and isinstance(dearer, int | float)
        if is_same and dearer <= cost:
            seen = tried.outcome.evidence(f"{cost} USD for {ODD} tokens, {dearer} for {usage}")
            return no(f"The cost does not rise with the tokens of the {kind}.", seen)
    return None


def bounded(bench: Bench, reply: str = "quoted", status: int = 0) -> Reading:
    """S8 and S11b: a model without a usable answer ends the run after few, limited requests."""
    benches.demo_with_model(bench)
    faults = ({"type": "fail", "status": status, "times": None},) if status else ()
    tried = under(bench, Script(faults=faults, reply=reply))
    what = f"a {status} for every request" if status else f"replies that are always {reply}"
    if (found := broken(tried, what)) is not None:
        return found
    requests = tried.outcome.asked.requests
    sent = f"{count(len(requests), 'request')} of at most {MOST_REQUESTS}"
    evidence = tried.outcome.evidence(f"{sent} in {tried.outcome.seconds:.1f} s")
    free = [request for request in requests if not _limited(request)]
    if free:
        reason = "Requests leave open how many tokens may be written."
        return no(reason, tried.outcome.evidence(f"{len(free)} of {len(requests)} without a limit"))
    reason = f"With {what} the run ended by itself after {sent}, each with a limit of tokens."
    return yes(reason, evidence)


def delay_measured(bench: Bench) -> Reading:
    """S13: an answer that is held back for 400 ms makes the reported time rise.

    A busy machine adds more to one run than to the other, so a `no` is seen twice.
    """
    benches.demo_with_model(bench)
    held = Script(faults=({"type": "delay", "seconds": DELAY, "times": None},))
    best, tried = float("-inf"), None
    for _ in range(2):
        plain, tried = _times(under(bench, Script())), under(bench, held)
        late = _times(tried)
        both = plain.keys() & late.keys()
        if not both:
            reason = "Neither the result nor a written file tells how long the answer took."
            verify = "Report latency_ms or ttft_ms in the result or the trace."
            return unknown(reason, verify, tried.outcome.evidence("no time was found"))
        best = max(best, *(late[key] - plain[key] for key in both))
        evidence = tried.outcome.evidence(f"held {DELAY * 1000:.0f} ms, rose {best * 1000:.0f} ms")
        if best >= LEAST_RISE:
            return yes("The reported time rises when the answer is held back.", evidence)
    return no("The answer was held back and the reported time did not rise.", evidence)


def _in_trace(billed: list[int], traced: set[float], outcome: Outcome) -> Reading:
    if set(billed) <= traced or set(ODD) <= traced:
        evidence = outcome.evidence("the tokens stand in a written file")
        if outcome.final is None:
            return yes("A file that the run wrote tells the tokens that were billed.", evidence)
        return partial("A written file tells the tokens, and the result has no `usage`.", evidence)
    said = outcome.stdout + outcome.stderr
    if all(str(each) in said.replace(",", "") for each in billed):
        return yes("Its output tells the tokens that were billed.", outcome.evidence("in its text"))
    seen = outcome.evidence(f"{billed[0]} and {billed[1]} tokens were billed")
    return no("Neither its output nor a file that it wrote tells what was used.", seen)


def _limited(value: Any) -> bool:
    """Whether a request limits its output, at whatever depth its API says so."""
    if not isinstance(value, dict):
        return False
    if any(isinstance(value.get(key), int) and value[key] > 0 for key in _LIMITS):
        return True
    return any(_limited(value.get(key)) for key in ("generationConfig", "generation_config"))


def _used(final: Any) -> str:
    return json.dumps((final or {}).get("usage"))[:200]


def _written(tried: Tried) -> list[Any]:
    """The JSON values in files that a run wrote: whole files, or a value a line."""
    found: list[Any] = []
    for raw in tried.files.values():
        text = raw.decode("utf-8", "replace")
        for part in (text, *text.splitlines()):
            try:
                found.append(json.loads(part))
            except (ValueError, RecursionError):
                continue  # a line of no JSON says nothing here
            if part is text:
                break
    return found


def _numbers(values: Any) -> Iterator[float]:
    for value in values.values() if isinstance(values, dict) else values:
        if isinstance(value, dict | list):
            yield from _numbers(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield value


def _times(tried: Tried) -> dict[str, float]:
    """Seconds by the name under which they were reported, summed over the events of a run."""
    found: dict[str, float] = {}
    for name, value in _named([tried.outcome.final or {}, *_written(tried)]):
        if _TIMED.search(name):
            found[name] = found.get(name, 0.0) + (value / 1000 if "ms" in name.lower() else value)
    return found


def _named(values: Any) -> Iterator[tuple[str, float]]:
    pairs = values.items() if isinstance(values, dict) else (("", each) for each in values)
    for name, value in pairs:
        if isinstance(value, dict | list):
            yield from _named(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield str(name), float(value)
