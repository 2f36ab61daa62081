"""Which training rows stand in the few-shot prompt.

The rule: again and again take the row that shows the most field values and slices not shown yet;
of equal ones the shorter text, then the lower id. Nothing of dev or test is looked at.
"""

from collections.abc import Sequence
from dataclasses import asdict

from .items import Item


def chosen(train: Sequence[Item], number: int) -> list[Item]:
    """At most `number` rows in the order they were taken; the same for the same training set."""
    left, taken = list(train), list[Item]()
    shown: set[tuple[str, str]] = set()
    while left and len(taken) < number:
        best = min(left, key=lambda item: (-len(_shows(item) - shown), len(item.text), item.id))
        left.remove(best)
        taken.append(best)
        shown |= _shows(best)
    return taken


def _shows(item: Item) -> set[tuple[str, str]]:
    fields = asdict(item.record)
    fields["flat"] = "given" if item.record.flat else "not given"
    return {*fields.items(), ("slice", item.slice)}
