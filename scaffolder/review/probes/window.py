"""The context window on purpose: counted, tested over many turns, seen in rows."""

import re

from scaffolder.review.agentwork import runs, tested
from scaffolder.review.model import Reading, count, no, partial, unknown, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.results.resultrows import number
from scaffolder.review.view import RepoView

GROWTH = 4.0
"""How many times the input of a usual request that of the largest may be."""

_COUNTS = re.compile(
    r"^(?:count_tokens|num_tokens\w{0,20}|estimate(?:d)?_tokens|tokens_of|tiktoken"
    r"|token_count(?:er)?|encoding_for_model"
    r"|estimate|upper_estimate|tokens?)$",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"^(?:most_tokens|max_(?:input|context|history|prompt)_tokens|token_(?:budget|limit)"
    r"|context_(?:limit|budget|window)"
    r"|max_context|budget_tokens|input_budget)$",
    re.IGNORECASE,
)
_LONG = re.compile(
    r"(?:sixty|fifty|forty|60|50|40|many|hundred|long) (?:\w{1,12} )?(?:turns?|exchanges"
    r"|messages|conversation|chat|talk)"
    r"|stays? (?:with)?in (?:the |its )?(?:budget|limit|window|context)",
    re.IGNORECASE,
)
_KEEPS = re.compile(
    r"pinn?(?:ed|s)|(?:fact|instruction|constraint|name)s? (?:\w{1,12} ){0,5}(?:kept|survive"
    r"|still|stay|sent|remember)"
    r"|remember|is lost|early (?:fact|constraint)|keeps? the (?:fact|instruction|first)",
    re.IGNORECASE,
)
_INPUT = ("input_tokens", "prompt_tokens")
_VERIFY = "Run the evaluation with a model and commit its rows with their tokens."


def counted(view: RepoView) -> Reading:
    """Code counts what is sent and compares it with a limit."""
    if not calls(view):
        return no("No model is called, so nothing is sent.")
    counts, limits = identifiers(view, _COUNTS, view.code), identifiers(view, _LIMITS, view.code)
    if counts and limits:
        return yes("What is sent is counted, and held to a limit.", counts[0], limits[0])
    if counts or limits:
        lacks = "no limit is set for it" if counts else "nothing counts what is sent"
        return partial(f"The context is thought of, and {lacks}.", *(counts or limits)[:2])
    return no("Nothing counts what is sent before it is sent.")


def long_tested(view: RepoView) -> Reading:
    """Tests hold a conversation of many turns to its limit, and look for an early fact in it."""
    long, keeps = tested.on(view, _LONG), tested.on(view, _KEEPS)
    if long and keeps:
        return yes("Tests hold a long conversation, and look for an early fact.", long[0], keeps[0])
    if long or keeps:
        lacks = "an early fact in it" if long else "a conversation of many turns"
        return partial(f"No test looks at {lacks}.", *(long or keeps)[:2])
    return no("No test holds a conversation of many turns.")


def rows_bounded(view: RepoView) -> Reading:
    """In a model's rows no request reads far more than a usual one."""
    every = runs.runs(view)
    if not every:
        return no("No rows of answered questions were found.")
    asked = [(t, r) for r in runs.by_model(view) if (t := _tokens(r)) > 0]
    known = sorted(asked, key=lambda one: one[0])
    if not known:
        reason = "No rows hold the tokens of a model, so the context cannot be seen."
        return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")
    usual, (most, worst) = known[len(known) // 2][0], known[-1]
    told = (
        f"{most:,.0f} input tokens a question at most, {usual:,.0f} usually, "
        f"in {count(len(known), 'row')}"
    )
    if most > GROWTH * usual:
        return partial(f"{told}: what is sent grows.", runs.spot(view, worst))
    return yes(f"{told}.", runs.spot(view, worst))


def _tokens(run: runs.Run) -> float:
    """Input tokens a request, cached ones among them."""
    usage = run.row.data.get("usage")
    held = usage if isinstance(usage, dict) else run.row.data
    read = next((v for k in _INPUT if (v := number(held.get(k)))), 0.0)
    return (read + (number(held.get("cached_tokens")) or 0)) / max(run.steps or 0, 1)
