"""The sample ledger: a coffee roaster's books of eighteen months, made up from one seed.

Invariant: the same seed gives the same rows on every machine, so truths can be computed from them.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

FIRST, LAST = date(2025, 1, 1), date(2026, 6, 30)
CUSTOMERS, ORDERS = 420, 3900

SCRIPT = """
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, name TEXT, city TEXT, segment TEXT, since TEXT, email TEXT);
CREATE TABLE products (
    product_id INTEGER PRIMARY KEY, name TEXT, category TEXT, grams INTEGER, price_cents INTEGER);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, ordered TEXT,
    channel TEXT, status TEXT);
CREATE TABLE order_lines (
    order_id INTEGER REFERENCES orders, product_id INTEGER REFERENCES products,
    quantity INTEGER, price_cents INTEGER, PRIMARY KEY (order_id, product_id));
CREATE TABLE payments (
    payment_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders, paid TEXT,
    amount_cents INTEGER, method TEXT);
CREATE TABLE returns (
    return_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders, product_id INTEGER,
    returned TEXT, quantity INTEGER, reason TEXT);
CREATE TABLE targets (month TEXT, segment TEXT, revenue_cents INTEGER);
CREATE TABLE staff (staff_id INTEGER PRIMARY KEY, name TEXT, salary_cents INTEGER);
"""

CITIES = ("Berlin", "Hamburg", "Leipzig", "Munich", "Cologne", "Bremen", "Dresden", "Kiel")
SEGMENTS = ("cafe", "office", "shop", "hotel")
CHANNELS = ("web", "phone", "mail")
METHODS = ("transfer", "card", "debit")
REASONS = ("stale", "wrong item", "damaged", "too much")
FIRST_WORDS = ("Blue", "Old", "Corner", "North", "Little", "Green", "Market", "Harbour", "Upper")
LAST_WORDS = ("Door", "Mill", "Lantern", "Anchor", "Garden", "Bell", "Station", "Fox", "Yard")
BLENDS = ("House", "Morning", "Night", "Harbour", "Winter", "Summer", "Decaf", "Espresso")
ORIGINS = ("Ethiopia Guji", "Kenya Nyeri", "Colombia Huila", "Brazil Cerrado", "Peru Cajamarca")
GEAR = ("Filter papers", "Hand grinder", "Glass dripper", "Milk jug", "Cleaning powder")

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
    products = list(_products(chance))
    _insert(ledger, "customers", _customers(chance))
    _insert(ledger, "products", products)
    for number in range(1, ORDERS + 1):
        _order(ledger, chance, number, products)
    _insert(ledger, "targets", _targets(chance))
    staff = ((n, f"Person {n}", 280000 + 15000 * _below(chance, 12)) for n in range(1, 15))
    _insert(ledger, "staff", staff)


def _customers(chance: Random) -> Iterator[Row]:
    for number in range(1, CUSTOMERS + 1):
        name = f"{_one(chance, FIRST_WORDS)} {_one(chance, LAST_WORDS)} {number}"
        since = FIRST - timedelta(days=_below(chance, 1500))
        segment, city = _one(chance, SEGMENTS), _one(chance, CITIES)
        yield number, name, city, segment, since.isoformat(), f"buy{number}@example.org"


def _products(chance: Random) -> Iterator[Row]:
    named = [(f"{name} blend", "blend") for name in BLENDS]
    named += [(name, "single origin") for name in ORIGINS] + [(name, "gear") for name in GEAR]
    number = 0
    for name, category in named:
        for grams in (250, 1000) if category != "gear" else (0,):
            number += 1
            price = (890 if grams == 250 else 2990 if grams else 1490) + 50 * _below(chance, 12)
            shown = f"{name} {grams} g" if grams else name
            yield number, shown, category, grams, price


def _order(ledger: sqlite3.Connection, chance: Random, number: int, products: list[Row]) -> None:
    """One order with its lines, and what followed from it: a payment, sometimes a return."""
    days = (LAST - FIRST).days
    # The later of two days: the business grows, so months are not alike.
    day = FIRST + timedelta(days=max(_below(chance, days + 1), _below(chance, days + 1)))
    status = _status(chance, day)
    head = (number, 1 + _below(chance, CUSTOMERS), day.isoformat(), _one(chance, CHANNELS), status)
    _insert(ledger, "orders", [head])
    chosen = chance.sample(products, 1 + _below(chance, 4))
    lines = [(number, p[0], 1 + _below(chance, 9), p[4]) for p in chosen]
    _insert(ledger, "order_lines", lines)
    if status == "paid":
        total = sum(quantity * int(str(price)) for _, _, quantity, price in lines)
        paid = min(LAST, day + timedelta(days=_below(chance, 40)))
        payment = (number, number, paid.isoformat(), total, _one(chance, METHODS))
        _insert(ledger, "payments", [payment])
    if status == "paid" and _below(chance, 12) == 0:
        back = min(LAST, day + timedelta(days=3 + _below(chance, 20)))
        line = lines[0]
        reason = _one(chance, REASONS)
        _insert(ledger, "returns", [(number, number, line[1], back.isoformat(), 1, reason)])


def _status(chance: Random, day: date) -> str:
    if _below(chance, 14) == 0:
        return "cancelled"
    late = (LAST - day).days < 30
    return "open" if _below(chance, 2 if late else 25) == 0 else "paid"


def _targets(chance: Random) -> Iterator[Row]:
    for month in range(18):
        name = f"{2025 + month // 12}-{month % 12 + 1:02}"
        for segment in SEGMENTS:
            yield name, segment, 500000 + 25000 * month + 10000 * _below(chance, 20)


def _insert(ledger: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        ledger.execute(f"INSERT INTO {table} VALUES ({marks})", row)


def _below(chance: Random, most: int) -> int:
    """A whole number from 0 to below `most`; `random()` alone is the same in every Python."""
    return int(chance.random() * most)


def _one(chance: Random, words: tuple[str, ...]) -> str:
    return words[_below(chance, len(words))]
