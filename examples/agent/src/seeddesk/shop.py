"""The shop's database: a file made from `data/shop.sql`, and what it holds.

Invariant: whoever asks is one customer; what belongs to others is not found.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from .errors import ConfigError
from .policy import Policy

WAIT_S = 10.0  # for another connection that is writing
LEDGER = "effects"  # how changes are kept from being made twice; no part of the shop itself

State = Mapping[str, list[dict[str, Any]]]


class NotFound(Exception):
    """There is nothing of that id for this customer; the words are for the model to read."""


class Refused(Exception):
    """The shop's rules forbid it; the words say which one."""


class Unavailable(Exception):
    """A service did not answer this time; the next time it may."""


@dataclass(frozen=True)
class Shop:
    """What a tool works with: an open connection, for whom, on which day, under which rules."""

    connection: sqlite3.Connection
    customer: str
    today: date
    policy: Policy
    carrier_delay_s: float = 0.0

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """The rows of a query, as dictionaries."""
        return [dict(row) for row in self.connection.execute(query, values)]

    def order(self, order_id: str) -> dict[str, Any]:
        """One order of this customer with its lines; NotFound for anybody else's."""
        found = self.rows(
            "SELECT * FROM orders WHERE order_id = ? AND customer_id = ?", order_id, self.customer
        )
        if not found:
            raise NotFound(f"customer {self.customer} has no order {order_id}")
        lines = self.rows(
            "SELECT sku, quantity, price_cents FROM order_lines WHERE order_id = ?", order_id
        )
        return found[0] | {"lines": lines}

    def shipment(self, order_id: str) -> dict[str, Any]:
        """How far the parcel is; {} where nothing has left."""
        found = self.rows("SELECT * FROM shipments WHERE order_id = ?", order_id)
        return found[0] if found else {}


def create(path: Path, script: Path) -> None:
    """A new database at `path` from the SQL in `script`, in place of one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".partial")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(unfinished)) as connection:
            # It counts only once it is whole, so hundreds of lines need not wait for the disk.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.executescript(script.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, sqlite3.Error) as error:
        raise ConfigError(f"cannot make the shop from {script}: {error}") from error
    unfinished.replace(path)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of this thread; it writes only between BEGIN and COMMIT."""
    if not path.exists():
        raise ConfigError(
            f"there is no shop at {path}", "`ask` makes it; see [shop] in config.toml"
        )
    with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def columns(path: Path) -> Mapping[str, frozenset[str]]:
    """The tables of the shop with the names of their columns."""
    with opened(path) as connection:
        query = (
            "SELECT t.name AS tab, c.name AS col FROM sqlite_master t, pragma_table_info(t.name) c "
            "WHERE t.type = 'table' AND t.name != ?"
        )
        found: dict[str, frozenset[str]] = {}
        for row in connection.execute(query, (LEDGER,)):
            found[row["tab"]] = found.get(row["tab"], frozenset()) | {row["col"]}
        return found


def state(path: Path) -> State:
    """Every table of the shop, for comparing how things stand before and after."""
    with opened(path) as connection:
        names = [
            row["name"]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]
            for name in names
            if name != LEDGER
        }
