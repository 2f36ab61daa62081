"""Runs the calls of one turn: checked, side by side, within time; each result names its call.

Invariant: for every call there is exactly one observation, in the order of the calls, and no
exception: a call that cannot be run is an answer too, in words the model can use.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from . import tools
from .arguments import fault
from .database import Database, Refused, Table
from .llm.types import ToolCall
from .tools import TOOLS, Found

MOST_AT_ONCE = 8


@dataclass(frozen=True)
class Observation:
    """What came of a call: `name` ("q1") is how an answer refers to its table."""

    name: str
    call: ToolCall
    outcome: str  # ok, refused or error
    text: str
    seconds: float = 0.0
    table: Table | None = None

    @property
    def is_error(self) -> bool:
        return self.outcome != "ok"


@dataclass
class Executor:
    """The tools over one database, and everything that they gave in this run."""

    database: Database
    timeout_s: float
    most_chars: int
    done: list[Observation] = field(default_factory=list)

    def perform(self, calls: Sequence[ToolCall]) -> list[Observation]:
        """One observation a call, in their order, however long each of them took."""
        started = time.monotonic()
        running = [_start(self.database, call) for call in calls[:MOST_AT_ONCE]]
        ends = started + self.timeout_s
        for call, work in zip(calls, running, strict=False):
            self._note(call, *_outcome(call, work, ends - time.monotonic()), started)
        for call in calls[MOST_AT_ONCE:]:
            words = f"not run: at most {MOST_AT_ONCE} calls in one turn"
            self._note(call, "error", Found(words), started)
        return self.done[len(self.done) - len(calls) :]

    def _note(self, call: ToolCall, outcome: str, found: Found, started: float) -> None:
        name = f"q{len(self.done) + 1}"
        text = trimmed(found.text, self.most_chars)
        told = f"[{name}]\n{text}" if outcome == "ok" else text
        seconds = round(time.monotonic() - started, 3)
        self.done.append(Observation(name, call, outcome, told, seconds, found.table))


def _start(database: Database, call: ToolCall) -> "Future[Found]":
    """Run the call in a thread of its own: one that hangs is left behind."""
    work: Future[Found] = Future()

    def run() -> None:
        try:
            work.set_result(_called(database, call))
        except BaseException as error:
            work.set_exception(error)

    Thread(target=run, daemon=True).start()
    return work


def _called(database: Database, call: ToolCall) -> Found:
    if call.name not in TOOLS:
        raise Refused(f"there is no tool {call.name!r}; there are {', '.join(TOOLS)}")
    if wrong := fault(call.arguments, TOOLS[call.name].schema):
        raise Refused(f"{call.name} was not run: {wrong}")
    arguments: Mapping[str, Any] = call.arguments or {}
    found: Found = getattr(tools, call.name)(database, **arguments)
    return found


def _outcome(call: ToolCall, work: "Future[Found]", seconds: float) -> tuple[str, Found]:
    try:
        found = work.result(max(0.0, seconds))
    except TooLate:
        return "error", Found(f"{call.name} did not answer in time; go on without it")
    except Refused as error:
        return "refused", Found(str(error))
    except Exception as error:  # a tool may raise anything; the run has to go on
        return "error", Found(f"{call.name} failed: {type(error).__name__}: {error}")
    if isinstance(found, Found):
        return "ok", found
    return "error", Found(f"{call.name} gave nothing usable; go on without it")


def trimmed(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}\n[cut: {len(text) - most} more characters; ask for less]"
