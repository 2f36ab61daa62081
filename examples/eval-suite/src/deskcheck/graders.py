"""Graders in code: free, fast, and of the same opinion tomorrow.

Invariant: a grade is 0 or 1, or None where the item does not ask for it; an output that lacks a key
is wrong, not an error. A grader is a function of what is expected and what came.
"""

from collections.abc import Callable, Mapping
from typing import Any

Expected = Mapping[str, Any]
Output = Mapping[str, Any]
Grader = Callable[[Expected, Output], float | None]

SETTLES = ("book", "move")


def action_accuracy(expected: Expected, output: Output) -> float | None:
    """1 if it did what the patient wants: book, move, cancel, pass a question on, or ask back."""
    return float(output.get("action") == expected["action"]) if "action" in expected else None


def day_accuracy(expected: Expected, output: Output) -> float | None:
    """1 if the day is the one in the message; only where the message settles one."""
    return float(output.get("date") == expected["date"]) if "date" in expected else None


def time_accuracy(expected: Expected, output: Output) -> float | None:
    """1 if the time is the one in the message; only where the message settles one."""
    return float(output.get("time") == expected["time"]) if "time" in expected else None


def slot_accuracy(expected: Expected, output: Output) -> float | None:
    """1 if action, day and time are all right: the patient comes when somebody is there."""
    if "date" not in expected:
        return None
    return float(all(output.get(key) == expected[key] for key in ("action", "date", "time")))


def no_closed_door(expected: Expected, output: Output) -> float | None:
    """1 unless a day or time was settled that the message does not name: the closed door."""
    if "action" not in expected:
        return None
    if not isinstance(output.get("action"), str):
        return 0.0
    if output["action"] not in SETTLES:
        return 1.0
    return float(
        all(output.get(key) == expected.get(key) for key in ("date", "time")) and "date" in expected
    )


def asking_accuracy(expected: Expected, output: Output) -> float | None:
    """1 if it asks back just where the message leaves the slot open."""
    if "action" not in expected:
        return None
    if not isinstance(output.get("action"), str):
        return 0.0
    return float((output["action"] == "ask") == (expected["action"] == "ask"))


def shape_fault(expected: Expected) -> str:
    """What of `expected` no grader could read, in words; "" if nothing is."""
    if unknown := expected.keys() - READ:
        return f"no grader reads {min(unknown)!r}; they read {', '.join(sorted(READ))}"
    wrong = [name for name, value in expected.items() if not isinstance(value, str) or not value]
    return f"{wrong[0]} is no text" if wrong else ""


READ = frozenset({"action", "date", "time"})

GRADERS: Mapping[str, Grader] = {
    "action_accuracy": action_accuracy,
    "day_accuracy": day_accuracy,
    "time_accuracy": time_accuracy,
    "slot_accuracy": slot_accuracy,
    "no_closed_door": no_closed_door,
    "asking_accuracy": asking_accuracy,
}
