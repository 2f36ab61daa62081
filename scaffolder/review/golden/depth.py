"""How many passages the system hands on: the k that it is set to.

Invariant: read from configuration, else from the calls of the code that serves; an evaluation's own
k says nothing of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.golden import serving
from scaffolder.review.model import Evidence
from scaffolder.review.project import settings
from scaffolder.review.view import RepoView

MOST = 200
"""Passages above which a number is a pool of candidates, and no k."""

USUAL = 5
"""The k of the template's config.toml, taken where a project says none."""

FUSION = 60
"""The constant of reciprocal-rank fusion, which is called k too (Cormack et al., 2009)."""

_KEYS = (
    *("k", "top_k", "topk", "num_results", "n_results", "similarity_top_k", "match_count"),
    *("top_n", "max_results", "num_docs", "num_chunks"),
)
_LINE = re.compile(
    r"(?:^|[\s\"'({,])(?:retrieval_|search_|default_|rag_)?(?:top_?k|k|n_?results|num_results"
    r"|similarity_top_k|top_n|match_count)[\"']?\s{0,3}(?::\s{0,3}int\s{0,3})?[:=]\s{0,3}(?P<k>\d{1,3})(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Depth:
    """A k and where it is set."""

    k: int
    evidence: Evidence


def depths(view: RepoView) -> tuple[Depth, ...]:
    """Every k that the system is set to or calls its search with, configuration first."""
    return view.once(_depths)


def in_use(view: RepoView) -> int | None:
    """The k that the system is set to; None where neither configuration nor code says it."""
    return next((d.k for d in depths(view)), None)


def _depths(view: RepoView) -> tuple[Depth, ...]:
    k = settings.table(view, "retrieval").get("k")
    if type(k) is int and 0 < k <= MOST:
        return (Depth(k, settings.place(view, "k")),)
    found: dict[int, Depth] = {}
    for one in (*_written(view), *_called(view)):
        found.setdefault(one.k, one)
    return tuple(found.values())


def _written(view: RepoView) -> Iterator[Depth]:
    for path, number, line in serving.lines(view):
        match = _LINE.search(line) if "k" in line or "n" in line else None
        if match and 0 < int(match["k"]) <= MOST and int(match["k"]) != FUSION:
            yield Depth(int(match["k"]), view.quote(path, number))


def _called(view: RepoView) -> Iterator[Depth]:
    for file in view.code:
        if serving.evaluates(file.path):
            continue
        for call in file.calls:
            value = next((call.literals[k] for k in _KEYS if k in call.literals), None)
            if type(value) is int and 0 < value <= MOST and value != FUSION:
                yield Depth(value, view.quote(file.path, call.line))
