"""Prompt caching and batch: what is the same stands first, and the saving is shown."""

import re

from scaffolder.review.agentwork import runs
from scaffolder.review.model import Reading, count, no, partial, unknown, yes
from scaffolder.review.models.codewords import identifiers, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.results.resultrows import number
from scaffolder.review.view import RepoView

_MARKED = re.compile(
    r"^(?:cache_control|prompt_cache_key|cached_content|CachedContent|cache_point"
    r"|prompt_cache_retention)$"
)
_CLOCK = re.compile(r"(?:^|\.)(?:now|utcnow|today|time|uuid4|uuid1|token_hex)$")
_PROMPT = re.compile(r"system|prompt|instruction|prefix|preamble", re.IGNORECASE)
_CACHED = (
    "cached_tokens",
    "cache_read_input_tokens",
    "cache_read_tokens",
    "cached_content_token_count",
)
_VERIFY = "Run the evaluation with a model and commit rows with their cached tokens."


def prefix_first(view: RepoView) -> Reading:
    """The provider is told what to keep, or usage of its cache is read; nothing in it changes."""
    if not calls(view):
        return no("No model is called, so nothing is cached.")
    marked = identifiers(view, _MARKED, view.code)
    read = identifiers(view, re.compile("|".join(_CACHED)), view.code)
    clocks = [
        place(view, f.path, c.line)
        for f in view.code
        for c in f.calls
        if _CLOCK.search(c.name) and _PROMPT.search(c.function)
    ]
    if clocks:
        return no("What changes with each request is put into the instructions.", *clocks[:2])
    if marked and read:
        return yes(
            "What is the same is marked for the cache, and its usage is read.", marked[0], read[0]
        )
    if marked or read:
        lacks = "its usage is not read" if marked else "nothing is marked for it"
        return partial(f"The cache is thought of, and {lacks}.", *(marked or read)[:2])
    return no("Nothing is marked for a cache, and its usage is not read.")


def saving_told(view: RepoView) -> Reading:
    """A model's rows hold tokens that came from the cache."""
    every = runs.runs(view)
    if not every:
        return no("No rows of answered questions were found.")
    asked = runs.by_model(view)
    if not asked:
        reason = "No rows of a model were found, so no saving can be seen."
        return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")
    cached = [r for r in asked if _cached(r) > 0]
    if not cached:
        return no("No row of a model read anything from a cache.", *runs.spots(view, asked, 2))
    told = f"{len(cached):,} of {count(len(asked), 'row')} read from a cache."
    return yes(told, *runs.spots(view, cached, 2))


def _cached(run: runs.Run) -> float:
    usage = run.row.data.get("usage")
    held = usage if isinstance(usage, dict) else run.row.data
    return next((v for k in _CACHED if (v := number(held.get(k)))), 0.0)
