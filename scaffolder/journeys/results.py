"""A project's results over time: what its claims said in each commit that changed them, and now.

Invariant: read and never run; a value that is no finite number is left out. A figure that rests on
the template's own questions is marked as the template's, one on other questions than today's as
not comparable.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from scaffolder.journeys import claimed
from scaffolder.journeys.claimed import Entry
from scaffolder.journeys.versions import State, states

MAX_POINTS = 40
"""Points of one series, the newest."""


@dataclass(frozen=True)
class Point:
    """A claim as it stood at one time; `commit` is "" where it is in no commit yet.

    `reference` where it rests on the template's questions, `other` on others than those of now.
    `change` names the change that was measured then.
    """

    value: float
    ci: tuple[float, float] | None
    n: int | None
    commit: str
    when: datetime | None
    subject: str
    change: str
    reference: bool
    other: bool
    now: bool = False


@dataclass(frozen=True)
class Series:
    """One claim over time, oldest first; `difference` where it is set against zero.

    `by_change` where each point is another change and not a later time.
    """

    name: str
    metric: str
    points: tuple[Point, ...]
    difference: bool
    by_change: bool = False

    @property
    def latest(self) -> Point:
        """What it says now."""
        return self.points[-1]


@dataclass(frozen=True)
class History:
    """Every claim as a series, the headline first; `note` says what is not there and why."""

    series: tuple[Series, ...]
    note: str = ""


def history(project: Path) -> History:
    """The claims of `project` over time; UsageError where its manifest cannot be read."""
    found, note = states(project)
    now = found[-1].entries
    if not now:
        return History((), note or "no result yet: eval measures, and writes [[claims]]")
    plain = [e for e in now if not e.kept and not e.change_of]
    series = [_over_time(entry, found) for entry in plain]
    series += _by_change(found)
    return History(tuple(_headline_first(series, project)), note)


def matching(found: History, metric: str) -> History:
    """Only the series whose name holds `metric`, whatever its case."""
    wanted = metric.casefold()
    return replace(found, series=tuple(s for s in found.series if wanted in s.name.casefold()))


def as_json(found: History) -> Mapping[str, Any]:
    """The object of `results --json`."""
    return {
        "note": found.note,
        "series": [
            {
                "name": s.name,
                "metric": s.metric,
                "difference": s.difference,
                "points": [_point_json(p) for p in s.points],
            }
            for s in found.series
        ],
    }


def _point_json(point: Point) -> Mapping[str, Any]:
    return {**vars(point), "when": point.when.isoformat() if point.when else None}


def _over_time(entry: Entry, found: Sequence[State]) -> Series:
    points: list[Point] = []
    for state in found:
        said = state.by_text.get(entry.text)
        if said is None:
            continue
        point = _point(said, state, found[-1])
        if points and points[0].reference and _figure(points[0]) == _figure(point):
            point = replace(point, reference=True)
        if points and _same(points[-1], point):
            point = replace(point, **_origin(points.pop()))
        points.append(point)
    kept = tuple(points[-MAX_POINTS:])
    return Series(entry.text, entry.metric, kept, entry.is_difference)


def _same(before: Point, after: Point) -> bool:
    """Whether the later one says nothing new."""
    if _figure(before) != _figure(after) or before.reference != after.reference:
        return False
    return (before.other == after.other or after.reference) and (not after.change or after.now)


def _figure(point: Point) -> tuple[object, ...]:
    return point.value, point.ci, point.n


def _origin(point: Point) -> Mapping[str, Any]:
    names = ("commit", "when", "subject", "change")
    return {name: getattr(point, name) for name in names}


def _point(said: Entry, state: State, now: State) -> Point:
    return Point(
        said.value,
        said.ci,
        said.n,
        state.commit,
        state.when,
        state.subject,
        state.change,
        state.reference,
        state.questions != now.questions or state.corpus != now.corpus,
        now=state is now,
    )


def _by_change(found: Sequence[State]) -> Iterator[Series]:
    """What each change did, paired: one series for each metric and system, a row a change."""
    now = found[-1]
    grouped: dict[str, list[Entry]] = {}
    for entry in now.entries:
        if entry.change_of:
            grouped.setdefault(entry.change_of, []).append(entry)
    for name, entries in grouped.items():
        told = sorted(entries, key=lambda entry: _told_first(entry, found))
        points = tuple(_change_point(entry, found) for entry in told[-MAX_POINTS:])
        yield Series(name, entries[0].metric, points, difference=True, by_change=True)


def _change_point(entry: Entry, found: Sequence[State]) -> Point:
    first = found[_told_first(entry, found)]
    return replace(_point(entry, first, found[-1]), change=entry.change, now=False)


def _told_first(entry: Entry, found: Sequence[State]) -> int:
    """The state that is the first to tell of a change: the change belongs to it."""
    return next((n for n, state in enumerate(found) if entry.text in state.by_text), len(found) - 1)


def _headline_first(series: Sequence[Series], project: Path) -> list[Series]:
    """The one that the README speaks of first, then as they stand in the manifest."""
    prose = claimed.prose(project)
    over_time = [s for s in series if not s.by_change]
    told = [(line, n) for n, s in enumerate(over_time) if (line := _told_at(s, prose)) is not None]
    if not told:
        return [*series]
    first = over_time[min(told)[1]]
    return [first, *(s for s in series if s is not first)]


def _told_at(series: Series, prose: Sequence[str]) -> int | None:
    metric = claimed.spoken(series.metric)
    told = re.compile(rf"{re.escape(metric)}[^\d|]{{0,40}}{series.latest.value:.2f}(?!\d)")
    return next((n for n, line in enumerate(prose) if told.search(line)), None)
