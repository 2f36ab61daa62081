"""The first desk, and the dullest one that could work.

Its faults were found by reading its replies, not planted: data/README.md says how it came about.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from .reply import asked_back, settled, without_slot

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MONTH = f"({'|'.join(MONTHS)})[a-z]*"
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b", re.IGNORECASE)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_SLASH = re.compile(r"\b(\d{1,2})/(\d{1,2})\b")
_WEEKDAY = re.compile(rf"\b({'|'.join(DAYS)})[a-z]*\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(\d{1,2})[:.](\d{2})\s?(am|pm)?\b|\b(\d{1,2})\s?(am|pm)\b|\bat (\d{1,2})\b", re.IGNORECASE
)


def silent(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Asks everybody back: nobody comes to a closed door, and nobody gets an appointment."""
    return asked_back()


def answer(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first day and the first time that the patterns find, else the day of the message."""
    message, received = str(given["message"]), date.fromisoformat(str(given["received"]))
    action = action_of(message)
    if action in ("cancel", "question"):
        return without_slot(action)
    day = _day(message, received)
    return settled(action, day, _time(message)) if day else asked_back()


def action_of(message: str) -> str:
    """What the patient wants, by a handful of words; whatever is left is a booking."""
    text = message.lower()
    if "cancel" in text:
        return "cancel"
    if "move" in text or "change" in text or "reschedule" in text:
        return "move"
    if text.startswith(("what", "where", "how", "do i", "which")):
        return "question"
    return "book"


def _day(message: str, received: date) -> date | None:
    if found := _ISO.search(message):
        return _exact(*map(int, found.groups()))
    if found := _DAY_MONTH.search(message):
        return _exact(received.year, MONTHS.index(found[2].lower()) + 1, int(found[1]))
    if found := _SLASH.search(message):
        return _exact(received.year, int(found[1]), int(found[2]))
    if "tomorrow" in message.lower():
        return received + timedelta(days=1)
    if found := _WEEKDAY.search(message):
        ahead = (DAYS.index(found[1].lower()) - received.weekday()) % 7
        return received + timedelta(days=ahead or 7)
    return received


def _exact(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(message: str) -> str | None:
    found = _CLOCK.search(message)
    if not found:
        return None
    hour, minute = int(found[1] or found[4] or found[6]), int(found[2] or 0)
    if (found[3] or found[5] or "").lower() == "pm" and hour < 12:
        hour += 12
    return f"{hour:02}:{minute:02}"
