"""Which replies are allowed: as a JSON Schema for a provider, as choices for a local model.

Invariant: every reply that the form allows is a valid record once the decision is there, so the
parse rate is a property of the form and not of the prompt.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import policy
from .record import FIELDS, MOST_DAYS, UNKNOWN, VALUES, Fault, Record, parse, record_of

Form = Sequence[tuple[str, Sequence[str]]]  # field -> the JSON values it may have

_NUMBER = re.compile(r"\b[Rr] ?(\d{5})\b")


def fields_of(decides: str) -> tuple[str, ...]:
    """What the model fills in; with `decides` "code" the decision is not asked of it."""
    return FIELDS if decides == "model" else FIELDS[:-1]


def choices(text: str, decides: str) -> Form:
    """The values each field may have for this message: no order number that is not in it."""
    found = {f"R{digits}" for digits in _NUMBER.findall(text)}
    allowed: dict[str, Sequence[object]] = {
        "order": [*sorted(found), UNKNOWN],
        "days": [UNKNOWN, *range(MOST_DAYS + 1)],
        **VALUES,
    }
    return [(name, [json.dumps(v) for v in allowed[name]]) for name in fields_of(decides)]


def schema(decides: str, room: int) -> dict[str, Any]:
    """JSON Schema of a reply; with `room` a text for reasoning stands before the record."""
    days = {"anyOf": [{"type": "integer"}, {"type": "string", "enum": [UNKNOWN]}]}
    properties: dict[str, Any] = {"order": {"type": "string"}, "days": days}
    properties |= {name: {"type": "string", "enum": list(v)} for name, v in VALUES.items()}
    names = (*(("reasoning",) if room else ()), *fields_of(decides))
    properties["reasoning"] = {"type": "string"}
    return {
        "type": "object",
        "properties": {name: properties[name] for name in names},
        "required": list(names),
        "additionalProperties": False,
    }


def record_in(text: str, decides: str) -> Record | Fault:
    """The record in a reply: reasoning left out, the decision added where code decides."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return Fault("not JSON")
    if not isinstance(fields, dict):
        return parse(text)
    fields.pop("reasoning", None)
    if decides == "code" and fields.keys() == set(FIELDS[:-1]):
        fields["decision"] = _decided(fields)
    return record_of(fields)


def _decided(fields: Mapping[str, Any]) -> str:
    days = fields["days"] if type(fields["days"]) is int else UNKNOWN
    return policy.decide(str(fields["item"]), str(fields["problem"]), days, str(fields["opened"]))
