"""The smallest thing that learns: counts of words and pairs of words for each value of a field.

Multinomial naive Bayes with one added to each count (Manning et al. 2008, ch. 13), from train
alone; the tag, which no count can know, is read by the rules. Invariant: the same training rows
give the same counts, and every text gets a valid record.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .items import Item
from .record import VALUES, Record
from .rules import tag_in

ADDED = 1.0
_WORD = re.compile(r"[a-z]+(?:[-'][a-z]+)*")
_PLURAL = re.compile(r"(?<=[a-z]{3})s$")


@dataclass(frozen=True)
class FieldCounts:
    """For each value of one field: how many rows have it, and the terms that stand in them."""

    rows: Mapping[str, int]
    terms: Mapping[str, Counter[str]]
    vocabulary: frozenset[str]


@dataclass(frozen=True)
class Counts:
    """What was counted of each field."""

    fields: Mapping[str, FieldCounts]


def count(train: Sequence[Item]) -> Counts:
    """The counts of a training set."""
    return Counts({field: _count(train, field) for field in VALUES})


def read(text: str, counts: Counts) -> Record:
    """The record whose values are the likeliest, each field for itself."""
    likely = {field: likeliest(text, counts, field) for field in VALUES}
    safety = "routine" if likely["job"] == "none" else likely["safety"]
    return Record(
        tag=tag_in(text.casefold()),
        job=likely["job"],
        bike=likely["bike"],
        safety=safety,
        handover=likely["handover"],
    )


def likeliest(text: str, counts: Counts, field: str) -> str:
    """The value with the largest share; of equal ones that named first in record.py."""
    found = shares(text, counts, field)
    return max(VALUES[field], key=lambda value: found[value])


def shares(text: str, counts: Counts, field: str) -> dict[str, float]:
    """value -> its probability given the terms of the text; they sum to 1."""
    known = counts.fields[field]
    logs = {value: _log_share(terms(text), known, value) for value in VALUES[field]}
    most = max(logs.values())
    odds = {value: math.exp(log - most) for value, log in logs.items()}
    total = sum(odds.values())
    return {value: odd / total for value, odd in odds.items()}


def terms(text: str) -> list[str]:
    """The words of a text in small letters without the s of a plural, and each two in a row."""
    words = [_PLURAL.sub("", word) for word in _WORD.findall(text.casefold())]
    return [*words, *(f"{one} {two}" for one, two in pairwise(words))]


def _count(train: Sequence[Item], field: str) -> FieldCounts:
    rows: Counter[str] = Counter()
    found: dict[str, Counter[str]] = {value: Counter() for value in VALUES[field]}
    for item in train:
        value = str(getattr(item.record, field))
        rows[value] += 1
        found[value].update(terms(item.text))
    return FieldCounts(rows, found, frozenset(term for each in found.values() for term in each))


def _log_share(said: Sequence[str], known: FieldCounts, value: str) -> float:
    """Of prior and terms; a term that training never held says nothing."""
    own = known.terms[value]
    below = math.log(sum(own.values()) + ADDED * max(1, len(known.vocabulary)))
    prior = math.log((known.rows.get(value, 0) + ADDED) / (sum(known.rows.values()) + ADDED))
    held = (term for term in said if term in known.vocabulary)
    return prior + sum(math.log(own[term] + ADDED) - below for term in held)
