"""Which value of a field is taken for which: what a mean over all fields cannot show.

Invariant: every row is counted once, under the label that it has; a reply that is no record stands
in a column of its own.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..record import VALUES, Fault, parse
from .claims import grid
from .rows import Row

NONE = "no record"


@dataclass(frozen=True)
class Confusion:
    """`counts` has how often a label (first) was answered as a value (second)."""

    field: str
    counts: Mapping[tuple[str, str], int]

    def of(self, label: str) -> int:
        """How many rows have the label."""
        return sum(n for (own, _), n in self.counts.items() if own == label)

    def worst(self) -> tuple[str, str, int]:
        """The mistake made most often; of equal ones that of the stricter label."""
        wrong = {pair: n for pair, n in self.counts.items() if pair[0] != pair[1]}
        order = [*VALUES[self.field], NONE]
        pair = max(wrong, key=lambda each: (wrong[each], -order.index(each[0])), default=("", ""))
        return (*pair, wrong.get(pair, 0))


def confusion(rows: Sequence[Row], field: str) -> Confusion:
    """The counts of one field over the rows of one system."""
    pairs = ((_labelled(row, field), _answered(row, field)) for row in rows)
    return Confusion(field, Counter(pairs))


def table(found: Confusion) -> str:
    """Labels as lines, answers as columns; what is right stands in bold."""
    columns = [*VALUES[found.field], NONE]
    lines = {
        label: [_cell(found, label, answer) for answer in columns]
        for label in VALUES[found.field]
        if found.of(label)
    }
    return grid([f"{found.field}: label", *columns], lines)


def _cell(found: Confusion, label: str, answer: str) -> str:
    n = found.counts.get((label, answer), 0)
    return f"**{n}**" if label == answer else str(n or "")


def _labelled(row: Row, field: str) -> str:
    return str(json.loads(row.expected)[field])


def _answered(row: Row, field: str) -> str:
    found = parse(row.answer)
    return NONE if isinstance(found, Fault) else str(getattr(found, field))
