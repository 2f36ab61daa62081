"""The data-size curve: the same tune on more and more of the rows, scored on dev.

Invariant: a smaller set is the beginning of every larger one, so that a step of the curve is what
the rows between brought. The largest is the tune itself.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..evaluation.claims import grid
from ..items import Item
from ..jsonl import read_objects, write_objects
from ..settings import Settings
from .config import TrainConfig
from .scored import Attempt, Tell, made_and_scored

SHARES = (0.1, 0.25, 0.5, 1.0)


def place(settings: Settings) -> Path:
    """One row a size."""
    return settings.root / "evals" / "training" / "curve.jsonl"


def sets(rows: Sequence[Item]) -> list[list[Item]]:
    """The rows of each tune, smallest first; each size once, at least one row."""
    sizes = dict.fromkeys(max(1, round(share * len(rows))) for share in SHARES)
    return [list(rows[:size]) for size in sizes]


def attempts(config: TrainConfig, rows: Sequence[Item]) -> list[Attempt]:
    """What is trained for it."""
    return [
        Attempt(config, some, "tune" if len(some) == len(rows) else "curve") for some in sets(rows)
    ]


def measure(
    config: TrainConfig, rows: Sequence[Item], settings: Settings, tell: Tell
) -> list[dict[str, Any]]:
    """Train and score each size, and write what came."""
    found = [made_and_scored(each, settings, tell) for each in attempts(config, rows)]
    write_objects(place(settings), found)
    return found


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Scores by size, for a person."""
    heading = [f"Rows of train (scored on dev, n = {rows[0]['n']})", "exact", "fields", "loss"]
    return grid(heading, {str(row["rows"]): _cells(row) for row in rows})


def committed(settings: Settings) -> list[dict[str, Any]]:
    """The rows that were written last; none where it was not measured."""
    return [row for _, row in read_objects(place(settings))]


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [f"{row['exact']:.2f}", f"{row['fields']:.2f}", f"{row['loss_last']:.2f}"]
