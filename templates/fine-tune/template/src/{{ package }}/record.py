"""The record that a message becomes: five keys in a fixed order, each with its allowed values.

Invariant: a Record that exists is valid, and `parse(canonical(record)) == record`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

VALUES: Mapping[str, tuple[str, ...]] = {
    "trade": (
        "plumbing",
        "heating",
        "electrics",
        "doors_windows",
        "appliances",
        "pests",
        "building",
        "none",
    ),
    "room": (
        "kitchen",
        "bathroom",
        "bedroom",
        "living_room",
        "hallway",
        "outside",
        "shared",
        "unknown",
    ),
    "urgency": ("emergency", "soon", "routine"),
    "access": ("any_time", "by_appointment", "unknown"),
}
FIELDS = ("flat", *VALUES)
LONGEST_FLAT = 12


@dataclass(frozen=True)
class Record:
    """`flat` in capitals without blanks, None where the message names none."""

    flat: str | None
    trade: str
    room: str
    urgency: str
    access: str

    def __post_init__(self) -> None:
        """ValueError names the field that holds what it may not."""
        if self.flat is not None and not is_flat(self.flat):
            raise ValueError(f"flat is {self.flat!r}, not capitals and figures without blanks")
        for field, allowed in VALUES.items():
            value = getattr(self, field)
            if not isinstance(value, str) or value not in allowed:
                raise ValueError(f"{field} is {value!r}, not one of {', '.join(allowed)}")


@dataclass(frozen=True)
class Fault:
    """Why a text is no record."""

    message: str


def is_flat(value: object) -> bool:
    """Whether `value` is written as the flat of a record is."""
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_FLAT:
        return False
    return value == value.upper() and value.isprintable() and " " not in value


def canonical(record: Record) -> str:
    """The record as the one line that the application behind it reads."""
    return json.dumps(asdict(record), ensure_ascii=False)


def parse(text: str) -> Record | Fault:
    """The record that a whole text is; anything before, after or instead of it is a fault."""
    try:
        value = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return Fault("not JSON")
    if not isinstance(value, list) or not all(isinstance(pair, tuple) for pair in value):
        return Fault("not a JSON object")
    keys = [key for key, _ in value]
    if keys != list(FIELDS):
        return Fault(f"keys are {', '.join(keys)[:80]}, not {', '.join(FIELDS)}")
    return record_of(dict(value))


def record_of(fields: Mapping[str, Any]) -> Record | Fault:
    """The record of five named values."""
    try:
        return Record(**fields)
    except (TypeError, ValueError) as error:
        return Fault(str(error))


def schema() -> dict[str, Any]:
    """JSON Schema of a record, for a provider that can hold its output to one."""
    properties: dict[str, Any] = {"flat": {"anyOf": [{"type": "string"}, {"type": "null"}]}}
    properties |= {f: {"type": "string", "enum": list(v)} for f, v in VALUES.items()}
    return {
        "type": "object",
        "properties": properties,
        "required": list(FIELDS),
        "additionalProperties": False,
    }
