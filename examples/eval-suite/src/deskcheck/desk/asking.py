"""Change 2: it asks back where the message leaves the slot open, and knows more ways to say "move".

Invariant: a slot is settled only if exactly one day and one time are left, in the future, on a
weekday, in opening hours.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from .clock import times
from .days import days
from .reply import WHICH_DAY, asked_back, settled, without_slot

OPENS, CLOSES = "08:00", "18:00"
SATURDAY = 5
CLOSED = "We are closed then: we are open from Monday to Friday, 8:00 to 18:00. When can you come?"
WHICH_SLOT = "Which day and time exactly would suit you?"

_CANCEL = re.compile(
    r"cancel|won't make it|call off|take me off|is off\b|\bdrop\b|withdraw|no longer needed|delete",
    re.IGNORECASE,
)
_MOVE = re.compile(
    r"\bmove\b|change|reschedule|instead|rather|push back|swap|shift|become|forward|make that|"
    r"booked for|appointment on|came up|not \w+ after all|any more|can't do|^from ",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:what|where|how|do i|which|is the practice|can i bring|did|was|do you treat)",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b(?:either|or|whenever|any time|only if)\b", re.IGNORECASE)


def answer(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settles what is settled, and asks about the rest."""
    message, received = str(given["message"]), date.fromisoformat(str(given["received"]))
    action = _action(message)
    if action in ("cancel", "question"):
        return without_slot(action)
    named: Sequence[date | None] = days(message, received)
    clocks = times(message)
    if action == "move":
        named, clocks = named[-1:], clocks[-1:]
    if len(named) != 1 or named[0] is None:
        return asked_back(WHICH_DAY)
    if len(clocks) != 1 or _OPEN.search(message):
        return asked_back(WHICH_SLOT)
    if not _can_be(named[0], clocks[0], received, message):
        return asked_back(CLOSED)
    return settled(action, named[0], clocks[0])


def _action(message: str) -> str:
    if _QUESTION.search(message):
        return "question"
    if _MOVE.search(message):
        return "move"
    return "cancel" if _CANCEL.search(message) else "book"


def _can_be(day: date, time: str, received: date, message: str) -> bool:
    """Whether the practice is open and the day is not over."""
    gone = day < received or (day == received and "today" not in message.lower())
    return not gone and day.weekday() < SATURDAY and OPENS <= time < CLOSES
