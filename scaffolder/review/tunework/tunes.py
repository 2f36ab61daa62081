"""Records of tunes: what a run says it was made from and what it took.

Invariant: a record is a small JSON object that names a seed or a rate and something trained; values
are anybody's and taken as text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scaffolder.review.model import Evidence, quote
from scaffolder.review.parse import Parsed
from scaffolder.review.view import RepoView

MAX_RECORDS = 40
MAX_BYTES = 200_000
_PLACES = re.compile(
    r"(?:^|/)(?:runs?|outputs?|models?|training|experiments?|checkpoints?|results|evals)/",
    re.IGNORECASE,
)
_TRAINED = re.compile(r"\b(?:loss|steps|epochs|learning_rate|lr)\b")


@dataclass(frozen=True)
class Tune:
    """A record with every value under its dotted name in small letters."""

    path: str
    values: Mapping[str, str]

    def said(self, pattern: re.Pattern[str]) -> str:
        """The first value that is not empty whose name matches."""
        return next((v for k, v in self.values.items() if v and pattern.search(k)), "")

    @property
    def evidence(self) -> Evidence:
        return quote(self.path)


def tunes(view: RepoView) -> tuple[Tune, ...]:
    """The records of the repository, in the order of their paths."""
    return view.once(_tunes)


def _tunes(view: RepoView) -> tuple[Tune, ...]:
    small = (p for p in view.find("*.json") if view.size(p) < MAX_BYTES and _PLACES.search(p))
    found = (_tune(view, path) for path in sorted(small)[:200])
    return tuple(tune for tune in found if tune)[:MAX_RECORDS]


def _tune(view: RepoView, path: str) -> Tune | None:
    read = view.json(path)
    if not isinstance(read, Parsed) or not isinstance(read.value, dict):
        return None
    values = dict(_flat(read.value, "", 0))
    names = " ".join(values).replace(".", " ")
    return Tune(path, values) if _TRAINED.search(names) and "seed" in names else None


def _flat(value: Mapping[str, Any], before: str, deep: int) -> Iterator[tuple[str, str]]:
    for name, each in list(value.items())[:200]:
        where = f"{before}{str(name)[:80].lower()}"
        if isinstance(each, dict) and deep < 4:
            yield from _flat(each, f"{where}.", deep + 1)
        elif not isinstance(each, dict):
            yield where, "" if each is None else str(each)[:200]
