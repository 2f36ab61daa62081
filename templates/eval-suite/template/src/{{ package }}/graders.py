"""Graders in code: free, fast, and of the same opinion tomorrow.

Invariant: a grade lies from 0 to 1, or is None where the item does not ask for it; an output that
lacks a key is wrong, not an error. A grader is a function of what is expected and what came.
"""

from collections.abc import Callable, Mapping
from typing import Any

from .evaluation.retrieval import recall_at
from .items import plain

Expected = Mapping[str, Any]
Output = Mapping[str, Any]
Grader = Callable[[Expected, Output], float | None]

SOURCES_AT = 3


def category(expected: Expected, output: Output) -> float | None:
    """1 if the topic is the expected one."""
    return float(output.get("category") == expected["category"]) if "category" in expected else None


def urgency(expected: Expected, output: Output) -> float | None:
    """1 if the urgency is the expected one."""
    return float(output.get("urgency") == expected["urgency"]) if "urgency" in expected else None


def facts(expected: Expected, output: Output) -> float | None:
    """The share of the expected facts that the reply states, in one of their wordings."""
    groups = expected.get("facts") or []
    if not groups:
        return None
    reply = f" {plain(str(output.get('reply', '')))} "
    stated = sum(any(f" {plain(wording)} " in reply for wording in group) for group in groups)
    return stated / len(groups)


def sources(expected: Expected, output: Output) -> float | None:
    """Recall of the expected sections among the first three that the output names."""
    wanted = expected.get("sources") or []
    named = output.get("sources")
    found = list(dict.fromkeys(map(str, named))) if isinstance(named, list) else []
    return recall_at(SOURCES_AT, found, set(wanted)) if wanted else None


def declines(expected: Expected, output: Output) -> float | None:
    """1 if it declined just where no section covers the message; "other" is declining."""
    if "category" not in expected:
        return None
    return float((output.get("category") == "other") == (expected["category"] == "other"))


def shape_fault(expected: Expected) -> str:
    """What of `expected` no grader could read, in words; "" if nothing is."""
    if unknown := expected.keys() - SHAPES.keys():
        return f"no grader reads {min(unknown)!r}; they read {', '.join(SHAPES)}"
    wrong = [name for name, value in expected.items() if not SHAPES[name](value)]
    return f"{wrong[0]} has not the form that its grader reads: evals/README.md" if wrong else ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(check, value))


# Add here what your own graders read, so that a mistyped key does not pass for "not asked".
SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "category": _is_text,
    "urgency": _is_text,
    "facts": _is_list_of(_is_list_of(_is_text)),
    "sources": _is_list_of(_is_text),
}

GRADERS: Mapping[str, Grader] = {
    "category": category,
    "urgency": urgency,
    "facts": facts,
    "sources": sources,
    "declines": declines,
}
