"""Timed requests: how long each took, and the percentiles that a README gives of them.

Invariant: times are milliseconds and costs dollars, whatever the fields are called; a percentile
holds in either of its two usual definitions.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.model import Evidence
from scaffolder.review.readme import markdown
from scaffolder.review.readme.frontpage import page
from scaffolder.review.results import intervals, resultrows
from scaffolder.review.results.resultrows import Row, model_of, number
from scaffolder.review.view import RepoView

_TOTAL = {"latency_ms": 1.0, "total_ms": 1.0, "duration_ms": 1.0, "elapsed_ms": 1.0}
_TOTAL |= {"latency_s": 1e3, "latency": 1e3, "seconds": 1e3, "duration_s": 1e3, "elapsed_s": 1e3}
_FIRST = {"ttft_ms": 1.0, "first_token_ms": 1.0, "time_to_first_token_ms": 1.0}
_FIRST |= {"ttft_s": 1e3, "ttft": 1e3, "first_token_s": 1e3, "time_to_first_token": 1e3}
_COST = {"cost_usd": 1.0, "cost": 1.0, "usd": 1.0, "price_usd": 1.0}
SHARES = {"p50": 0.5, "median": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
_NAMED = re.compile(
    r"\b(p50|median|p90|p95|p99)\b[^\d|]{0,40}?(?<![\w.])(\d{1,7}(?:\.\d{1,4})?)\s?(ms|s\b|sec)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(p50|median|p90|p95|p99)\b", re.IGNORECASE)
_CELL = re.compile(r"\s*(\d{1,7}(?:\.\d{1,4})?)\s?(ms|s\b|sec)?", re.IGNORECASE)


@dataclass(frozen=True)
class Timed:
    """The timed rows of one file and system, in milliseconds and dollars."""

    rows: Sequence[Row]
    total: Sequence[float]
    first: Sequence[float]
    cost: Sequence[float]


@dataclass(frozen=True)
class Told:
    """A percentile that the README gives: `unit` "" where it names none."""

    name: str
    value: float
    digits: int
    unit: str
    evidence: Evidence


def timed(view: RepoView) -> list[Timed]:
    """Groups of timed rows: a file of latencies first, then a model's rows, then the largest."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path):
            if _value(row, _TOTAL) is not None:
                groups[path, row.system].append(row)
    found = [_group(rows) for rows in groups.values()]
    return sorted(found, key=_rank)


def _rank(group: Timed) -> tuple[bool, bool, int]:
    row = group.rows[0]
    return "latency" not in row.path.lower(), not model_of(row), -len(group.rows)


def _group(rows: Sequence[Row]) -> Timed:
    values = ([v for r in rows if (v := _value(r, k)) is not None] for k in (_TOTAL, _FIRST, _COST))
    return Timed(rows, *values)


def _value(row: Row, keys: Mapping[str, float]) -> float | None:
    for key, scale in keys.items():
        found = number(row.data.get(key))
        if found is not None and not isinstance(row.data.get(key), bool):
            return found * scale
    return None


def told(view: RepoView) -> list[Told]:
    path = view.readme
    if path is None:
        return []
    document = page(view, path).document
    prose = (
        Told(m[1].lower(), float(m[2]), _digits(m[2]), (m[3] or "").lower(), view.quote(path, line))
        for line, text in document.prose()
        for m in _NAMED.finditer(text)
    )
    return [*prose, *(t for table in document.tables for t in _in_table(view, path, table))]


def _in_table(view: RepoView, path: str, table: markdown.Table) -> Iterator[Told]:
    """Percentiles named by their column, or by the first cell of their row."""
    for line, cells in table.rows:
        for column, cell in enumerate(cells[1:], 1):
            head = table.header[column] if column < len(table.header) else ""
            name, value = _NAME.search(head) or _NAME.search(cells[0]), _CELL.match(cell)
            if name and value:
                unit = value[2] or _unit(head) or _unit(cells[0])
                evidence = view.quote(path, line)
                yield Told(name[1].lower(), float(value[1]), _digits(value[1]), unit, evidence)


def _unit(text: str) -> str:
    found = re.search(r"\b(ms|s|seconds)\b", text)
    return found[1] if found else ""


def _digits(written: str) -> int:
    return len(written.partition(".")[2])


def holds(told: Told, group: Timed, alike: float = 0.0) -> bool:
    """Whether the value is that percentile of all or of the first tokens, in either definition.

    `alike` is the part of it by which it may be off, beside what its digits leave open.
    """
    share = SHARES[told.name]
    units = [1.0] if told.unit == "ms" else [1e3] if told.unit else [1.0, 1e3]
    return any(
        _between(told, intervals.percentiles(values, share), unit, alike)
        for values in (group.total, group.first)
        if values
        for unit in units
    )


def _between(told: Told, found: tuple[float, float], unit: float, alike: float) -> bool:
    half = 0.5 * 10.0**-told.digits + 1e-9 + alike * min(found) / unit
    return min(found) / unit - half <= told.value <= max(found) / unit + half
