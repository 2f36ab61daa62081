"""Which training rows stand in a prompt as examples, and in which order.

The rule: again and again take the row that shows the most field values and slices not shown yet;
of equal ones the shorter text, then the lower id. Nothing of dev or test is looked at. Beside it
stands chance: the same number drawn by a seed, which is what the rule has to beat.
"""

import random
from collections.abc import Sequence
from dataclasses import asdict

from .items import Item
from .record import UNKNOWN
from .versions import Version


def examples_of(version: Version, train: Sequence[Item], seed: int) -> list[Item]:
    """The examples of a version; `order` 0 keeps the order in which they were taken."""
    if version.choice == "random":
        found = random.Random(seed).sample(list(train), min(version.examples, len(train)))
    else:
        found = chosen(train, version.examples)
    if version.order:
        random.Random(version.order).shuffle(found)
    return found


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
    for name in ("order", "days"):
        fields[name] = UNKNOWN if fields[name] == UNKNOWN else "given"
    return {*fields.items(), ("slice", item.slice)}
