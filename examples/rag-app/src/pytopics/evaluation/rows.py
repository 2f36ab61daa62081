"""One row per question and system; every published figure is the mean of a grade over rows.

The rows are committed, so anyone can recompute a figure: take the rows of a split, keep those that
have the grade, take the mean.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..result import Citation, Usage
from .statistics import Interval, mean_interval


@dataclass(frozen=True)
class Row:
    """What one system did with one question.

    `question` is the fingerprint of the question and its labels; `ranked` is (source, chunk id),
    best first; `label_ranks` the rank of each label or None; `commit` and `tree` the code that made
    the row (see stamp.py), `setting` what the system was set to; `prompt` is id@version. Retrievers
    have no answer fields.
    """

    id: str
    corpus: str
    split: str
    slice: str
    origin: str
    system: str
    question: str
    ranked: tuple[tuple[str, str], ...]
    label_ranks: tuple[int | None, ...]
    grades: Mapping[str, float]
    latency_ms: float
    commit: str
    tree: str
    setting: str
    status: str = ""
    answer: str | None = None
    citations: tuple[Citation, ...] = ()
    prompt: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0


@dataclass(frozen=True)
class Figure:
    """The mean of one grade over the `n` rows of a system that have it, with a 95 % interval."""

    system: str
    metric: str
    value: float
    n: int
    interval: Interval


def figures(rows: Sequence[Row]) -> list[Figure]:
    """One figure per grade that occurs in the rows of one system, in order of first occurrence."""
    metrics = dict.fromkeys(metric for row in rows for metric in row.grades)
    return [_figure(rows, metric) for metric in metrics]


def latency_ms(rows: Sequence[Row], share: float) -> float:
    """The wall clock that `share` of the rows stay within, by nearest rank; 0 without rows."""
    times = sorted(row.latency_ms for row in rows)
    return times[math.ceil(share * len(times)) - 1] if times else 0.0


def write(path: Path, rows: Sequence[Row]) -> None:
    """Replace `path` by one JSON object a line; a crash leaves the old file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".partial")
    lines = (json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    unfinished.write_text("".join(lines), encoding="utf-8", errors="replace")
    unfinished.replace(path)


def read(path: Path) -> list[Row]:
    """Rows written by `write`; UsageError names the line that is not one."""
    rows = []
    for number, line in enumerate(lines_of(path), 1):
        try:
            rows.append(_row(json.loads(line)))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise UsageError(
                f"{path} line {number} is not a result row: {error}", "run eval to write it anew"
            ) from error
    return rows


def lines_of(path: Path) -> list[str]:
    """The lines of a JSONL file, by "\\n" alone: JSON may hold any other line separator.

    Raises UsageError for a file that cannot be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error


def _row(fields: dict[str, Any]) -> Row:
    fields["ranked"] = tuple((source, chunk_id) for source, chunk_id in fields["ranked"])
    fields["label_ranks"] = tuple(fields["label_ranks"])
    fields["citations"] = tuple(Citation(**citation) for citation in fields["citations"])
    fields["usage"] = Usage(**fields["usage"])
    return Row(**{"tree": "", **fields})  # rows of older versions have none


def _figure(rows: Sequence[Row], metric: str) -> Figure:
    values = [row.grades[metric] for row in rows if metric in row.grades]
    mean = sum(values) / len(values)
    return Figure(rows[0].system, metric, mean, len(values), mean_interval(values))
