"""Runs one call of a tool under the rules: schema, approval, time, retries, once, size.

Invariants: whatever a tool does, an observation comes back and no exception; a change is made at
most once for a run, a tool and its arguments; after text of strangers was read, nothing leaves the
house without approval.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import asdict, dataclass, field, replace
from threading import Thread
from typing import Any, Literal

from . import runs, tools
from .arguments import fault
from .llm.types import ToolCall
from .policy import needs_approval
from .runs import Pending, Run
from .settings import Settings
from .shop import NotFound, Refused, Shop, Unavailable, opened
from .tools import TOOLS, Spec

Outcome = Literal["ok", "error", "refused", "waiting", "timeout"]
Approve = Callable[[Pending], bool]
Found = str | Mapping[str, Any]  # words for the model, or a whole result
PAUSE_S = 0.05


@dataclass(frozen=True)
class Observation:
    """What came of a call: `text` is for the model, cut if it was long; `data` is for code."""

    tool: str
    arguments: Mapping[str, Any]
    outcome: Outcome
    text: str
    seconds: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        return self.outcome != "ok"


@dataclass
class Executor:
    """The tools of one run; `tainted` once strangers' text was read, `approve` a person's word."""

    run: Run
    settings: Settings
    approve: Approve | None = None
    tainted: bool = False
    done: list[Observation] = field(default_factory=list)

    def perform(self, call: ToolCall) -> Observation:
        """Run one call; the observation is also appended to `done`."""
        started = time.monotonic()
        arguments = call.arguments or {}
        outcome, found = self._outcome(call)
        text = found if isinstance(found, str) else json.dumps(found)
        cut = self._cut(call, text)
        seconds = round(time.monotonic() - started, 3)
        data = {} if isinstance(found, str) else found
        seen = Observation(call.name, arguments, outcome, cut, seconds, data)
        self.done.append(seen)
        step = asdict(replace(seen, data={}))
        runs.save_step(self.settings.runs, self.run.id, len(self.done), step)
        return seen

    def recall(self) -> None:
        """What an earlier process of this run observed, taint included."""
        saved = runs.load_steps(self.settings.runs, self.run.id)
        self.done = [Observation(**step) for step in saved]
        self.tainted = any(TOOLS[o.tool].untrusted for o in self.done if o.tool in TOOLS)

    def carry_out_decided(self) -> list[tuple[Pending, str, Observation]]:
        """Make every call that a person has decided on since it waited; nobody asks for it again.

        With each comes "given" or "denied".
        """
        last = {(o.tool, json.dumps(o.arguments, sort_keys=True)): o.outcome for o in self.done}
        return [
            (each, state, self.perform(ToolCall(f"decided-{n}", each.tool, each.arguments)))
            for n, (each, state) in enumerate(runs.decided(self.settings.runs, self.run.id), 1)
            if last.get((each.tool, json.dumps(each.arguments, sort_keys=True))) == "waiting"
        ]

    def pending(self) -> list[Pending]:
        """What waits for a person."""
        return runs.waiting(self.settings.runs, self.run.id)

    def _outcome(self, call: ToolCall) -> tuple[Outcome, Found]:
        spec = TOOLS.get(call.name)
        if spec is None:
            return "error", f"there is no tool {call.name!r}; there are {', '.join(TOOLS)}"
        arguments = call.arguments
        if wrong := fault(arguments, spec.schema):
            return "error", f"{call.name} was not called: {wrong}"
        assert arguments is not None
        if spec.writes and (before := self._before(call.name, arguments)) is not None:
            return "ok", before
        state = self._approval(Pending(self.run.id, call.name, arguments), spec)
        if state == "waiting":
            return "waiting", f"{call.name} waits for the approval of a person. It was not done."
        if state == "denied":
            return "refused", f"a person denied {call.name} with these arguments. It was not done."
        return self._tried(call.name, arguments, spec)

    def _approval(self, pending: Pending, spec: Spec) -> str:
        """given, denied or waiting; a person is asked about exactly these arguments."""
        if not self._is_risky(pending, spec):
            return "given"
        state = runs.ask_approval(self.settings.runs, pending)
        if state == "waiting" and self.approve is not None:
            runs.decide(self.settings.runs, pending, self.approve(pending))
            state = runs.ask_approval(self.settings.runs, pending)
        return state

    def _is_risky(self, pending: Pending, spec: Spec) -> bool:
        if self.tainted and spec.outward:
            return True
        amount = pending.arguments.get("amount_cents", 0)
        if pending.tool == "cancel_order":
            amount = self._total(str(pending.arguments["order_id"]))
        return spec.risk == "high" and needs_approval(int(amount), self.settings.policy)

    def _total(self, order_id: str) -> int:
        with opened(self.run.database) as connection:
            query = "SELECT total_cents FROM orders WHERE order_id = ?"
            row = connection.execute(query, (order_id,)).fetchone()
        return int(row[0]) if row else 0

    def _tried(self, name: str, arguments: Mapping[str, Any], spec: Spec) -> tuple[Outcome, Found]:
        """The first answer within the retries; only a failure that may pass is tried again."""
        last = ""
        for attempt in range(spec.retries + 1):
            time.sleep(PAUSE_S * attempt)
            try:
                found = self._timed(name, arguments, spec)
            except TooSlow:
                last = f"{name} did not answer within {self.settings.tool_timeout_s:g} s"
                outcome: Outcome = "timeout"
                continue
            except (Unavailable, OSError, sqlite3.OperationalError) as error:
                last, outcome = f"{name} failed: {error}", "error"
                continue
            except (Refused, NotFound) as error:
                return "refused", str(error)
            except Exception as error:  # a tool may raise anything; the run has to go on
                return "error", f"{name} failed: {type(error).__name__}: {error}"
            if spec.untrusted:
                self.tainted = True
            return _read(name, found, spec)
        return outcome, f"{last}; tried {spec.retries + 1} times. Go on without it, or escalate."

    def _timed(self, name: str, arguments: Mapping[str, Any], spec: Spec) -> Any:
        """Run the tool in a thread of its own; one that hangs is left behind, also at the exit."""
        work: Future[Any] = Future()
        run = self._once if spec.writes else self._called

        def tried() -> None:
            try:
                work.set_result(run(name, arguments))
            except BaseException as error:
                work.set_exception(error)

        Thread(target=tried, daemon=True).start()
        return work.result(self.settings.tool_timeout_s)

    def _called(self, name: str, arguments: Mapping[str, Any]) -> Any:
        with opened(self.run.database) as connection:
            return getattr(tools, name)(self._shop(connection), **arguments)

    def _once(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run a writing tool and note that it ran, both or neither; the second time only tell."""
        key = self._key(name, arguments)
        with opened(self.run.database) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                query = "SELECT result FROM effects WHERE key = ?"
                if before := connection.execute(query, (key,)).fetchone():
                    connection.execute("ROLLBACK")
                    return json.loads(before[0])
                found = getattr(tools, name)(self._shop(connection), **arguments)
                values = (key, name, json.dumps(found, default=str))
                connection.execute("INSERT INTO effects VALUES (?, ?, ?)", values)
                connection.execute("COMMIT")
                return found
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _before(self, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What this change gave when it was made; None if this run has not made it."""
        with opened(self.run.database) as connection:
            query = "SELECT result FROM effects WHERE key = ?"
            found = connection.execute(query, (self._key(name, arguments),)).fetchone()
        return json.loads(found[0]) if found else None

    def _key(self, name: str, arguments: Mapping[str, Any]) -> str:
        text = json.dumps([self.run.id, name, arguments], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _shop(self, connection: sqlite3.Connection) -> Shop:
        s = self.settings
        return Shop(connection, self.run.customer, s.today, s.policy, s.carrier_delay_s)

    def _cut(self, call: ToolCall, text: str) -> str:
        """At most so many characters for the model; the whole text is kept with the run."""
        most = self.settings.most_result_chars
        if len(text) <= most:
            return text
        runs.keep_result(self.settings.runs, self.run.id, call.id, text)
        return f"{text[:most]} [cut: {len(text) - most} more characters are kept with the run]"


def _read(name: str, found: Any, spec: Spec) -> tuple[Outcome, Found]:
    """A whole result, or an error that the model is told of."""
    whole = isinstance(found, dict) and all(key in found for key in spec.gives)
    try:
        json.dumps(found)
    except (TypeError, ValueError):
        whole = False
    if whole:
        return "ok", found
    return "error", f"{name} gave nothing usable: {str(found)[:200]!r}. Go on without it."
