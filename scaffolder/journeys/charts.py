"""Results as charts: a point with its interval for each system, on one axis for each metric.

Invariant: a chart holds what its table says; figures of the template's own run are in none. Places
are shares of the width, 0 to 1, so that whoever draws needs no arithmetic.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scaffolder.journeys.results import History, Series

MOST_CHARTS = 3
"""Metrics that are drawn, the headline's first."""

MOST_BARS = 8
"""Figures of one chart; what is left out is counted."""

_SAME = re.compile(r", same \w+$")
_PARTS = (", slice ", " slice=")


@dataclass(frozen=True)
class Bar:
    """One figure: what it says, and where its point and its interval stand on the axis."""

    name: str
    value: float
    low: float
    high: float
    n: int | None
    at: float
    start: float
    end: float


@dataclass(frozen=True)
class Tick:
    """A number below the axis."""

    value: float
    at: float


@dataclass(frozen=True)
class Chart:
    """The figures of one metric; `left_out` of them are not drawn."""

    title: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    left_out: int


def charts(history: History) -> tuple[Chart, ...]:
    """At most MOST_CHARTS metrics, then the differences between systems."""
    own = [s for s in history.series if _is_shown(s)]
    plain = [s for s in own if not s.difference]
    metrics = list(dict.fromkeys(s.metric for s in plain))[:MOST_CHARTS]
    made = [_chart(metric, [s for s in plain if s.metric == metric]) for metric in metrics]
    apart = [s for s in own if s.difference]
    return (*made, *([_chart("Differences on the same items", apart, True)] if apart else []))


def _is_shown(series: Series) -> bool:
    """A figure of the author's own run with its interval, and not of a part of the items."""
    latest = series.latest
    whole = not any(part in series.name for part in _PARTS)
    return whole and latest.ci is not None and not latest.reference and not series.by_change


def _chart(title: str, series: Sequence[Series], balanced: bool = False) -> Chart:
    """With `balanced` zero stands in the middle of the axis."""
    shown = series[:MOST_BARS]
    bounds = [bound for s in shown for bound in _bounds(s)]
    most = max((abs(bound) for bound in bounds), default=0.0) or 1.0
    low, high = (-most, most) if balanced else _axis(bounds)
    shares = (0, 0.5, 1) if balanced else (0, 0.25, 0.5, 0.75, 1)
    ticks = tuple(Tick(low + (high - low) * share, share) for share in shares)
    bars = tuple(_bar(s, low, high) for s in shown)
    return Chart(title, bars, ticks, len(series) - len(shown))


def _axis(bounds: Iterable[float]) -> tuple[float, float]:
    """From 0 to 1 where all figures are shares, else as far as they go, always with 0."""
    values = [0.0, *bounds]
    low, high = min(values), max(values)
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    return (low, high) if high > low else (low, low + 1)


def _bounds(series: Series) -> tuple[float, float]:
    latest = series.latest
    return latest.ci or (latest.value, latest.value)


def _bar(series: Series, low: float, high: float) -> Bar:
    latest, (start, end) = series.latest, _bounds(series)
    places = [min(1.0, max(0.0, (v - low) / (high - low))) for v in (latest.value, start, end)]
    name = _SAME.sub("", series.name)
    return Bar(name, latest.value, start, end, latest.n, *places)
