"""A series of results in signs and words: the rows of its plot and what has to be said of them.

Invariant: what is not the author's, or not comparable, is said beside the figure, in words too.
"""

from collections.abc import Sequence

from scaffolder.journeys.forest import Mark, Row, number, plot, verdict
from scaffolder.journeys.results import Point, Series

OWN, REFERENCE = "●", "○"


def rows(series: Series, width: int) -> list[Row]:
    """The forest plot of a series, `width` columns wide."""
    return plot([_mark(p, series) for p in series.points], width, zero=series.difference)


def summary(series: Series) -> str:
    """What it says now, in one line."""
    now, signed = series.latest, series.difference
    said = number(now.value, signed)
    if now.ci:
        said += f" [{number(now.ci[0], signed)}, {number(now.ci[1], signed)}]"
    return said if now.n is None else f"{said}, n = {now.n}"


def notes(series: Series) -> list[str]:
    """What a reader has to know of these rows."""
    points = series.points
    said = []
    if any(p.reference for p in points):
        said.append(f"{REFERENCE} template reference run, not yours")
    if any(p.other and not p.reference for p in points):
        said.append("╌ on other questions or documents than now: not comparable")
    if series.by_change:
        found = {
            verdict(p.ci): [q.change for q in points if verdict(q.ci) == verdict(p.ci)]
            for p in points
        }
        said += [f"{', '.join(names)}: {what}" for what, names in found.items()]
    elif series.difference:
        said.append(f"now: {verdict(points[-1].ci)}")
    elif len([p for p in points if not p.reference]) > 1:
        said.append("intervals of one row each; a change is judged by its paired difference")
    return said


def _mark(point: Point, series: Series) -> Mark:
    dot = REFERENCE if point.reference else OWN
    label = _label(point, series)
    return Mark(label, point.value, point.ci, point.n, dot, point.other or point.reference)


def _label(point: Point, series: Series) -> str:
    if series.by_change:
        return point.change
    if point.when is None:
        return "now"
    day = f"{point.when:{_form(series.points)}}"
    named = point.change or point.commit
    return f"{day} {named}, now" if point.now else f"{day} {named}"


def _form(points: Sequence[Point]) -> str:
    """Days; hours where it was all on one day."""
    days = {p.when.date() for p in points if p.when}
    return "%H:%M" if len(days) == 1 and len(points) > 1 else "%d %b"
