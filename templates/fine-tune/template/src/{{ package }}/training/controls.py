"""Controls: training data that must teach nothing, and a batch that must be learnt by heart.

Invariant: the same seed shuffles the same way, and no row keeps a label that it had.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from ..errors import UsageError
from ..items import Item

OVERFIT_STEPS = 60


def shuffled(rows: Sequence[Item], seed: int) -> list[Item]:
    """The rows with labels of others; UsageError where all labels are the same."""
    if len({row.record for row in rows}) < 2:
        raise UsageError("all labels are the same", "a shuffle needs labels that differ")
    order = list(range(len(rows)))
    Random(seed).shuffle(order)
    records = [rows[at].record for at in order]
    for at, row in enumerate(rows):
        if records[at] == row.record:
            other = next(n for n, r in enumerate(records) if _may_swap(rows, records, at, n))
            records[at], records[other] = records[other], records[at]
    return [replace(row, record=record) for row, record in zip(rows, records, strict=True)]


def one_batch(rows: Sequence[Item], size: int) -> list[Item]:
    """The first rows, as many as one step sees."""
    return list(rows[:size])


def _may_swap(rows: Sequence[Item], records: Sequence[object], at: int, other: int) -> bool:
    return records[other] != rows[at].record and records[at] != rows[other].record
