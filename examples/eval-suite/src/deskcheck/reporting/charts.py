"""Charts as inline SVG: a dot with its interval for each value, readable without colour.

Invariant: every text is escaped, and every value also stands as text beside its dot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

LEFT, RIGHT, LINE = 230, 470, 26  # pixels: labels, the axis, a row
WIDTH = LEFT + RIGHT + 150


@dataclass(frozen=True)
class Dot:
    """One value with its interval, all from 0 to 1."""

    label: str
    value: float
    low: float
    high: float
    n: int


def dots(title: str, values: Sequence[Dot]) -> str:
    """A dot plot with one line a value and an axis from 0 to 1."""
    height = LINE * (len(values) + 1)
    lines = "".join(_line(dot, LINE * at + LINE // 2) for at, dot in enumerate(values))
    grid = "".join(_tick(share, height) for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}" width="100%">'
        f"<title>{escape(title)}</title>{grid}{lines}</svg>"
    )


def _x(share: float) -> float:
    return LEFT + RIGHT * min(1.0, max(0.0, share))


def _tick(share: float, height: int) -> str:
    x, base = _x(share), height - LINE
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{base}"/>'
        f'<text class="tick" x="{x:.1f}" y="{height - 8}" text-anchor="middle">{share:g}</text>'
    )


def _line(dot: Dot, y: int) -> str:
    words = f"{dot.value:.2f} [{dot.low:.2f}, {dot.high:.2f}], n = {dot.n}"
    return (
        f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(dot.label)}</text>'
        f'<line class="bar" x1="{_x(dot.low):.1f}" x2="{_x(dot.high):.1f}" y1="{y}" y2="{y}"/>'
        f'<circle class="dot" cx="{_x(dot.value):.1f}" cy="{y}" r="5"/>'
        f'<text class="value" x="{LEFT + RIGHT + 12}" y="{y + 4}">{words}</text>'
    )
