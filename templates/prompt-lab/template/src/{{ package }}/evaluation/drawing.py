"""The ladder as files: a CSV to recompute from and a picture for the README.

Invariant: the picture shows nothing that the CSV does not hold, and says its numbers in words too.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from xml.sax.saxutils import escape

from ..experiments.ladder import Rung
from .report import claim_of
from .rows import Row, latency_ms
from .scoring import DECIDING

COLUMNS = ("system", "version", "split", "fields", "low", "high", "n")
PRICES = ("tokens", "p50_ms", "cost_usd")
WIDTH, LEFT, STEP, TOP = 640, 90, 34, 30


@dataclass(frozen=True)
class Point:
    """One version measured on one split."""

    name: str
    rows: Sequence[Row]


def points(rungs: Sequence[Rung], test: Sequence[Row]) -> list[Point]:
    """The versions on dev in their order, then what was measured on test."""
    found = [Point(rung.version.short, rung.rows) for rung in rungs]
    return [*found, Point(f"v{test[0].prompt.partition('@')[2]}", test)] if test else found


def write_ladder(folder: Path, system: str, found: Sequence[Point]) -> None:
    """ladder-SYSTEM.csv and ladder-SYSTEM.svg."""
    (folder / f"ladder-{system}.csv").write_text(as_csv(found), encoding="utf-8")
    (folder / f"ladder-{system}.svg").write_text(as_svg(system, found), encoding="utf-8")


def as_csv(found: Sequence[Point]) -> str:
    """One line a point."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *PRICES])
    for point in found:
        claim, rows = claim_of(point.rows, DECIDING, ""), point.rows
        bounds = (f"{x:.4f}" for x in (claim.value, claim.interval.low, claim.interval.high))
        tokens = sum(r.usage.input_tokens + r.usage.cached_tokens for r in rows) / len(rows)
        known = [r.cost_usd for r in rows if r.cost_usd is not None]
        cost = f"{sum(known) / len(rows):.6f}" if len(known) == len(rows) else ""
        numbers = (claim.n, f"{tokens:.0f}", f"{latency_ms(rows, 0.5):.0f}", cost)
        writer.writerow([rows[0].system, point.name, rows[0].split, *bounds, *numbers])
    return out.getvalue()


def as_svg(system: str, found: Sequence[Point]) -> str:
    """A point with its interval for each version, from 0 to 1."""
    height = TOP + STEP * len(found) + 30
    said = "; ".join(_said(point) for point in found)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="13" fill="#57606a">',
        f"<title>Fields that are right, by version of the prompt, {escape(system)}</title>",
        f"<desc>{escape(said)}</desc>",
        *(_tick(share / 4, height) for share in range(5)),
    ]
    for place, point in enumerate(found):
        lines.append(_bar(point, TOP + STEP * place + STEP // 2))
    return "\n".join([*lines, "</svg>\n"])


def _said(point: Point) -> str:
    claim = claim_of(point.rows, DECIDING, "")
    return f"{point.name} on {point.rows[0].split}: {claim.cell()}, n = {claim.n}"


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - 140)


def _tick(share: float, height: int) -> str:
    return (
        f'<path d="M{_x(share):.0f} {TOP - 8}V{height - 24}" stroke="#d0d7de"/>'
        f'<text x="{_x(share):.0f}" y="{height - 8}" text-anchor="middle">{share:g}</text>'
    )


def _bar(point: Point, y: int) -> str:
    claim = claim_of(point.rows, DECIDING, "")
    colour = "#9a6700" if point.rows[0].split == "test" else "#0969da"
    low, middle, high = map(_x, (claim.interval.low, claim.value, claim.interval.high))
    label = f"{claim.value:.2f}, n = {claim.n}"
    name = f"{point.name} {point.rows[0].split}"
    return (
        f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{name}</text>'
        f'<path d="M{low:.1f} {y}H{high:.1f}" stroke="{colour}" stroke-width="3"/>'
        f'<circle cx="{middle:.1f}" cy="{y}" r="5" fill="{colour}"/>'
        f'<text x="{WIDTH - 8}" y="{y + 4}" text-anchor="end">{label}</text>'
    )
