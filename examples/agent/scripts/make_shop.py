"""Makes data/shop.sql: customers, orders and parcels of a nursery that does not exist.

The same seed gives the same file, so `git diff` shows what a change of this script does. Run it
from the folder of the project: python scripts/make_shop.py
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
SCHEMA, SHOP = Path(__file__).with_name("schema.sql"), DATA / "shop.sql"
TODAY = date(2026, 4, 20)
SHIPPING = 590
# How many days from today the last frost of a town is expected; what is past is negative.
FROST = {"Trier": -12, "Nantes": -30, "Ghent": 4, "Delft": 2, "Padua": -25}
FROST |= {"Graz": 11, "Linz": 14, "Brno": 16, "Aarhus": 20, "Turku": 33}
TOWNS = sorted(FROST)
PRODUCTS = (
    ("S-101", "Tomato seed, black cherry", 390, 60),
    ("S-102", "Bean seed, climbing", 350, 0),
    ("S-103", "Pumpkin seed, mixed", 420, 31),
    ("S-104", "Sweet pea seed", 290, 44),
    ("P-201", "Rosemary, potted", 890, 12),
    ("P-202", "Lavender, tray of six", 2450, 7),
    ("P-203", "Apple tree, bare root", 4900, 3),
    ("P-204", "Peony, white", 1890, 0),
    ("P-205", "Fern, large", 2690, 5),
    ("P-206", "Raspberry, three canes", 2190, 9),
    ("T-301", "Trowel", 1490, 15),
    ("T-302", "Frost fleece, 10 m", 1250, 22),
)
# What becomes of an order: its status; of its parcel the state, and how many days ago it was
# promised and delivered; when it was placed; of which goods it is; what the customer wrote.
FATES = {
    "placed": ("placed", "", None, None, 1, "SPT", ""),
    "coming": ("shipped", "in transit", -3, None, 4, "SPT", ""),
    "late": ("shipped", "in transit", 10, None, 16, "SPT", "It was promised for last week."),
    "held": ("shipped", "held for frost", 9, None, 15, "P", ""),
    "lost": ("shipped", "lost", 13, None, 21, "SPT", "The carrier cannot find it."),
    "fine": ("delivered", "delivered", 7, 6, 12, "SPT", "All is growing well, thank you."),
    "wilted": (
        "delivered",
        "delivered",
        4,
        3,
        9,
        "P",
        "The leaves are black and the stem is snapped.",
    ),
    "wilted late": ("delivered", "delivered", 20, 19, 25, "P", "It has died after three weeks."),
    "sent back": ("returned", "returned", 20, 16, 26, "ST", "I have sent it back, number R-31."),
    "plant back": ("returned", "returned", 18, 15, 24, "P", "I sent the plant back."),
    "old": ("delivered", "delivered", 70, 68, 76, "ST", ""),
    "cancelled": ("cancelled", "", None, None, 8, "SPT", ""),
}


def ago(days: int | None) -> str | None:
    return None if days is None else (TODAY - timedelta(days=days)).isoformat()


def row(table: str, *values: object) -> str:
    """An INSERT of these values."""
    shown = ("NULL" if v is None else str(v) if isinstance(v, int) else _quoted(v) for v in values)
    return f"INSERT INTO {table} VALUES ({', '.join(shown)});"


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def order(number: int, customer: str, fate: str, draw: random.Random) -> Iterator[str]:
    """The rows of one order."""
    status, state, promised, delivered, placed, goods, text = FATES[fate]
    name = f"O{number}"
    choice = [p for p in PRODUCTS if p[0][0] in goods]
    lines = [(p, draw.choice((1, 1, 2))) for p in draw.sample(choice, draw.choice((1, 1, 2)))]
    total = sum(p[2] * quantity for p, quantity in lines) + SHIPPING
    yield row("orders", name, customer, ago(placed), status, total)
    yield from (row("order_lines", name, p[0], quantity, p[2]) for p, quantity in lines)
    if state:
        yield row("shipments", name, state, ago(promised), ago(delivered), ago(1))
    if text:
        yield row("messages", f"M{number}", name, ago(1), text)


def script() -> Iterator[str]:
    """The whole file, line by line."""
    draw = random.Random(31)
    yield f'-- Made by scripts/make_shop.py, all invented. Cents, ISO dates; "today" is {TODAY}.\n'
    yield SCHEMA.read_text(encoding="utf-8")
    names = (DATA / "names.txt").read_text(encoding="utf-8").splitlines()
    for at, name in enumerate(names, 1):
        mail = f"{name.split()[0].lower()}@post.example"
        yield row("customers", f"C{at:03}", name, mail, draw.choice(TOWNS))
    yield from (row("frosts", town, ago(-FROST[town])) for town in TOWNS)
    yield from (row("products", *product) for product in PRODUCTS)
    fates = list(FATES)
    for at in range(3 * len(names)):
        yield from order(2001 + at, f"C{at // 3 + 1:03}", fates[at * 5 % len(fates)], draw)


if __name__ == "__main__":
    SHOP.write_text("\n".join(script()) + "\n", encoding="utf-8")
