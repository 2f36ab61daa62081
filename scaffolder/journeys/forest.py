"""A forest plot as text: a value with its interval a row, one axis below.

Invariant: pure text of a given width, whatever the numbers; what a row is stands in its signs and
words, never in a colour.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MIN_PLOT = 16
"""Columns that the plot itself has at least."""

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_TICKS = 6


@dataclass(frozen=True)
class Mark:
    """One row: `dot` is its sign, `dashed` an interval that is not comparable with the others."""

    label: str
    value: float
    ci: tuple[float, float] | None
    n: int | None = None
    dot: str = "●"
    dashed: bool = False


@dataclass(frozen=True)
class Row:
    """A row as three columns, each as wide as those above and below."""

    label: str
    plot: str
    figures: str

    def __str__(self) -> str:
        return f"{self.label}  {self.plot}  {self.figures}".rstrip()


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float
    step: float
    columns: int

    def column(self, value: float) -> int:
        """Where a value stands."""
        share = (value - self.low) / (self.high - self.low)
        return max(0, min(self.columns - 1, round(share * (self.columns - 1))))


def plot(marks: Sequence[Mark], width: int, zero: bool = False) -> list[Row]:
    """A row for each mark, then the axis and its numbers; with `zero` a line where nothing is."""
    if not marks:
        return []
    figures = [_figures(mark, zero, _decimals(marks)) for mark in marks]
    right = max(map(len, figures))
    left = min(max(len(mark.label) for mark in marks), max(8, width - right - MIN_PLOT - 4))
    axis = _axis(marks, max(MIN_PLOT, width - left - right - 4), zero)
    rows = [
        Row(_cut(mark.label, left), _interval(mark, axis, zero), text.ljust(right))
        for mark, text in zip(marks, figures, strict=True)
    ]
    line, numbers = _scale(axis, zero)
    blank = " " * left, " " * right
    return [*rows, Row(blank[0], line, blank[1]), Row(blank[0], numbers, blank[1])]


def verdict(ci: tuple[float, float] | None) -> str:
    """What the interval of a difference says of it, in words."""
    if ci is None:
        return "no interval: it may be chance"
    if ci[0] <= 0 <= ci[1]:
        return "the interval holds zero: it may be chance"
    return f"the interval is {'above' if ci[0] > 0 else 'below'} zero"


def number(value: float, signed: bool = False, decimals: int = 2) -> str:
    """A value as short as it can be said."""
    sign = "+" if signed else ""
    if abs(value) >= 1e7:
        return f"{value:{sign}.2g}"
    if abs(value) >= 1000:
        return f"{value:{sign},.0f}"
    return f"{value:{sign}.{1 if abs(value) >= 100 else decimals}f}"


def _figures(mark: Mark, signed: bool, decimals: int) -> str:
    said = number(mark.value, signed, decimals)
    if mark.ci:
        low, high = (number(bound, signed, decimals) for bound in mark.ci)
        said += f" [{low}, {high}]"
    return said if mark.n is None else f"{said}  n {mark.n}"


def _decimals(marks: Sequence[Mark]) -> int:
    """More where everything is small."""
    largest = max(abs(v) for m in marks for v in (m.value, *(m.ci or ())))
    return 2 if largest >= 0.1 or largest == 0 else 3 if largest >= 0.01 else 4


def _axis(marks: Sequence[Mark], columns: int, zero: bool) -> _Axis:
    values = [v for m in marks for v in (m.value, *(m.ci or ()))] + ([0.0] if zero else [])
    low, high = min(values), max(values)
    if high - low <= 1e-12 * max(1.0, abs(high)):
        spread = max(abs(high), 1.0) / 2
        low, high = low - spread, high + spread
    step = _step((high - low) / max(2, min(_MOST_TICKS, columns // 9)))
    return _Axis(math.floor(low / step) * step, math.ceil(high / step) * step, step, columns)


def _step(rough: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(s * power for s in _STEPS if s * power >= rough * 0.999)


def _interval(mark: Mark, axis: _Axis, zero: bool) -> str:
    cells = [" "] * axis.columns
    if zero:
        cells[axis.column(0.0)] = "│"
    if mark.ci:
        low, high = axis.column(mark.ci[0]), axis.column(mark.ci[1])
        for at in range(low, high + 1):
            cells[at] = "┼" if cells[at] == "│" else "╌" if mark.dashed else "─"
        if high > low:
            cells[low], cells[high] = "├", "┤"
    cells[axis.column(mark.value)] = mark.dot
    return "".join(cells)


def _scale(axis: _Axis, zero: bool) -> tuple[str, str]:
    """The axis with its ticks, and the numbers under them."""
    line, numbers, free = ["─"] * axis.columns, [" "] * axis.columns, 0
    count = round((axis.high - axis.low) / axis.step)
    for tick in range(count + 1):
        value = axis.low + tick * axis.step
        at = axis.column(value)
        line[at] = "┴" if not (zero and abs(value) < axis.step / 1e6) else "┼"
        said = _tick(value, axis.step)
        start = max(0, min(at - len(said) // 2, axis.columns - len(said)))
        if start >= free:
            numbers[start : start + len(said)] = said
            free = start + len(said) + 1
    return "".join(line), "".join(numbers)


def _tick(value: float, step: float) -> str:
    if max(abs(value), step) >= 1e6:
        return f"{value:.2g}"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if round(step * 10**decimals, 6) % 1:
        decimals += 1
    return f"{0.0 if abs(value) < step / 1e6 else value:,.{decimals}f}"


def _cut(label: str, width: int) -> str:
    return label.ljust(width) if len(label) <= width else f"{label[: width - 1]}…"
