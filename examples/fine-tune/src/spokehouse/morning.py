"""The morning's job cards: every message of a day as one line, what must not be ridden first.

Invariant: no message is lost. One that could not be read stands on top, and what two systems
read differently is marked for a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from . import rules
from .counting import Counts
from .counting import read as counted
from .evaluation.claims import grid
from .record import VALUES, Record

LONGEST = 60
ORDER = VALUES["safety"]


@dataclass(frozen=True)
class Card:
    """A message with its record, and the fields that the counts read otherwise."""

    number: int
    text: str
    record: Record
    doubted: tuple[str, ...]


def cards(texts: Sequence[str], counts: Counts) -> list[Card]:
    """One card a message, the least safe first, in the order of the day where that is equal."""
    made = [_card(number, text, counts) for number, text in enumerate(texts, 1)]
    return sorted(made, key=lambda card: (ORDER.index(card.record.safety), card.number))


def sheet(some: Sequence[Card]) -> str:
    """The cards as a table to print; the last column is where a person has to look."""
    head = ["no.", "safety", "job", "bike", "tag", "handover", "message", "look at"]
    return grid(head, {str(card.number): _cells(card) for card in some})


def summary(some: Sequence[Card]) -> str:
    """What a volunteer wants to know before the coffee."""
    by_safety = {name: sum(card.record.safety == name for card in some) for name in ORDER}
    counted_up = ", ".join(f"{number} {name}" for name, number in by_safety.items())
    doubted = sum(bool(card.doubted) for card in some)
    return f"{len(some)} messages: {counted_up}. {doubted} to look at twice."


def _card(number: int, text: str, counts: Counts) -> Card:
    record, other = rules.read(text), counted(text, counts)
    fields = [name for name in ("safety", "job") if getattr(record, name) != getattr(other, name)]
    return Card(number, " ".join(text.split()), record, tuple(fields))


def _cells(card: Card) -> list[str]:
    record = card.record
    shown = card.text if len(card.text) <= LONGEST else f"{card.text[: LONGEST - 4]} ..."
    plain = shown.replace("|", "/")
    return [
        record.safety,
        record.job,
        record.bike,
        record.tag or "-",
        record.handover,
        plain,
        ", ".join(card.doubted),
    ]
