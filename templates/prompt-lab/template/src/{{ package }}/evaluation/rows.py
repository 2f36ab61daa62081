"""One row per message and system; every published figure is computed from these.

The rows are committed, so anyone can recompute a figure: take the rows of a split, keep those that
have the grade, take the mean.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import UsageError
from ..jsonl import read_objects, write_objects
from ..result import Usage
from .statistics import Interval, mean_interval


@dataclass(frozen=True)
class Row:
    """What one system made of one message.

    `item` is the fingerprint of message and label, `data` that of the file it stands in, `prompt`
    and `digest` the version that was sent, `variant` what was changed about it or the message;
    `commit` and `tree` are the code that made the row (see stamp.py).
    """

    id: str
    split: str
    slice: str
    origin: str
    system: str
    item: str
    status: str
    expected: str
    answer: str
    fault: str
    grades: Mapping[str, float]
    latency_ms: float
    usage: Usage
    cost_usd: float | None
    data: str
    commit: str
    tree: str
    setting: str
    prompt: str = ""
    digest: str = ""
    model: str = ""
    variant: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Figure:
    """The mean of one grade over the `n` messages of a system, with a 95 % interval."""

    system: str
    metric: str
    value: float
    n: int
    interval: Interval


def figures(rows: Sequence[Row]) -> list[Figure]:
    """One figure per grade of one system, in order of first occurrence."""
    metrics = dict.fromkeys(metric for row in rows for metric in row.grades)
    return [_figure(rows, metric) for metric in metrics]


def by_item(rows: Sequence[Row], metric: str) -> dict[str, float]:
    """The grade of each message, in the order of the rows."""
    return {row.id: row.grades[metric] for row in rows if metric in row.grades}


def grades_of(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """metric -> message -> grade, as the gate keeps them."""
    metrics = dict.fromkeys(metric for row in rows for metric in row.grades)
    return {metric: by_item(rows, metric) for metric in metrics}


def latency_ms(rows: Sequence[Row], share: float) -> float:
    """The wall clock that `share` of the rows stay within; 0 without rows."""
    return percentile([row.latency_ms for row in rows], share)


def percentile(values: Sequence[float], share: float) -> float:
    """What `share` of the values stay within, by nearest rank; 0 without values."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0


def costs(rows: Sequence[Row]) -> list[float]:
    """Dollars of each row; nothing where the price of one is unknown."""
    known = [row.cost_usd for row in rows if row.cost_usd is not None]
    return known if len(known) == len(rows) else []


def write(path: Path, rows: Sequence[Row]) -> None:
    """Replace `path` by one JSON object a line."""
    write_objects(path, map(asdict, rows))


def read(path: Path) -> list[Row]:
    """Rows written by `write`; UsageError names the line that is not one."""
    rows = []
    for number, fields in read_objects(path):
        try:
            fields["usage"] = Usage(**fields["usage"])
            rows.append(Row(**fields))
        except (TypeError, KeyError) as error:
            raise UsageError(
                f"{path} line {number} is not a result row: {error}", "run eval to write it anew"
            ) from error
    return rows


def _figure(rows: Sequence[Row], metric: str) -> Figure:
    values = [*by_item(rows, metric).values()]
    mean = sum(values) / len(values)
    return Figure(rows[0].system, metric, mean, len(values), mean_interval(values))
