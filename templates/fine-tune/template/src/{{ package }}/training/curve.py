"""The data-size curve: the same tune on more and more of the rows, scored on dev.

Invariant: a smaller set is the beginning of every larger one, so that a step of the curve is what
the rows between brought.
"""

from collections.abc import Sequence

from ..items import Item

SHARES = (0.1, 0.25, 0.5, 1.0)


def sizes(rows: int) -> list[int]:
    """How many rows each tune of the curve has; each size once, at least one row."""
    return list(dict.fromkeys(max(1, round(share * rows)) for share in SHARES))


def sets(rows: Sequence[Item]) -> list[list[Item]]:
    """The rows of each tune, smallest first."""
    return [list(rows[:size]) for size in sizes(len(rows))]
