"""What a run has said and done so far, on disk after each step, so that a killed run goes on.

Invariant: a step is written before the next one begins. Whole tool results are kept here, also
those that the model saw cut.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs
  (run TEXT PRIMARY KEY, request TEXT, customer TEXT, system TEXT, database TEXT, status TEXT);
CREATE TABLE IF NOT EXISTS turns (run TEXT, n INTEGER, turn TEXT, PRIMARY KEY (run, n));
CREATE TABLE IF NOT EXISTS steps (run TEXT, n INTEGER, step TEXT, PRIMARY KEY (run, n));
CREATE TABLE IF NOT EXISTS calls (run TEXT, n INTEGER, call TEXT, PRIMARY KEY (run, n));
CREATE TABLE IF NOT EXISTS results (run TEXT, call TEXT, text TEXT, PRIMARY KEY (run, call));
CREATE TABLE IF NOT EXISTS approvals
  (run TEXT, tool TEXT, arguments TEXT, state TEXT, PRIMARY KEY (run, tool, arguments));
"""


@dataclass(frozen=True)
class Run:
    """One request of one customer; `status` is "open" until it ended."""

    id: str
    request: str
    customer: str
    system: str
    database: Path
    status: str = "open"


@dataclass(frozen=True)
class Pending:
    """A call that waits for a person: this tool with exactly these arguments."""

    run: str
    tool: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        words = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.tool}({words})"


def start(path: Path, run: Run) -> None:
    """Write down a new run; one that is there already stays as it is."""
    with _opened(path) as db:
        values = (run.id, run.request, run.customer, run.system, str(run.database), run.status)
        db.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?)", values)


def new_id() -> str:
    """A name for a run."""
    return f"r{secrets.token_hex(4)}"


def load_run(path: Path, run_id: str) -> Run:
    """The run of that name; UsageError lists the newest."""
    with _opened(path) as db:
        query = "SELECT run, request, customer, system, database, status FROM runs"
        rows = db.execute(f"{query} ORDER BY rowid DESC").fetchall()
    for row in rows:
        if row[0] == run_id:
            return Run(row[0], row[1], row[2], row[3], Path(row[4]), row[5])
    newest = ", ".join(row[0] for row in rows[:3]) or "none"
    raise UsageError(f"there is no run {run_id!r}", f"the newest are: {newest}")


def finish(path: Path, run_id: str, status: str) -> None:
    """Note how a run ended."""
    with _opened(path) as db:
        db.execute("UPDATE runs SET status = ? WHERE run = ?", (status, run_id))


def save_turn(path: Path, run_id: str, n: int, turn: Mapping[str, Any]) -> None:
    """Keep turn `n` of the conversation."""
    with _opened(path) as db:
        values = (run_id, n, json.dumps(turn))
        db.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?)", values)


def load_turns(path: Path, run_id: str) -> list[dict[str, Any]]:
    """The turns so far, in order."""
    with _opened(path) as db:
        query = "SELECT turn FROM turns WHERE run = ? ORDER BY n"
        return [json.loads(row[0]) for row in db.execute(query, (run_id,))]


def save_step(path: Path, run_id: str, n: int, step: Mapping[str, Any]) -> None:
    """Keep what came of call `n`."""
    with _opened(path) as db:
        values = (run_id, n, json.dumps(step, default=str))
        db.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?)", values)


def load_steps(path: Path, run_id: str) -> list[dict[str, Any]]:
    """What came of the calls so far, in order."""
    with _opened(path) as db:
        query = "SELECT step FROM steps WHERE run = ? ORDER BY n"
        return [json.loads(row[0]) for row in db.execute(query, (run_id,))]


def save_call(path: Path, run_id: str, n: int, call: Mapping[str, Any]) -> None:
    """Keep what model call `n` took."""
    with _opened(path) as db:
        db.execute("INSERT OR REPLACE INTO calls VALUES (?, ?, ?)", (run_id, n, json.dumps(call)))


def load_calls(path: Path, run_id: str) -> list[dict[str, Any]]:
    """What the model calls so far took, in order."""
    with _opened(path) as db:
        query = "SELECT call FROM calls WHERE run = ? ORDER BY n"
        return [json.loads(row[0]) for row in db.execute(query, (run_id,))]


def keep_result(path: Path, run_id: str, call: str, text: str) -> None:
    """Keep a whole tool result under the key of its call."""
    with _opened(path) as db:
        db.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", (run_id, call, text))


def ask_approval(path: Path, pending: Pending) -> str:
    """The state of an approval, "waiting" if it was never asked: waiting, given or denied."""
    with _opened(path) as db:
        key = (pending.run, pending.tool, _exact(pending.arguments))
        db.execute("INSERT OR IGNORE INTO approvals VALUES (?, ?, ?, 'waiting')", key)
        query = "SELECT state FROM approvals WHERE run = ? AND tool = ? AND arguments = ?"
        return str(db.execute(query, key).fetchone()[0])


def decide(path: Path, pending: Pending, given: bool) -> None:
    """Note what a person decided on exactly this call."""
    with _opened(path) as db:
        key = (pending.run, pending.tool, _exact(pending.arguments))
        values = (*key, "given" if given else "denied")
        db.execute("INSERT OR REPLACE INTO approvals VALUES (?, ?, ?, ?)", values)


def decided(path: Path, run_id: str) -> list[tuple[Pending, str]]:
    """The calls of a run that a person has decided on, with "given" or "denied"."""
    with _opened(path) as db:
        query = "SELECT tool, arguments, state FROM approvals WHERE run = ? AND state != 'waiting'"
        rows = db.execute(query, (run_id,)).fetchall()
    return [
        (Pending(run_id, tool, json.loads(arguments)), state) for tool, arguments, state in rows
    ]


def waiting(path: Path, run_id: str) -> list[Pending]:
    """The calls of a run that wait for a person."""
    with _opened(path) as db:
        query = "SELECT tool, arguments FROM approvals WHERE run = ? AND state = 'waiting'"
        rows = db.execute(query, (run_id,)).fetchall()
    return [Pending(run_id, tool, json.loads(arguments)) for tool, arguments in rows]


def _exact(arguments: Mapping[str, Any]) -> str:
    return json.dumps(arguments, sort_keys=True)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
            connection.executescript(_SCHEMA)
            yield connection
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path} is no file of runs: {error}", "move it away") from error
