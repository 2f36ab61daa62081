"""What is to do this morning: approve, call back, and send what no frost holds any more.

Invariant: it reads the shop and the runs and changes neither.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from . import runs
from .policy import HELD
from .runs import Pending, Run
from .season import ships_from
from .settings import Settings
from .shop import Shop, opened

LONGEST = 60  # characters of a request or a reason on the list


@dataclass(frozen=True)
class Parcel:
    """A parcel that is held for frost, and the first day on which it may travel."""

    order_id: str
    town: str
    ships_from: date | None


@dataclass(frozen=True)
class Morning:
    """The list: what waits, who is to be called, which parcels are held or late, how runs ended."""

    today: date
    waiting: Sequence[tuple[Run, Pending]]
    calls: Sequence[Mapping[str, str]]
    held: Sequence[Parcel]
    overdue: Sequence[Mapping[str, str]]
    ended: Mapping[str, int]

    @property
    def can_go(self) -> list[Parcel]:
        """Parcels that no frost holds any more."""
        return [p for p in self.held if p.ships_from and p.ships_from <= self.today]

    def lines(self) -> Iterator[str]:
        """The list as it is printed, the most pressing first."""
        yield from _part("Wait for your word", [_pending(run, call) for run, call in self.waiting])
        yield from _part("Want to hear from a person", [_call(call) for call in self.calls])
        yield from _part("May travel today", [f"{p.order_id} to {p.town}" for p in self.can_go])
        late = [f"{p['order_id']} of {p['customer_id']}, {p['promised']}" for p in self.overdue]
        yield from _part("Late beyond the rule, nobody has told them", late)
        later = [_parcel(p) for p in self.held if p not in self.can_go]
        yield from _part("Stay here for frost", later)
        if self.ended:
            yield "Runs so far: " + ", ".join(f"{n} {status}" for status, n in self.ended.items())


def read(settings: Settings, database: Path) -> Morning:
    """The list of today, from the shop at `database` and the runs so far."""
    with opened(database) as connection:
        shop = Shop(connection, "", settings.today, settings.policy)
        calls = shop.rows("SELECT customer_id, order_id, reason FROM escalations ORDER BY rowid")
        held = shop.rows(
            "SELECT order_id, city FROM shipments JOIN orders USING (order_id) "
            "JOIN customers USING (customer_id) WHERE state = ? ORDER BY order_id",
            HELD,
        )
        due = (settings.today - timedelta(days=settings.policy.late_days)).isoformat()
        overdue = shop.rows(
            "SELECT order_id, customer_id, promised FROM shipments JOIN orders USING (order_id) "
            "WHERE state = 'in transit' AND promised < ? AND order_id NOT IN "
            "(SELECT order_id FROM refunds) ORDER BY promised, order_id",
            due,
        )
        parcels = [Parcel(r["order_id"], r["city"], ships_from(shop, r["city"])) for r in held]
    parcels.sort(key=lambda p: (p.ships_from or date.max, p.order_id))
    waiting, ended = runs.every_waiting(settings.runs), runs.counted(settings.runs)
    return Morning(settings.today, waiting, calls, parcels, overdue, ended)


def _part(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title} ({len(lines)})"
        yield from (f"  {line}" for line in lines)
        yield ""


def _pending(run: Run, call: Pending) -> str:
    return f"{run.id}  {call}, for {run.customer}: {_short(run.request)}"


def _call(call: Mapping[str, str]) -> str:
    order = f", {call['order_id']}" if call["order_id"] else ""
    return f"{call['customer_id']}{order}: {_short(call['reason'])}"


def _parcel(parcel: Parcel) -> str:
    day = f"from {parcel.ships_from}" if parcel.ships_from else "until when is not known"
    return f"{parcel.order_id} to {parcel.town}, {day}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."
