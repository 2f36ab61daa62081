"""How often each value of each field occurs in a split, and where two splits differ.

Invariant: shares of one field in one split sum to 1.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from ..items import Item
from ..record import VALUES

MOST_RATIO = 2.0  # a share more than twice that of the other split is named
STEP = 10  # words
FEWEST = 5  # in the larger of the two, below it a ratio says nothing

Shares = Mapping[str, float]


def shares(items: Sequence[Item], field: str) -> dict[str, float]:
    """value -> share, in the order of record.py; a flat counts as given or not given."""
    counted = Counter(value_of(item, field) for item in items)
    order = VALUES.get(field, ("given", "not given"))
    return {value: counted[value] / len(items) for value in order}


def value_of(item: Item, field: str) -> str:
    """The value of a field as it is counted."""
    if field == "flat":
        return "given" if item.record.flat else "not given"
    return str(getattr(item.record, field))


def differing(first: Sequence[Item], second: Sequence[Item], field: str) -> list[str]:
    """The values whose share in one is more than twice that in the other."""
    ours, theirs = shares(first, field), shares(second, field)
    return [
        value
        for value in ours
        if max(ours[value] * len(first), theirs[value] * len(second)) >= FEWEST
        and max(ours[value], theirs[value]) > MOST_RATIO * min(ours[value], theirs[value])
    ]


def histogram(items: Sequence[Item]) -> dict[str, int]:
    """How many messages have how many words, in steps of ten."""
    steps = Counter(len(item.text.split()) // STEP for item in items)
    return {f"{n * STEP} to {(n + 1) * STEP - 1}": steps[n] for n in range(max(steps) + 1)}


def lengths(items: Sequence[Item]) -> tuple[int, int, int]:
    """Words of the shortest, the middle and the longest message."""
    sizes = sorted(len(item.text.split()) for item in items)
    return sizes[0], sizes[len(sizes) // 2], sizes[-1]
