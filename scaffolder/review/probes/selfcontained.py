"""Results that tell everything by themselves, from runs that go on where they stopped."""

import re

from scaffolder.review.coding import named, registry
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

COVERED = 0.9

_FIELDS = {
    "the item's id": ("id", "item_id", "case_id", "task_id", "question_id", "qid", "example_id"),
    "what the item was (a hash)": (
        *("item", "item_hash", "input_hash", "inputs_hash", "fingerprint", "question_hash"),
        *("version", "dataset_version", "dataset_hash", "items_version", "input", "question"),
    ),
    "the output": ("output", "answer", "response", "prediction", "completion", "reply", "state"),
    "the grades": ("grades", "scores", "metrics", "correct", "score", "grade", "pass"),
    "tokens": ("usage", "tokens", "total_tokens", "output_tokens", "completion_tokens"),
    "cost": ("cost_usd", "cost", "usd", "price_usd"),
    "latency": ("latency_ms", "latency_s", "latency", "duration_ms", "seconds", "elapsed_ms"),
    "the prompt's version": ("prompt", "prompt_version", "prompt_id", "prompt_hash"),
    "the model": ("model", "model_name", "llm"),
    "the commit": ("commit", "git_sha", "git_commit", "code_version", "sha", "revision"),
    "the trial": ("trial", "run", "repeat", "attempt", "seed", "epoch", "sample"),
}
ENOUGH = 7
"""Fields of eleven from which on a row tells most of it."""

_RESUMES = re.compile(
    r"resum|already_(?:done|run|graded)|done_ids|completed(?:_ids|_keys)?$|_?partial(?:_path)?$"
    r"|unfinished|skip_(?:done|existing)|checkpoint|is_done|seen_keys",
    re.IGNORECASE,
)
_CACHES = re.compile(
    r"^(?:\w{1,30}_)?cach(?:e|ed|es|ing)(?:_(?:key|dir|path|\w{1,20}))?$|diskcache|Memory$",
    re.IGNORECASE,
)
_HASHES = re.compile(r"^(?:sha256|sha1|md5|blake2b|hashlib|fingerprint|xxhash|content_hash)$")
_ESTIMATES = re.compile(
    r"estimat|ask_above|dry_?run|projected_cost|expected_cost|confirm|max_(?:usd|cost)|budget",
    re.IGNORECASE,
)


def rows_complete(view: RepoView) -> Reading:
    """A row tells what was asked, what came, what it earned and cost, and how to make it again."""
    rows = registry.graded(view)
    if not rows:
        return no("No graded result rows were found.")
    largest = max({r.path: 0 for r in rows}, key=lambda p: sum(r.path == p for r in rows))
    shown = [r for r in rows if r.path == largest]
    held = [f for f, keys in _FIELDS.items() if _hold(shown, keys)]
    missing = [f for f in _FIELDS if f not in held]
    places = (view.quote(shown[0].path, shown[0].line),)
    if missing:
        reason = f"The rows of {clean(largest, 80)} do not say {', '.join(missing)}."
        return partial(reason, *places) if len(held) >= ENOUGH else no(reason, *places)
    return yes(f"{count(len(shown), 'row')} of {clean(largest, 80)} tell all of it.", *places)


def resumes(view: RepoView) -> Reading:
    """Code goes on where a run stopped, keeps replies by content, and tells the cost before."""
    ways = {
        "goes on where a run stopped": _found(view, _RESUMES),
        "keeps replies by their content": _cached(view),
        "estimates the cost before it starts": _found(view, _ESTIMATES),
    }
    missing = [way for way, places in ways.items() if not places]
    places = [e for found in ways.values() for e in found[:1]]
    if len(missing) == len(ways):
        return no("No code goes on where a run stopped, keeps replies, or estimates a run's cost.")
    if missing:
        return partial(f"No code {', nor '.join(missing)}.", *places)
    return yes("A run goes on where it stopped, asks nothing twice, and tells its cost.", *places)


def _hold(rows: list[Row], keys: tuple[str, ...]) -> bool:
    """Whether almost all rows have one of the fields; that it is empty is said as well."""
    having = sum(not set(keys).isdisjoint(named.fields(r.data)) for r in rows)
    return having >= COVERED * len(rows)


def _found(view: RepoView, pattern: re.Pattern[str]) -> list[Evidence]:
    return identifiers(view, pattern, view.code)


def _cached(view: RepoView) -> list[Evidence]:
    """Files that name a cache, where a hash of contents is made somewhere."""
    return _found(view, _CACHES) if _found(view, _HASHES) else []
