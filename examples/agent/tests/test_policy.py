"""The policy in code says what the written one says, at its edges too."""

from datetime import date, timedelta

import pytest
from small_shop import ROOT

from seeddesk.policy import Case, needs_approval, rule
from seeddesk.settings import load_settings

TODAY = date(2026, 4, 20)
POLICY = load_settings(ROOT).policy


def case(status="delivered", state="delivered", promised=10, delivered=None, sku="S-1", **more):
    def ago(days):
        return (TODAY - timedelta(days=days)).isoformat() if days is not None else None

    order = {"status": status, "total_cents": 5590}
    order["lines"] = [{"sku": sku, "quantity": 2, "price_cents": 2500}]
    parcel = {"state": state, "promised": ago(promised), "delivered": ago(delivered)}
    fields = {"stock": 5, "refunded_cents": 0, "replaced": 0, "today": TODAY}
    return Case(order, parcel, **(fields | more))


@pytest.mark.parametrize(
    ("given", "reason", "remedy", "amount"),
    [
        (case("placed", "", None), "cancel", "cancel", 5590),
        (case("shipped"), "cancel", "none", 0),
        (case(delivered=5), "damaged", "replacement", 0),
        (case(delivered=6), "damaged", "none", 0),
        (case(delivered=3, stock=1), "damaged", "refund", 5000),
        (case(state="lost", promised=2), "lost", "refund", 5590),
        (case(state="in transit", promised=15), "lost", "refund", 5590),
        (case(state="in transit", promised=14), "lost", "none", 0),
        (case(state="in transit", promised=8), "late", "refund", 590),
        (case(state="in transit", promised=7), "late", "none", 0),
        (case(state="delivered", promised=20, delivered=1), "late", "none", 0),
        (case("returned", "returned", 40, 30), "returned", "refund", 5000),
        (case("returned", "returned", 40, 31), "returned", "none", 0),
        (case(delivered=3), "returned", "none", 0),
        (case("returned", "returned", 40, 3, sku="P-1"), "returned", "none", 0),
        (case(state="held for frost", promised=20), "late", "none", 0),
        (case(state="held for frost", promised=20), "lost", "none", 0),
    ],
)
def test_what_a_reason_gives_a_right_to(given, reason, remedy, amount):
    ruling = rule(given, reason, POLICY)
    assert (ruling.remedy, ruling.amount_cents) == (remedy, amount)
    assert ruling.why.startswith("rule ")


def test_nothing_is_given_twice():
    assert not rule(case(delivered=3, refunded_cents=1), "damaged", POLICY).allowed
    assert not rule(case(delivered=3, replaced=1), "damaged", POLICY).allowed


def test_the_limit_itself_needs_no_approval():
    assert not needs_approval(POLICY.approval_cents, POLICY)
    assert needs_approval(POLICY.approval_cents + 1, POLICY)
