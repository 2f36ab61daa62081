"""Are the arguments of a call what the tool asks for? The schema is checked in code.

Invariant: what passes has every required key, no other, and each of the stated type.
"""

import re
from collections.abc import Mapping
from typing import Any

_TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool}


def fault(arguments: Any, schema: Mapping[str, Any]) -> str:
    """What is wrong with `arguments`, in words that help to mend it; "" if nothing is."""
    if not isinstance(arguments, Mapping):
        return "the arguments are no JSON object"
    known = schema["properties"]
    if unknown := [name for name in arguments if name not in known]:
        return f"unknown argument {unknown[0]!r}; known are {', '.join(known) or 'none'}"
    if missing := [name for name in schema["required"] if name not in arguments]:
        return f"the argument {missing[0]!r} is missing"
    faults = (_value(name, value, known[name]) for name, value in arguments.items())
    return next(filter(None, faults), "")


def _value(name: str, value: Any, wanted: Mapping[str, Any]) -> str:
    kind = _TYPES[wanted["type"]]
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        return f"{name} must be of type {wanted['type']}, not {type(value).__name__}"
    if "enum" in wanted and value not in wanted["enum"]:
        return f"{name} must be one of {', '.join(wanted['enum'])}"
    if "pattern" in wanted and not re.search(wanted["pattern"], str(value)):
        return f"{name} must look like {wanted.get('description', wanted['pattern'])}"
    if isinstance(value, str):
        return _text(name, value, wanted)
    return f"{name} is too small" if value < wanted.get("minimum", value) else ""


def _text(name: str, value: str, wanted: Mapping[str, Any]) -> str:
    if len(value) < wanted.get("minLength", 0):
        return f"{name} is empty"
    return f"{name} is too long" if len(value) > wanted.get("maxLength", len(value)) else ""
