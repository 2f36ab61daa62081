"""Does the evaluation move when the system is broken on purpose, and stay where nothing changed?"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

BREAKS = 5
NO_OPS = 2
"""Degradations, and changes that must change nothing, that are asked for (rubric, EVL-09)."""

KEPT = 0.9
"""A mean that keeps this part of itself has not moved."""

_FILES = re.compile(r"sabotage|sanity|degrad|mutat|perturb|ablat|break", re.IGNORECASE)
_NAME = ("name", "break", "degradation", "change", "perturbation", "fault")
_BEFORE = ("before", "original", "baseline", "clean", "whole")
_AFTER = ("after", "broken", "degraded", "score", "now", "value")
_STAYS = re.compile(r"stay|same|no.?op|no.?change|unchanged|inside|equal|none", re.IGNORECASE)
_RISES = re.compile(r"ris|up\b|higher|increase", re.IGNORECASE)


@dataclass(frozen=True)
class _Moved:
    """One metric under one change; `expected` is as the row words it."""

    row: Row
    name: str
    expected: str
    before: float
    after: float

    @property
    def fell(self) -> bool:
        return self.before > 0 and self.after <= KEPT * self.before


def moves(view: RepoView) -> Reading:
    """Rows of deliberate breaks: some metric falls under each, none moves under a no-op."""
    found = _by_name(view)
    if not found:
        return no("No rows say what became of the scores when the system was broken on purpose.")
    stays = {n: m for n, m in found.items() if _STAYS.search(m[0].expected)}
    breaks = {n: m for n, m in found.items() if n not in stays and not _is_rise(m)}
    places = _places(view, [m[0] for m in found.values()])
    moved = [m for some in stays.values() for m in some if abs(m.before - m.after) > 1e-9]
    if moved:
        return no(f"{_told(moved[0])}, and nothing was to change.", *_places(view, moved))
    still = [some[0] for some in breaks.values() if not any(m.fell for m in some)]
    if still:
        said = clean(still[0].name, 40)
        return no(
            f"No score falls under {said}: it measures something else.", *_places(view, still)
        )
    told = f"{count(len(breaks), 'break')} and {count(len(stays), 'no-op')}"
    if len(breaks) < BREAKS or len(stays) < NO_OPS:
        return partial(f"{told}; {BREAKS} and {NO_OPS} are asked for.", *places)
    return yes(f"{told}: scores fall under each break and stay under each no-op.", *places)


def _by_name(view: RepoView) -> Mapping[str, Sequence[_Moved]]:
    found: dict[str, list[_Moved]] = defaultdict(list)
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path) if _FILES.search(path) else ():
            if moved := _moved(row):
                found[moved.name].append(moved)
    return found


def _moved(row: Row) -> _Moved | None:
    name = next((row.text(key) for key in _NAME if row.text(key)), "")
    before, after = (_number(row, keys) for keys in (_BEFORE, _AFTER))
    if not name or before is None or after is None:
        return None
    return _Moved(row, name, row.text("expected") or row.text("direction"), before, after)


def _number(row: Row, keys: Sequence[str]) -> float | None:
    values = (resultrows.number(row.data.get(key)) for key in keys)
    return next((value for value in values if value is not None), None)


def _is_rise(some: Sequence[_Moved]) -> bool:
    return bool(_RISES.search(some[0].expected))


def _told(moved: _Moved) -> str:
    return f"{clean(moved.name, 40)} moves a score from {moved.before:.2f} to {moved.after:.2f}"


def _places(view: RepoView, some: Sequence[_Moved]) -> list[Evidence]:
    return [view.quote(m.row.path, m.row.line) for m in some[:3]]
