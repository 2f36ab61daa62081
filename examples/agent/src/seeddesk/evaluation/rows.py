"""One row per task, system and trial; every published figure is computed from these.

The rows are committed, so anyone can recompute a figure: take the rows of a split, keep those that
have the grade, take the mean.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..jsonl import read_objects, write_objects
from ..result import Usage
from .statistics import Interval, mean_interval
from .steps import Break

SOLVED = "solved"


@dataclass(frozen=True)
class Row:
    """What one system did with one task in one trial.

    `task` is the fingerprint of the task; `broke_at` says where an unsolved run went wrong;
    `commit` and `tree` the code that made the row (see stamp.py). Times in milliseconds.
    """

    id: str
    split: str
    slice: str
    origin: str
    system: str
    trial: int
    task: str
    status: str
    answer: str
    grades: Mapping[str, float]
    actions: tuple[Mapping[str, Any], ...]
    broke_at: Break | None
    steps: int
    latency_ms: float
    usage: Usage
    cost_usd: float | None
    commit: str
    tree: str
    setting: str
    prompt: str = ""
    model: str = ""


@dataclass(frozen=True)
class Figure:
    """The mean of one grade over the `n` tasks of a system, with a 95 % interval."""

    system: str
    metric: str
    value: float
    n: int
    interval: Interval


def figures(rows: Sequence[Row]) -> list[Figure]:
    """One figure per grade of one system; the trials of a task are averaged first."""
    metrics = dict.fromkeys(metric for row in rows for metric in row.grades)
    return [_figure(rows, metric) for metric in metrics]


def by_task(rows: Sequence[Row], metric: str) -> dict[str, float]:
    """The mean grade of each task over its trials, in the order of the rows."""
    found = trials(rows, metric)
    return {name: sum(values) / len(values) for name, values in found.items()}


def trials(rows: Sequence[Row], metric: str) -> dict[str, list[float]]:
    """The grades of each task, trial by trial."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if metric in row.grades:
            found.setdefault(row.id, []).append(row.grades[metric])
    return found


def grades_of(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """metric -> task -> mean grade, as the gate keeps them."""
    metrics = dict.fromkeys(metric for row in rows for metric in row.grades)
    return {metric: by_task(rows, metric) for metric in metrics}


def latency_ms(rows: Sequence[Row], share: float) -> float:
    """The wall clock that `share` of the rows stay within; 0 without rows."""
    return percentile([row.latency_ms for row in rows], share)


def percentile(values: Sequence[float], share: float) -> float:
    """What `share` of the values stay within, by nearest rank; 0 without values."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0


def costs_by_task(rows: Sequence[Row]) -> list[float]:
    """Mean dollars of a run of each task; nothing where the price of one is unknown."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.cost_usd is None:
            return []
        found.setdefault(row.id, []).append(row.cost_usd)
    return [sum(costs) / len(costs) for costs in found.values()]


def cost_per_solved(rows: Sequence[Row]) -> float | None:
    """Dollars of all runs over the runs that solved their task; None without any or a price."""
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    solved = sum(row.grades[SOLVED] for row in rows)
    return sum(costs) / solved if solved and len(costs) == len(rows) else None


def write(path: Path, rows: Sequence[Row]) -> None:
    """Replace `path` by one JSON object a line."""
    write_objects(path, map(_fields, rows))


def read(path: Path) -> list[Row]:
    """Rows written by `write`; UsageError names the line that is not one."""
    rows = []
    for number, fields in read_objects(path):
        try:
            fields["actions"] = tuple(fields["actions"])
            fields["broke_at"] = _break(fields["broke_at"])
            fields["usage"] = Usage(**fields["usage"])
            rows.append(Row(**fields))
        except (TypeError, KeyError) as error:
            raise UsageError(
                f"{path} line {number} is not a result row: {error}", "run eval to write it anew"
            ) from error
    return rows


def _fields(row: Row) -> dict[str, Any]:
    """A row as it is written: a break names its two ends `from` and `to`."""
    broke = row.broke_at
    if broke is None:
        return asdict(row)
    ends = {"step": broke.step, "from": broke.before, "to": broke.at, "why": broke.why}
    return asdict(row) | {"broke_at": ends}


def _break(fields: Mapping[str, Any] | None) -> Break | None:
    if fields is None:
        return None
    return Break(fields["step"], fields["from"], fields["to"], fields["why"])


def _figure(rows: Sequence[Row], metric: str) -> Figure:
    values = [*by_task(rows, metric).values()]
    mean = sum(values) / len(values)
    return Figure(rows[0].system, metric, mean, len(values), mean_interval(values))
