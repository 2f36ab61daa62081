"""What the desk answers: the reading as data, and the same reading in words to the patient.

Invariant: the words state exactly the action, day and time of the data.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

ACTIONS = ("book", "move", "cancel", "question", "ask")
WHICH_DAY = "Which day would suit you?"
_LEADS = {"book": "We have put you down for", "move": "We have moved you to"}
_WHOLE = {
    "cancel": "Your appointment is cancelled.",
    "question": "Thank you for your question. We will answer by phone.",
}


def settled(action: str, day: date, time: str | None) -> Mapping[str, Any]:
    """A slot is booked or an appointment moved to it."""
    when = f"{day:%A} {day.day} {day:%B}" + (f" at {time}" if time else "")
    return _output(action, f"{_LEADS[action]} {when}.", day, time)


def without_slot(action: str) -> Mapping[str, Any]:
    """A cancellation or a question."""
    return _output(action, _WHOLE[action])


def asked_back(question: str = WHICH_DAY) -> Mapping[str, Any]:
    """Nothing is done before the patient has said more."""
    return _output("ask", question)


def _output(
    action: str, reply: str, day: date | None = None, time: str | None = None
) -> Mapping[str, Any]:
    return {
        "action": action,
        "date": day.isoformat() if day else None,
        "time": time,
        "reply": reply,
    }
