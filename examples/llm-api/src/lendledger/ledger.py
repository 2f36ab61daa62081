"""The books of a town library with five branches, made up from one seed.

Invariant: the same seed gives the same rows on every machine, so truths can be computed from them.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

FIRST, LAST = date(2025, 1, 1), date(2026, 9, 30)
MEMBERS, TITLES, COPIES, LOANS, HOLDS = 1900, 640, 2600, 11000, 900
TERM = 28  # days

SCRIPT = """
CREATE TABLE branches (
    branch_id INTEGER PRIMARY KEY, name TEXT, district TEXT, square_metres INTEGER);
CREATE TABLE members (
    member_id INTEGER PRIMARY KEY, branch_id INTEGER REFERENCES branches, age_group TEXT,
    joined TEXT, name TEXT, email TEXT);
CREATE TABLE titles (
    title_id INTEGER PRIMARY KEY, name TEXT, author TEXT, kind TEXT, published INTEGER);
CREATE TABLE copies (
    copy_id INTEGER PRIMARY KEY, title_id INTEGER REFERENCES titles,
    branch_id INTEGER REFERENCES branches, bought TEXT, price_cents INTEGER, state TEXT);
CREATE TABLE loans (
    loan_id INTEGER PRIMARY KEY, copy_id INTEGER REFERENCES copies,
    member_id INTEGER REFERENCES members, lent TEXT, due TEXT, returned TEXT, renewals INTEGER);
CREATE TABLE holds (
    hold_id INTEGER PRIMARY KEY, title_id INTEGER REFERENCES titles,
    member_id INTEGER REFERENCES members, placed TEXT, status TEXT);
CREATE TABLE fines (
    fine_id INTEGER PRIMARY KEY, loan_id INTEGER REFERENCES loans, raised TEXT,
    amount_cents INTEGER, paid TEXT);
CREATE TABLE visits (branch_id INTEGER REFERENCES branches, day TEXT, people INTEGER);
CREATE TABLE plans (branch_id INTEGER REFERENCES branches, month TEXT, loans INTEGER);
CREATE TABLE staff (staff_id INTEGER PRIMARY KEY, name TEXT, pay_grade INTEGER);
"""

BRANCHES = (
    ("Castle Street", "Old Town", 1450),
    ("Millpond", "East End", 620),
    ("Harbour", "Docklands", 540),
    ("Northfield", "Northfield", 480),
    ("Station Square", "West End", 800),
)
GROUPS = ("child", "pupil", "adult", "adult", "adult", "senior")
KINDS = ("novel", "novel", "non-fiction", "picture book", "audio book", "film", "board game")
STATES = ("on shelf", "on shelf", "on shelf", "on shelf", "on shelf", "on shelf", "lost", "repair")
FIRST_WORDS = (
    *("The Quiet", "A Winter", "The Last", "Two Days of", "Beyond the", "The Glass", "Small"),
    *(
        "The Northern",
        "Letters from the",
        "A History of",
        "The Borrowed",
        "Under the",
        "One Hundred",
    ),
)
LAST_WORDS = (
    *(
        "Harbour",
        "Orchard",
        "Clock",
        "River",
        "Lighthouse",
        "Kitchen",
        "Garden",
        "Bridge",
        "Island",
    ),
    *("Machine", "Summer", "Forest", "Tailor", "Snow", "Atlas", "Market", "Ferry", "Tower", "Fox"),
)
FAMILIES = ("Abel", "Brandt", "Costa", "Dyer", "Ekwall", "Fontaine", "Grau", "Holt", "Ito", "Juhl")

Row = tuple[object, ...]


def build(path: Path, seed: int) -> None:
    """Write the ledger to `path`, whole or not at all; an older one is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.partial")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as ledger, ledger:
        ledger.executescript(SCRIPT)
        _fill(ledger, Random(seed))
    unfinished.replace(path)


def _fill(ledger: sqlite3.Connection, chance: Random) -> None:
    _insert(ledger, "branches", ((n, *row) for n, row in enumerate(BRANCHES, 1)))
    _insert(ledger, "members", _members(chance))
    _insert(ledger, "titles", _titles(chance))
    copies = list(_copies(chance))
    _insert(ledger, "copies", copies)
    loans = list(_loans(chance))
    _insert(ledger, "loans", loans)
    _insert(ledger, "holds", _holds(chance))
    _insert(ledger, "fines", _fines(chance, loans))
    _insert(ledger, "visits", _visits(chance))
    _insert(ledger, "plans", _plans(chance))
    _insert(ledger, "staff", ((n, f"Person {n}", 5 + _below(chance, 6)) for n in range(1, 28)))


def _members(chance: Random) -> Iterator[Row]:
    for number in range(1, MEMBERS + 1):
        joined = LAST - timedelta(days=_below(chance, 2600))
        branch = 1 + min(_below(chance, 5), _below(chance, 5))
        who = (f"Member {number}", f"reader{number}@example.org")
        yield number, branch, _one(chance, GROUPS), joined.isoformat(), *who


def _titles(chance: Random) -> Iterator[Row]:
    for number in range(1, TITLES + 1):
        volume = 1 + number // (len(FIRST_WORDS) * len(LAST_WORDS))
        first = FIRST_WORDS[number % len(FIRST_WORDS)]
        last = LAST_WORDS[number // len(FIRST_WORDS) % len(LAST_WORDS)]
        name = f"{first} {last}" + (f" {volume}" if volume > 1 else "")
        author = f"{chr(65 + _below(chance, 26))}. {_one(chance, FAMILIES)}"
        yield number, name, author, _one(chance, KINDS), 1975 + _below(chance, 52)


def _copies(chance: Random) -> Iterator[Row]:
    for number in range(1, COPIES + 1):
        bought = LAST - timedelta(days=_below(chance, 3000))
        # The smaller of two: the first branch is the largest.
        branch = 1 + min(_below(chance, 5), _below(chance, 5))
        price = 890 + 50 * _below(chance, 50)
        title = 1 + _below(chance, TITLES)
        yield number, title, branch, bought.isoformat(), price, _one(chance, STATES)


def _loans(chance: Random) -> Iterator[Row]:
    days = (LAST - FIRST).days
    for number in range(1, LOANS + 1):
        day = _below(chance, days + 1)
        # Every third is the later of two days: lending grows, so months are not alike.
        lent = FIRST + timedelta(days=day if _below(chance, 3) else max(day, _below(chance, days)))
        renewals = _below(chance, 3) if _below(chance, 4) == 0 else 0
        due = lent + timedelta(days=TERM * (1 + renewals))
        back = due + timedelta(days=_below(chance, 31) - 24)
        returned = back.isoformat() if back <= LAST and _below(chance, 60) else None
        copy, member = 1 + _below(chance, COPIES), 1 + _below(chance, MEMBERS)
        yield number, copy, member, lent.isoformat(), due.isoformat(), returned, renewals


def _holds(chance: Random) -> Iterator[Row]:
    for number in range(1, HOLDS + 1):
        placed = FIRST + timedelta(days=_below(chance, (LAST - FIRST).days + 1))
        waits = (LAST - placed).days < 60
        status = (
            "waiting" if waits and _below(chance, 2) else _one(chance, ("collected", "expired"))
        )
        title, member = 1 + _below(chance, TITLES), 1 + _below(chance, MEMBERS)
        yield number, title, member, placed.isoformat(), status


def _fines(chance: Random, loans: list[Row]) -> Iterator[Row]:
    """A fine for each loan that came back late: 20 cents a day, and half of them are paid."""
    number = 0
    for loan in loans:
        if loan[5] is None or str(loan[5]) <= str(loan[4]):
            continue
        number += 1
        back = date.fromisoformat(str(loan[5]))
        late = (back - date.fromisoformat(str(loan[4]))).days
        day = back + timedelta(days=_below(chance, 50))
        paid = day.isoformat() if day <= LAST and _below(chance, 3) else None
        yield number, loan[0], back.isoformat(), 20 * late, paid


def _visits(chance: Random) -> Iterator[Row]:
    for offset in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=offset)
        if day.weekday() == 6:
            continue
        for branch, (_, _, metres) in enumerate(BRANCHES, 1):
            yield branch, day.isoformat(), metres // 8 + _below(chance, metres // 5)


def _plans(chance: Random) -> Iterator[Row]:
    for month in range(24):
        name = f"{2025 + month // 12}-{month % 12 + 1:02}"
        for branch in range(1, 6):
            yield branch, name, 60 + 20 * (5 - branch) + 2 * month + _below(chance, 30)


def _insert(ledger: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        ledger.execute(f"INSERT INTO {table} VALUES ({marks})", row)


def _below(chance: Random, most: int) -> int:
    """A whole number from 0 to below `most`; `random()` alone is the same in every Python."""
    return int(chance.random() * most)


def _one(chance: Random, words: tuple[str, ...]) -> str:
    return words[_below(chance, len(words))]
