"""Controls: what must teach nothing, what must be learnt by heart, what must change little.

Invariant: the same seed shuffles the same way, and no row keeps a label that it had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from ..errors import UsageError
from ..evaluation.claims import grid
from ..items import Item
from ..jsonl import read_objects, write_objects
from ..settings import Settings
from .config import TrainConfig
from .scored import Attempt, Tell, made_and_scored

OVERFIT_STEPS = 60
SLOWER = 0.1
MEANINGS = {
    "shuffled labels": "labels of other messages: the score has to fall to chance",
    "one batch": "a single batch over and over: the loss has to go to nothing",
    "a tenth of the rate": "shows whether the learning rate was a choice or a guess",
    "another seed": "the difference to the tune is what chance alone does",
}


def place(settings: Settings) -> Path:
    """One row a control."""
    return settings.root / "evals" / "training" / "controls.jsonl"


def shuffled(rows: Sequence[Item], seed: int) -> list[Item]:
    """The rows with labels of others; UsageError where that cannot be."""
    order = list(range(len(rows)))
    Random(seed).shuffle(order)
    records = [rows[at].record for at in order]
    for at, row in enumerate(rows):
        if records[at] == row.record:
            other = next((n for n in range(len(rows)) if _may_swap(rows, records, at, n)), None)
            if other is None:
                raise UsageError(
                    "one label is that of half the rows or more", "a shuffle needs labels that vary"
                )
            records[at], records[other] = records[other], records[at]
    return [replace(row, record=record) for row, record in zip(rows, records, strict=True)]


def attempts(config: TrainConfig, rows: Sequence[Item]) -> dict[str, Attempt]:
    """What is trained for each control."""
    train = config.train
    slower = replace(config, train=replace(train, learning_rate=train.learning_rate * SLOWER))
    other = replace(config, train=replace(train, seed=train.seed + 1))
    return {
        "shuffled labels": Attempt(config, shuffled(rows, train.seed), "shuffled"),
        "one batch": Attempt(config, rows[: train.batch], "batch", OVERFIT_STEPS),
        "a tenth of the rate": Attempt(slower, rows, "slower"),
        "another seed": Attempt(other, rows, "seed"),
    }


def measure(
    config: TrainConfig, rows: Sequence[Item], settings: Settings, tell: Tell
) -> list[dict[str, Any]]:
    """Train and score each control, and write what came."""
    found = [
        {"control": name, **made_and_scored(attempt, settings, tell)}
        for name, attempt in attempts(config, rows).items()
    ]
    write_objects(place(settings), found)
    return found


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The controls with what each has to show, for a person."""
    heading = [f"Control (dev, n = {rows[0]['n']})", "exact", "last loss", "what it is for"]
    return grid(heading, {str(row["control"]): _cells(row) for row in rows})


def committed(settings: Settings) -> list[dict[str, Any]]:
    """The rows that were written last; none where it was not measured."""
    return [row for _, row in read_objects(place(settings))]


def _cells(row: Mapping[str, Any]) -> list[str]:
    meaning = MEANINGS.get(str(row["control"]), "")
    return [f"{row['exact']:.2f}", f"{row['loss_last']:.3f}", meaning]


def _may_swap(rows: Sequence[Item], records: Sequence[object], at: int, other: int) -> bool:
    return records[other] != rows[at].record and records[at] != rows[other].record
