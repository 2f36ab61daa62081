"""The only door to the ledger: one SELECT at a time over what may be seen, within time and rows.

Invariants: the file is opened for reading only; SQLite's own parser asks `_Guard` about each table,
column and function before anything runs; whatever a statement says, it ends in time.
"""

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_STATEMENT = 4000
MOST_CELL = 500
_STEPS = 2000  # instructions of SQLite between two looks at the clock
_FUNCTIONS = frozenset(
    {
        *("abs", "avg", "cast", "ceil", "coalesce", "count", "date", "floor", "group_concat"),
        *("iif", "ifnull", "julianday", "length", "like", "lower", "ltrim", "max", "min"),
        *("nullif", "replace", "round", "rtrim", "strftime", "substr", "substring", "sum"),
        *("total", "trim", "upper", "string_agg", "glob", "rank", "row_number", "dense_rank"),
        *("lag", "lead", "ntile", "percent_rank", "first_value", "last_value"),
    }
)
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE})

Allowed = Mapping[str, frozenset[str]]  # table -> its visible columns


class Refused(Exception):
    """The statement may not run, or cannot; the words help whoever wrote it to mend it."""


class TooSlow(Refused):
    """The statement was stopped at the limit of time."""


@dataclass(frozen=True)
class Table:
    """What a statement gave: at most the limit of rows; `more` says that there were others."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool = False
    tables: tuple[str, ...] = ()  # those that were read


@dataclass
class _Guard:
    """Answers SQLite's parser: reading visible columns and harmless functions, nothing else."""

    allowed: Allowed
    hidden: frozenset[str]
    said: str = ""

    def __post_init__(self) -> None:
        self.read: set[str] = set()

    def __call__(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action in _ALLOWED or self._may_read(action, first, second):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and str(second).lower() in _FUNCTIONS:
            return sqlite3.SQLITE_OK
        self.said = self.said or self._why(action, first, second)
        return sqlite3.SQLITE_DENY

    def _may_read(self, action: int, table: str | None, column: str | None) -> bool:
        if action != sqlite3.SQLITE_READ or table is None:
            return False
        if table not in self.allowed:
            # The rows of a WITH clause are counted under its own name, without a column.
            return not column and table not in self.hidden and not table.startswith("sqlite_")
        self.read.add(table)
        return not column or column in self.allowed[table]

    def _why(self, action: int, first: str | None, second: str | None) -> str:
        if action == sqlite3.SQLITE_READ and first in self.allowed:
            return f"the column {first}.{second} may not be read"
        if action == sqlite3.SQLITE_READ:
            return f"the table {first} may not be read; there are {', '.join(self.allowed)}"
        if action == sqlite3.SQLITE_FUNCTION:
            return f"the function {second} may not be used"
        return "only a SELECT may run"


@dataclass(frozen=True)
class Database:
    """A ledger with its limits: rows of an answer, seconds of a statement."""

    path: Path
    allowed: Allowed
    most_rows: int
    most_seconds: float

    def select(self, statement: str) -> Table:
        """The rows of one SELECT. Raises Refused (TooSlow at the limit of time)."""
        if len(statement) > LONGEST_STATEMENT:
            raise Refused(f"a statement may have {LONGEST_STATEMENT} characters")
        if not statement.strip():
            raise Refused("the statement is empty")
        with self._opened() as connection:
            names = connection.execute("SELECT name FROM sqlite_master").fetchall()
            guard = _Guard(self.allowed, frozenset(name for (name,) in names) - self.allowed.keys())
            connection.set_authorizer(guard)
            return self._run(connection, statement, guard)

    def describe(self, table: str) -> list[dict[str, str]]:
        """Name, type and example of each visible column. Raises Refused for a hidden table."""
        if table not in self.allowed:
            raise Refused(f"there is no table {table!r}; there are {', '.join(self.allowed)}")
        with self._opened() as connection:
            columns = connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,))
            seen = [(n, kind) for n, kind in columns if n in self.allowed[table]]
            named = ", ".join(f'"{name}"' for name, _ in seen)
            first = connection.execute(f'SELECT {named} FROM "{table}" LIMIT 1').fetchone()
        examples = first or [""] * len(seen)
        return [
            {"column": name, "type": kind, "example": str(value)}
            for (name, kind), value in zip(seen, examples, strict=True)
        ]

    def count(self, table: str) -> int:
        """Rows of a visible table."""
        return int(self.select(f'SELECT COUNT(*) FROM "{table}"').rows[0][0])

    def _run(self, connection: sqlite3.Connection, statement: str, guard: _Guard) -> Table:
        ends = time.monotonic() + self.most_seconds
        connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
        try:
            cursor = connection.execute(statement)
            if cursor.description is None:
                raise Refused("only a SELECT may run")
            rows = cursor.fetchmany(self.most_rows + 1)
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            raise _refusal(error, guard, self.most_seconds) from error
        shown = tuple(tuple(map(_cell, row)) for row in rows[: self.most_rows])
        names = tuple(column[0] for column in cursor.description)
        return Table(names, shown, len(rows) > self.most_rows, tuple(sorted(guard.read)))

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        address = f"{self.path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            yield connection


def as_text(table: Table) -> str:
    """A table as lines of `a | b`, with a last line if rows were left out."""
    lines = [" | ".join(table.columns), *(" | ".join(map(shown, row)) for row in table.rows)]
    if not table.rows:
        lines.append("(no rows)")
    if table.more:
        lines.append(f"(more rows were left out after {len(table.rows)}: aggregate, or LIMIT)")
    return "\n".join(lines)


def shown(value: Any) -> str:
    return "NULL" if value is None else str(value)


def visible(allowed: Mapping[str, Sequence[str]]) -> Allowed:
    return {table: frozenset(columns) for table, columns in allowed.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    return value[:MOST_CELL] if isinstance(value, str) else value


def _refusal(error: Exception, guard: _Guard, seconds: float) -> Refused:
    words = str(error)
    if guard.said:
        return Refused(guard.said)
    if words == "interrupted":
        return TooSlow(f"the statement was stopped after {seconds:g} s; make it smaller")
    if re.search(r"one statement at a time", words):
        return Refused("one statement at a time")
    return Refused(words)
