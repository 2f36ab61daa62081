"""What a judge may cost: the worst price is reserved before each call and settled after it.

Invariant: no call is made that could pass the cap, and none after a server billed more than was
possible. Each reservation is a row on disk before its call, so that a kill loses neither it nor an
answer. Money is counted in billionths of a US dollar, as whole numbers.
"""

import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import TypeVar

from scaffolder.paths import state_file
from scaffolder.review.judge.asking import MAX_TOKENS, MODEL, Answer
from scaffolder.statefile import Layout, explain, opened

T = TypeVar("T")

APPLICATION_ID = 0x5CAFF03D

NANO = 1_000_000_000
"""Billionths of a dollar in a dollar."""

KEPT = 2_000
"""Answers that are kept; the oldest go."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE calls (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, model TEXT NOT NULL,
            reserved INTEGER NOT NULL, settled INTEGER, at TEXT NOT NULL)""",
        """CREATE TABLE answers (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, vote INTEGER NOT NULL,
            answer TEXT NOT NULL, UNIQUE (key, vote))""",
    ),
)


def ledger_file() -> Path:
    """The SQLite file with what was reserved, billed and answered, beside the progress."""
    return state_file().with_name("judge.db")


def price(tokens_in: int, tokens_out: int) -> int | None:
    """What so many tokens cost, in billionths of a dollar; None where the price is not known.

    From the dated table of genai-prices, which is never updated over the network here.
    """
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=tokens_in, output_tokens=tokens_out)
    try:
        found = calc_price(usage, model_ref=MODEL, provider_id="anthropic").total_price
    except LookupError:
        return None
    return int((Decimal(found) * NANO).to_integral_value(ROUND_CEILING))


def worst(tokens: int) -> int | None:
    """What a request of at most `tokens` tokens costs at most, with the longest answer."""
    return price(tokens, MAX_TOKENS)


def dollars(amount: int) -> float:
    """Billionths of a dollar as dollars."""
    return amount / NANO


class Ledger:
    """One run under a cap. The sums are kept here, so that a disk that fails cannot raise them."""

    def __init__(self, budget_usd: float) -> None:
        self.cap = int(Decimal(str(budget_usd)) * NANO)
        self.spent = 0
        self.reserved = 0
        self.notices: list[str] = []
        self._run = os.urandom(8).hex()
        self._rows: dict[int, int] = {}

    def reserve(self, amount: int) -> int | None:
        """Reserves an amount; the row to settle, or None where it could pass the cap."""
        if self.spent + self.reserved + amount > self.cap:
            return None
        self.reserved += amount
        number = self._write(lambda c: self._insert(c, amount)) or -len(self._rows) - 1
        self._rows[number] = amount
        return number

    def settle(self, row: int, cost: int) -> bool:
        """Takes `cost` for what was reserved; False where more was billed than was possible."""
        amount = self._rows.pop(row)
        self.reserved -= amount
        self.spent += cost
        self._write(lambda c: self._update(c, row, cost))
        return cost <= amount

    def keep(self, key: str, vote: int, answer: Answer) -> None:
        """Keeps an answer that was paid for under the digest of what was asked."""
        row = (key, vote, json.dumps(asdict(answer)))
        self._write(lambda c: self._store(c, row))

    def known(self, key: str) -> dict[int, Answer]:
        """The answers that were kept for what `key` was made of, by vote."""
        if not os.path.lexists(ledger_file()):
            return {}
        return self._write(lambda c: _answers(c, key)) or {}

    def _insert(self, connection: sqlite3.Connection, amount: int) -> int | None:
        at = datetime.now(UTC).isoformat()
        return connection.execute(
            "INSERT INTO calls (run, model, reserved, at) VALUES (?, ?, ?, ?)",
            (self._run, MODEL, amount, at),
        ).lastrowid

    def _update(self, connection: sqlite3.Connection, row: int, cost: int) -> None:
        connection.execute(
            "UPDATE calls SET settled = ? WHERE seq = ? AND run = ?", (cost, row, self._run)
        )

    def _store(self, connection: sqlite3.Connection, row: tuple[str, int, str]) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO answers (key, vote, answer) VALUES (?, ?, ?)", row
        )
        connection.execute(
            "DELETE FROM answers WHERE seq <= (SELECT MAX(seq) FROM answers) - ?", (KEPT,)
        )

    def _write(self, change: Callable[[sqlite3.Connection], T]) -> T | None:
        """`change` in one transaction; where the disk does not let us, a notice and None."""
        path, notices = ledger_file(), list[str]()
        try:
            if not path.is_absolute():
                raise FileNotFoundError(0, "there is no home directory", str(path))
            with opened(path, LAYOUT, notices) as connection:
                connection.execute("BEGIN IMMEDIATE")
                done = change(connection)
                connection.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            notices.append(f"what the judge costs is not being kept: {explain(error, path)}")
            done = None
        self.notices += [told for told in notices if told not in self.notices]
        return done


def _answers(connection: sqlite3.Connection, key: str) -> dict[int, Answer]:
    rows = connection.execute("SELECT vote, answer FROM answers WHERE key = ?", (key,))
    return {int(vote): Answer(**json.loads(answer)) for vote, answer in rows}


def _read(connection: sqlite3.Connection) -> None:
    """Reads all that is kept; raises where it makes no sense."""
    for reserved, settled in connection.execute("SELECT reserved, settled FROM calls"):
        if not (isinstance(reserved, int) and isinstance(settled, int | None)):
            raise ValueError("an amount of money makes no sense")
    for (answer,) in connection.execute("SELECT answer FROM answers"):
        Answer(**json.loads(answer))


LAYOUT = Layout(APPLICATION_ID, MIGRATIONS, _read)
