"""The record that a message becomes: six keys in a fixed order, each with its allowed values.

Invariant: a Record that exists is valid, `parse(canonical(record)) == record`, and every field but
the decision has a value for "the message does not say".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

UNKNOWN = "unknown"
VALUES: Mapping[str, tuple[str, ...]] = {
    "item": ("clothing", "electronics", "home", "toys", "cosmetics", "food", UNKNOWN),
    "problem": ("defective", "damaged", "wrong_item", "missing_part", "not_wanted", UNKNOWN),
    "opened": ("yes", "no", UNKNOWN),
    "decision": ("refund", "exchange", "repair", "refuse", "ask"),
}
FIELDS = ("order", "item", "problem", "days", "opened", "decision")
MOST_DAYS = 1000
ORDER = re.compile(r"R\d{5}")


@dataclass(frozen=True)
class Record:
    """`days` are whole days since delivery; `order` and `days` may be "unknown"."""

    order: str
    item: str
    problem: str
    days: int | str
    opened: str
    decision: str

    def __post_init__(self) -> None:
        """ValueError names the field that holds what it may not."""
        if self.order != UNKNOWN and not _is_order(self.order):
            raise ValueError(f"order is {self.order!r}, not R and five digits or {UNKNOWN}")
        if self.days != UNKNOWN and not _is_days(self.days):
            raise ValueError(f"days is {self.days!r}, not 0 to {MOST_DAYS} or {UNKNOWN}")
        for field, allowed in VALUES.items():
            value = getattr(self, field)
            if not isinstance(value, str) or value not in allowed:
                raise ValueError(f"{field} is {value!r}, not one of {', '.join(allowed)}")


@dataclass(frozen=True)
class Fault:
    """Why a text is no record."""

    message: str


def _is_order(value: object) -> bool:
    return isinstance(value, str) and ORDER.fullmatch(value) is not None


def _is_days(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_DAYS


def canonical(record: Record) -> str:
    """The record as the one line that the application behind it reads."""
    return json.dumps(asdict(record))


def parse(text: str) -> Record | Fault:
    """The record that a whole text is; the order of the keys is free, nothing else is."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return Fault("not JSON")
    return record_of(fields) if isinstance(fields, dict) else Fault("not a JSON object")


def record_of(fields: Mapping[str, Any]) -> Record | Fault:
    """The record of six named values."""
    if set(fields) != set(FIELDS):
        return Fault(f"keys are {', '.join(fields)[:80]}, not {', '.join(FIELDS)}")
    try:
        return Record(**fields)
    except (TypeError, ValueError) as error:
        return Fault(str(error))
