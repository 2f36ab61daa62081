"""Change 1: days and times as people write them; everything else is as it was.

Invariant: what is wanted is decided as before, so a difference comes from reading days and times.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from .clock import times
from .days import days
from .first import action_of
from .reply import asked_back, settled, without_slot


def answer(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first day and the first time in the message; without a day it asks for one."""
    message, received = str(given["message"]), date.fromisoformat(str(given["received"]))
    action = action_of(message)
    if action in ("cancel", "question"):
        return without_slot(action)
    named, clocks = days(message, received), times(message)
    if not named or named[0] is None:
        return asked_back()
    return settled(action, named[0], clocks[0] if clocks else None)
