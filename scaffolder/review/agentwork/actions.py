"""The actions that a row of a run lists: which tool, with what, and what came of it.

Invariant: an action counts as done only where the row says so, or says nothing of a failure.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_ACTIONS = 500

_LISTS = ("actions", "tool_calls", "trajectory", "calls", "steps", "trace", "transcript")
_TOOL = ("tool", "name", "tool_name", "action", "function", "call")
_ARGUMENTS = ("arguments", "args", "input", "parameters", "kwargs", "tool_input", "action_input")
_OUTCOME = ("outcome", "status", "result_status", "error", "is_error", "ok", "success")
_FAILED = re.compile(
    r"err|fail|refus|denied|reject|wait|pending|block|timeout|timed|exception|invalid|unknown|not_",
    re.IGNORECASE,
)
WRITES = re.compile(
    r"(?:^|[_.])(?:refund|send|e?mail|create|update|delete|remove|cancel|book|reserve|pay|transfer"
    r"|order|reship|ship|replace|replacement|issue|write|insert|post|publish|submit|approve|close|open"
    r"|assign|charge|schedule|notify|escalate|change|modify|exchange|return|add|set|reset)(?:$|[_.])",
    re.IGNORECASE,
)
READS = re.compile(
    r"^(?:find|get|list|search|look_?up|read|check|track|show|view|fetch|query|calculate|count)(?:$|_)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Action:
    """A call of a tool: `arguments` as one text, so that two can be compared; `done` if it took."""

    tool: str
    arguments: str
    outcome: str
    done: bool

    @property
    def writes(self) -> bool:
        """Whether its name says that it changes something."""
        return bool(WRITES.search(self.tool)) and not READS.search(self.tool)


def actions(row: Mapping[str, Any]) -> tuple[Action, ...]:
    """The actions of a row, in their order."""
    listed: list[Any] = next((row[k] for k in _LISTS if isinstance(row.get(k), list)), [])
    found = (_action(one) for one in listed[:MAX_ACTIONS])
    return tuple(a for a in found if a is not None)


def repeated(done: Sequence[Action]) -> int:
    """How often the most repeated call of a run was made with the same arguments and outcome."""
    seen: dict[Action, int] = {}
    for action in done:
        seen[action] = seen.get(action, 0) + 1
    return max(seen.values(), default=0)


def _action(one: object) -> Action | None:
    if not isinstance(one, dict):
        return None
    inner = one.get("function")
    held = {**one, **inner} if isinstance(inner, dict) else one
    tool = next((v for k in _TOOL if isinstance(v := held.get(k), str) and v), "")
    if not tool:
        return None
    given: object = next((held[k] for k in _ARGUMENTS if k in held), {})
    outcome = next((held[k] for k in _OUTCOME if k in held), "")
    return Action(tool[:100], _canonical(given), str(outcome)[:100], _is_done(held))


def _canonical(given: object) -> str:
    try:
        return json.dumps(given, sort_keys=True, default=str)[:4000]
    except (RecursionError, ValueError, TypeError):
        return ""


def _is_done(held: Mapping[str, Any]) -> bool:
    for key in _OUTCOME:
        value = held.get(key)
        if value is None:
            continue
        if isinstance(value, bool):
            return value if key in ("ok", "success") else not value
        return not _FAILED.search(str(value)[:100])
    return True
