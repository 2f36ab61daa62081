"""What must not be in the data: copies within a split, and anything of the test set in training.

Invariant: every finding names both items and what they share, so that it can be looked at.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..items import Item
from ..rules import flat_in

NEAR = 0.5  # Jaccard similarity of word 3-shingles from which two messages are near copies
SHINGLE = 3
GRAM = 13  # words in a row that two splits may not share

_WORD = re.compile(r"\w+")
# A name or a street: a capital letter in the middle of a sentence.
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z\u00df-\u00ff]{2,}")
_DATE = re.compile(r"\w+days?|(?:Jan|Febr)uary|March|April|May|Ju(?:ne|ly)|August|\w+ber|Easter")
_WORDS = frozenset({"Flat", "Apartment", "Unit", "Number", "Mrs", "Miss", "English", "German"})

Splits = Mapping[str, Sequence[Item]]


@dataclass(frozen=True)
class Finding:
    """`kind` is duplicate, near, gram, entity or group; `first` and `second` are ids."""

    kind: str
    first: str
    second: str
    shared: str
    across: bool

    def __str__(self) -> str:
        return f"{self.kind}: {self.first} and {self.second} share {self.shared!r}"


def findings(splits: Splits, not_names: frozenset[str] = frozenset()) -> list[Finding]:
    """Copies within and across splits; grams, entities and groups across splits only."""
    placed = [(split, item) for split, items in splits.items() for item in items]
    return [
        *_copies(placed),
        *_shared(placed, "gram", grams),
        *_shared(placed, "entity", lambda item: entities(item, not_names)),
        *_shared(placed, "group", lambda item: {item.group}),
    ]


def words(text: str) -> tuple[str, ...]:
    """A text as its words, in small letters and without punctuation."""
    return tuple(_WORD.findall(text.casefold()))


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Every three words in a row; all of a shorter text."""
    said = words(text)
    last = max(1, len(said) - SHINGLE + 1)
    return frozenset(said[i : i + SHINGLE] for i in range(last))


def similarity(first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]) -> float:
    """Jaccard: what both have of what either has."""
    either = first | second
    return len(first & second) / len(either) if either else 1.0


def grams(item: Item) -> set[str]:
    """Every thirteen words in a row."""
    said = words(item.text)
    return {" ".join(said[i : i + GRAM]) for i in range(len(said) - GRAM + 1)}


def entities(item: Item, not_names: frozenset[str] = frozenset()) -> set[str]:
    """What tells a tenant from another: the flat and names in the message."""
    found = set(_NAME.findall(item.text)) - _WORDS - not_names
    names = {name for name in found if not _DATE.fullmatch(name)}
    flat = item.record.flat or flat_in(item.text.casefold())
    return names | ({f"flat {flat}"} if flat else set())


def _copies(placed: Sequence[tuple[str, Item]]) -> Iterator[Finding]:
    made = [(split, item, words(item.text), shingles(item.text)) for split, item in placed]
    for (s1, one, w1, first), (s2, two, w2, second) in combinations(made, 2):
        if w1 == w2:
            yield Finding("duplicate", one.id, two.id, " ".join(w1)[:60], s1 != s2)
        elif (likeness := similarity(first, second)) >= NEAR:
            yield Finding("near", one.id, two.id, f"{likeness:.2f} of their words", s1 != s2)


def _shared(
    placed: Sequence[tuple[str, Item]], kind: str, parts: Callable[[Item], set[str]]
) -> Iterator[Finding]:
    """One finding for each item that shares a part with an item of an earlier split."""
    holders: dict[str, list[tuple[str, Item]]] = defaultdict(list)
    for split, item in placed:
        for part in sorted(parts(item)):
            other = next((each for where, each in holders[part] if where != split), None)
            if other is not None:
                yield Finding(kind, other.id, item.id, part, True)
                break
        for part in parts(item):
            holders[part].append((split, item))
