"""The written policy of `data/policy.md` in code: what an order and a reason give a right to.

Invariant: a ruling rests on the order, its shipment, what was done before and the day, never on
words of the customer or of a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Reason = Literal["cancel", "damaged", "lost", "late", "returned"]
Remedy = Literal["none", "refund", "replacement", "cancel"]
REASONS: tuple[Reason, ...] = ("cancel", "damaged", "lost", "late", "returned")
HELD = "held for frost"
PLANTS = "P-"  # article numbers of what is alive


@dataclass(frozen=True)
class Policy:
    """The limits of the policy, in days and cents."""

    damaged_days: int
    late_days: int
    lost_days: int
    return_days: int
    shipping_cents: int
    approval_cents: int


@dataclass(frozen=True)
class Case:
    """What is known of an order; `stock` is of its first line, `settled` what was done already."""

    order: Mapping[str, Any]
    shipment: Mapping[str, Any]
    stock: int
    refunded_cents: int
    replaced: int
    today: date


@dataclass(frozen=True)
class Ruling:
    """What the customer may get; `amount_cents` only of a refund, `why` names the rule."""

    remedy: Remedy
    why: str
    amount_cents: int = 0
    sku: str = ""

    @property
    def allowed(self) -> bool:
        return self.remedy != "none"


def rule(case: Case, reason: Reason, policy: Policy) -> Ruling:
    """What `reason` gives a right to; a remedy that was given already is not given again."""
    if case.refunded_cents or case.replaced:
        return Ruling("none", "rule 7: this order was settled before")
    return _RULES[reason](case, policy)


def needs_approval(amount_cents: int, policy: Policy) -> bool:
    """Whether a person has to agree to a refund of that amount."""
    return amount_cents > policy.approval_cents


def _cancel(case: Case, policy: Policy) -> Ruling:
    status = case.order["status"]
    if status != "placed":
        return Ruling("none", f"rule 1: an order that is {status} cannot be cancelled")
    return Ruling("cancel", "rule 1: it has not left", case.order["total_cents"])


def _damaged(case: Case, policy: Policy) -> Ruling:
    days = _days_since(case.shipment.get("delivered"), case.today)
    if days is None or days > policy.damaged_days:
        return Ruling("none", f"rule 2: damage counts for {policy.damaged_days} days from delivery")
    line = _first(case.order["lines"])
    if case.stock >= line["quantity"]:
        return Ruling("replacement", "rule 2: it is in stock", sku=line["sku"])
    amount = line["quantity"] * line["price_cents"]
    return Ruling("refund", "rule 2: it is out of stock", amount, line["sku"])


def _lost(case: Case, policy: Policy) -> Ruling:
    if _held(case):
        return Ruling("none", "rule 5: it is held for frost, not lost")
    days = _days_since(case.shipment.get("promised"), case.today)
    missing = not case.shipment.get("delivered") and days is not None and days > policy.lost_days
    if case.shipment.get("state") != "lost" and not missing:
        return Ruling("none", f"rule 3: not lost, and not {policy.lost_days} days overdue")
    return Ruling("refund", "rule 3: it is lost", case.order["total_cents"])


def _late(case: Case, policy: Policy) -> Ruling:
    if _held(case):
        return Ruling("none", "rule 5: it is held for frost, which is no delay")
    days = _days_since(case.shipment.get("promised"), case.today)
    if case.shipment.get("delivered") or days is None or days <= policy.late_days:
        return Ruling("none", f"rule 4: not more than {policy.late_days} days late")
    return Ruling("refund", "rule 4: the shipping is refunded", policy.shipping_cents)


def _returned(case: Case, policy: Policy) -> Ruling:
    if case.shipment.get("state") != "returned":
        return Ruling("none", "rule 6: it has not come back yet")
    if any(line["sku"].startswith(PLANTS) for line in case.order["lines"]):
        return Ruling("none", "rule 6: plants are not taken back")
    if (_days_since(case.shipment.get("delivered"), case.today) or 0) > policy.return_days:
        return Ruling("none", f"rule 6: more than {policy.return_days} days from delivery")
    amount = case.order["total_cents"] - policy.shipping_cents
    return Ruling("refund", "rule 6: it has come back", amount)


def _held(case: Case) -> bool:
    return bool(case.shipment.get("state") == HELD)


def _first(lines: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return max(lines, key=lambda line: (line["price_cents"], line["sku"]))


def _days_since(day: str | None, today: date) -> int | None:
    return (today - date.fromisoformat(day)).days if day else None


_RULES = {
    "cancel": _cancel,
    "damaged": _damaged,
    "lost": _lost,
    "late": _late,
    "returned": _returned,
}
