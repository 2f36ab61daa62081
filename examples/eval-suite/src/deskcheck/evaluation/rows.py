"""One row per item, system and trial; every published figure is the mean of a grade over rows.

The rows are committed, so anyone can recompute a figure: take the rows of a split, keep those that
have the grade, take the mean.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..jsonl import read_objects, write_objects
from ..result import Usage
from .statistics import Interval, mean_interval


@dataclass(frozen=True)
class Verdict:
    """What a judge said of one output: the critique comes first, then pass or fail."""

    metric: str
    critique: str
    verdict: str
    judge: str
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What one system did with one item.

    `item` is the fingerprint of the item, `version` that of the whole set; `graders` says who gave
    each grade; `ungraded` names metrics whose judge gave nothing usable; `commit` and `tree` the
    code that made the row (see stamp.py); `prompt` is id@version. Times in milliseconds.
    """

    id: str
    split: str
    slice: str
    origin: str
    system: str
    trial: int
    item: str
    version: str
    status: str
    output: Mapping[str, Any]
    grades: Mapping[str, float]
    graders: Mapping[str, str]
    verdicts: tuple[Verdict, ...]
    ungraded: tuple[str, ...]
    latency_ms: float
    usage: Usage
    cost_usd: float | None
    grading_usd: float | None
    commit: str
    tree: str
    setting: str
    prompt: str = ""
    model: str = ""
    error: str = ""


@dataclass(frozen=True)
class Figure:
    """The mean of one grade over the `n` rows of a system that have it, with a 95 % interval."""

    system: str
    metric: str
    value: float
    n: int
    interval: Interval


def figures(rows: Sequence[Row]) -> list[Figure]:
    """One figure per grade that occurs in the rows of one system, in order of first occurrence.

    Trials of an item are averaged first: an item asked three times is one item.
    """
    metrics = dict.fromkeys(metric for row in rows for metric in row.grades)
    return [_figure(rows, metric) for metric in metrics]


def by_item(rows: Sequence[Row], metric: str) -> dict[str, float]:
    """The mean grade of each item over its trials, in the order of the rows."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if metric in row.grades:
            found.setdefault(row.id, []).append(row.grades[metric])
    return {name: sum(values) / len(values) for name, values in found.items()}


def gated(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """The grades by code, metric by metric and item by item: a judge may change its mind."""
    metrics = dict.fromkeys(m for row in rows for m in row.grades if row.graders[m] == "code")
    return {metric: by_item(rows, metric) for metric in metrics}


def latency_ms(rows: Sequence[Row], share: float) -> float:
    """The wall clock that `share` of the rows stay within, by nearest rank; 0 without rows."""
    times = sorted(row.latency_ms for row in rows)
    return times[math.ceil(share * len(times)) - 1] if times else 0.0


def write(path: Path, rows: Iterable[Row]) -> list[Row]:
    """Replace `path` by one JSON object a line, written as they come; the rows without texts."""
    kept: list[Row] = []

    def lines() -> Iterator[dict[str, Any]]:
        for row in rows:
            yield asdict(row)
            kept.append(slim(row))

    write_objects(path, lines())
    return kept


def slim(row: Row) -> Row:
    """What figures need of a row: ten thousand of them fit into little memory."""
    return replace(row, output={}, verdicts=(), error="", graders=_shared(row.graders))


def _shared(graders: Mapping[str, str]) -> Mapping[str, str]:
    """One object for all rows that were graded alike."""
    return _GRADERS.setdefault(tuple(graders.items()), graders)


_GRADERS: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}


def read(path: Path) -> list[Row]:
    """Rows written by `write`; UsageError names the line that is not one."""
    return list(stream(path))


def stream(path: Path) -> Iterator[Row]:
    """The same, row by row."""
    for number, fields in read_objects(path):
        try:
            fields["verdicts"] = tuple(Verdict(**v) for v in fields["verdicts"])
            fields["ungraded"] = tuple(fields["ungraded"])
            fields["usage"] = Usage(**fields["usage"])
            yield Row(**fields)
        except (TypeError, KeyError) as error:
            raise UsageError(
                f"{path} line {number} is not a result row: {error}", "run eval to write it anew"
            ) from error


def _figure(rows: Sequence[Row], metric: str) -> Figure:
    values = [*by_item(rows, metric).values()]
    mean = sum(values) / len(values)
    return Figure(rows[0].system, metric, mean, len(values), mean_interval(values))
