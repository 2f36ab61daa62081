"""Two better readers of a request: what it wants of which order.

Invariant: a reader decides nothing: the policy and the tools are the same for all of them.
"""

import re
from collections.abc import Mapping, Sequence

from .policy import Reason
from .workflow import REASONS, WHERE, Wish

_ORDER = re.compile(r"\b(?:O|order |no\.? ?|#)?(\d{4})\b", re.IGNORECASE)
_MORE: Mapping[Reason, re.Pattern[str]] = {
    "cancel": re.compile(r"no longer want", re.IGNORECASE),
    "returned": re.compile(
        r"\bback (?:with|at|since|to) \w+|you have .{0,20}\bback\b|went back", re.IGNORECASE
    ),
    "damaged": re.compile(r"crush|snapped|roots bare", re.IGNORECASE),
}
_BREAK = re.compile(r"[.;,!?:]\s+|\s(?:and|but)\s", re.IGNORECASE)


def by_words(request: str) -> Sequence[Wish]:
    """Numbers without their O, more words for a reason; without any it tells where the order is."""
    return [_wish(order_id, request) for order_id in _orders(request)]


def by_clauses(request: str) -> Sequence[Wish]:
    """As `by_words`, from what is said of each order: a wish belongs to the order beside it."""
    said: dict[str, list[str]] = {order_id: [] for order_id in _orders(request)}
    if len(said) < 2:
        return by_words(request)
    current = next(iter(said))
    for clause in _BREAK.split(request):
        named = _orders(clause)
        current = named[-1] if named else current
        for order_id in named or [current]:
            said[order_id].append(clause)
    return [_wish(order_id, ". ".join(clauses)) for order_id, clauses in said.items()]


def _orders(text: str) -> list[str]:
    return list(dict.fromkeys(f"O{number}" for number in _ORDER.findall(text)))


def _wish(order_id: str, text: str) -> Wish:
    reason = next((name for name in REASONS if _says(name, text)), None)
    return Wish(order_id, reason, reason is None or bool(WHERE.search(text)))


def _says(reason: Reason, text: str) -> bool:
    more = _MORE.get(reason)
    return bool(REASONS[reason].search(text) or (more and more.search(text)))
