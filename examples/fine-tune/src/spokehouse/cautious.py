"""Rules with a second pair of eyes on safety: the counts may raise it, never lower it.

A card that says `routine` about a bicycle that must not be ridden hurts; one that says `stop` about
a bell costs a look. Invariant: the record is that of the rules but for a safety that is stricter.
"""

from dataclasses import replace

from . import rules
from .counting import Counts, shares
from .record import VALUES, Record

STOP_FROM = 0.5
SOON_FROM = 0.5
"""Shares from which the counts are believed. A half is their own decision; nothing was tuned."""

STRICTEST = VALUES["safety"]


def read(text: str, counts: Counts) -> Record:
    """The record of the rules, its safety raised where the counts say so."""
    record = rules.read(text)
    if record.job == "none":
        return record
    return replace(record, safety=stricter(record.safety, doubted(text, counts)))


def doubted(text: str, counts: Counts) -> str:
    """What the counts alone would make of the safety."""
    found = shares(text, counts, "safety")
    if found["stop"] >= STOP_FROM:
        return "stop"
    return "soon" if found["soon"] >= SOON_FROM else "routine"


def stricter(first: str, second: str) -> str:
    """Of two safeties the one that lets less be ridden."""
    return min(first, second, key=STRICTEST.index)
