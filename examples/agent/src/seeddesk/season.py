"""When a parcel of plants may travel: after the last frost expected in the customer's town.

Invariant: a day is told only from the table of frosts; a town that is not in it is not known, and
nothing is guessed for it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from .policy import HELD, PLANTS
from .shop import Shop

REST_DAYS = 2  # between the last frost and the van, so that a late one does not catch it


@dataclass(frozen=True)
class Outlook:
    """Whether a parcel is held, and the first day on which it may travel; None if not known."""

    town: str
    has_plants: bool
    held: bool
    ships_from: date | None

    def told(self, order_id: str) -> str:
        """The outlook in one sentence to the customer."""
        if not self.has_plants:
            return f"{order_id} holds no plants, so frost does not concern it."
        if not self.held:
            return f"{order_id} is not held back for frost."
        if self.ships_from is None:
            return f"{order_id} is held back for frost; until when is not known for {self.town}."
        return f"{order_id} is held back for frost and travels from {self.ships_from} on."


def outlook(shop: Shop, order_id: str) -> Outlook:
    """What frost means for one order of this customer; NotFound for anybody else's."""
    order = shop.order(order_id)
    town = shop.rows("SELECT city FROM customers WHERE customer_id = ?", shop.customer)[0]["city"]
    return Outlook(
        town,
        any(line["sku"].startswith(PLANTS) for line in order["lines"]),
        shop.shipment(order_id).get("state") == HELD,
        ships_from(shop, town),
    )


def ships_from(shop: Shop, town: str) -> date | None:
    """The first day on which plants travel to a town, not before today; None if it is not known."""
    found = shop.rows("SELECT last_frost FROM frosts WHERE town = ?", town)
    if not found:
        return None
    safe = date.fromisoformat(found[0]["last_frost"]) + timedelta(days=REST_DAYS)
    return max(safe, shop.today)
