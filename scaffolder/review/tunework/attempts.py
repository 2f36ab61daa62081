"""Tunes that were made to learn something of the tuning: by size of the data, and as controls.

Invariant: a row has the size or the name of its control and a score; the score is a share.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scaffolder.review.model import Evidence
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.tunework.ladder import PREFERRED
from scaffolder.review.view import RepoView

MAX_FILES = 20
_ENDS = (".jsonl", ".json", ".csv")
_CURVE = re.compile(r"curve|data[-_]?size|scaling|by[-_]size", re.IGNORECASE)
_CONTROL = re.compile(r"control|sanity|ablation", re.IGNORECASE)
_SIZES = ("rows", "size", "n_train", "train_size", "examples", "train_rows", "samples")
_FIRST = ("loss_first", "first_loss", "loss_start", "initial_loss")
_LAST = ("loss_last", "last_loss", "final_loss", "loss_end", "train_loss", "loss")
CONTROLS: Mapping[str, re.Pattern[str]] = {
    "shuffled labels": re.compile(r"shuffl|random.?label|permut", re.IGNORECASE),
    "one batch": re.compile(r"one.?batch|overfit|single.?batch|memor", re.IGNORECASE),
    "another rate": re.compile(r"\brate\b|\blr\b|learning", re.IGNORECASE),
    "another seed": re.compile(r"seed", re.IGNORECASE),
}


@dataclass(frozen=True)
class Attempt:
    """A tune with its name or size and what it scored; None where the row does not say."""

    row: Row
    name: str
    size: float | None
    score: float | None
    first: float | None
    last: float | None
    n: float | None


def curve(view: RepoView) -> tuple[Attempt, ...]:
    """The tunes by size, smallest first."""
    found = (a for a in view.once_for(_attempts, _CURVE) if a.size and a.score is not None)
    return tuple(sorted(found, key=lambda a: a.size or 0))


def controls(view: RepoView) -> Mapping[str, Attempt]:
    """The first tune of each kind of control."""
    return view.once(_controls)


def places(view: RepoView, *some: Attempt) -> list[Evidence]:
    """Where the rows stand."""
    return [view.quote(a.row.path, a.row.line) for a in some[:3]]


def _controls(view: RepoView) -> Mapping[str, Attempt]:
    found: dict[str, Attempt] = {}
    for attempt in view.once_for(_attempts, _CONTROL):
        kind = next((k for k, words in CONTROLS.items() if words.search(attempt.name)), "")
        if kind:
            found.setdefault(kind, attempt)
    return found


def _attempts(view: RepoView, named: re.Pattern[str]) -> tuple[Attempt, ...]:
    paths = [p for p in view.files if p.endswith(_ENDS) and named.search(p)]
    return tuple(a for path in paths[:MAX_FILES] for a in _of_file(view, path))


def _of_file(view: RepoView, path: str) -> Iterator[Attempt]:
    for row in resultrows.rows(view, path)[:200]:
        name = next((row.text(k) for k in ("control", "name", "kind", "system") if row.text(k)), "")
        score = next((v for k in PREFERRED if (v := resultrows.grade(row, k)) is not None), None)
        if name or _first(row, _SIZES) is not None:
            first, last = _first(row, _FIRST), _first(row, _LAST)
            yield Attempt(
                row, name[:100], _first(row, _SIZES), score, first, last, _first(row, ("n",))
            )


def _first(row: Row, keys: tuple[str, ...]) -> float | None:
    found = (resultrows.number(row.data.get(key)) for key in keys)
    return next((value for value in found if value is not None), None)
