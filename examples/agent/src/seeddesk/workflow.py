"""A desk without a model: the request is read into wishes, a fixed sequence of tools settles them.

Invariant: the same tools, rules and approvals as the agent, and no choice: find the order, ask the
policy, do what it allows. What the patterns do not understand is asked back or handed over.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .closing import composed, status_of
from .ending import Ending
from .executor import Executor, Observation
from .llm.types import ToolCall
from .loop import trace_step
from .policy import HELD, Reason
from .result import Status
from .trace import Trace

_ORDER = re.compile(r"\bO\d{4}\b", re.IGNORECASE)
REASONS: Mapping[Reason, re.Pattern[str]] = {
    "cancel": re.compile(r"\bcancel|call (?:it|this) off|do not want it any ?more", re.IGNORECASE),
    "damaged": re.compile(r"damag|broken|crack|bent|in pieces|defect|scratch", re.IGNORECASE),
    "returned": re.compile(r"sent (?:it|them|the \w+) back|returned|return", re.IGNORECASE),
    "lost": re.compile(r"\blost\b|never (?:came|arrived)|cannot find", re.IGNORECASE),
    "late": re.compile(r"\blate\b|delay|still waiting|overdue|should have come", re.IGNORECASE),
}
WHERE = re.compile(r"\bwhere\b|\btrack|when (?:will|does|do)|status|has it left", re.IGNORECASE)
_PERSON = re.compile(r"\bperson\b|human|manager|complain|lawyer", re.IGNORECASE)
_WHICH = "Which order is it about? Please give its number, such as O2042."
_WHAT = "What can we do about it: cancel, refund, replace, or find out where it is?"


@dataclass(frozen=True)
class Wish:
    """What is wanted of an order: something by a `reason` of the policy, or to hear where it is."""

    order_id: str
    reason: Reason | None
    where: bool


Reader = Callable[[str], Sequence[Wish]]


def run(request: str, executor: Executor, trace: Trace, read: Reader) -> Ending:
    """Settle the wishes that `read` finds in the request, or say why not."""
    wishes = read(request)
    if _PERSON.search(request):
        return _handed_over(executor, trace, request, wishes[0].order_id if wishes else "")
    if not wishes:
        return Ending("refused", _WHICH)
    texts = [_settle(wish, executor, trace) for wish in wishes]
    status: Status = status_of(executor.done, "answered")
    if status == "answered" and not any(good for good, _ in texts):
        status = "refused"
    return Ending(status, " ".join(text for _, text in texts))


def by_patterns(request: str) -> Sequence[Wish]:
    """The reader that came first: one reason for the whole message, whatever order it is about."""
    named = dict.fromkeys(name.upper() for name in _ORDER.findall(request))
    reason = next((name for name, words in REASONS.items() if words.search(request)), None)
    return [Wish(order_id, reason, bool(WHERE.search(request))) for order_id in named]


def _settle(wish: Wish, executor: Executor, trace: Trace) -> tuple[bool, str]:
    """Whether something could be done or told for one order, and what to say."""
    order_id, reason = wish.order_id, wish.reason
    order = _call(executor, trace, "get_order", order_id=order_id)
    if order.outcome == "refused":
        return False, f"{order_id} cannot be found among your orders."
    if order.outcome != "ok":
        return False, composed([order], f"{order_id} could not be looked up.")
    if reason is None and not wish.where:
        return False, _WHAT
    if reason is None or wish.where:
        parcel = _call(executor, trace, "track_shipment", order_id=order_id)
        if reason is None:
            return parcel.outcome == "ok", _where(order_id, parcel) + _frost(
                order_id, parcel, executor, trace
            )
    return _by_policy(order_id, reason, executor, trace)


def _by_policy(order_id: str, reason: Reason, executor: Executor, trace: Trace) -> tuple[bool, str]:
    ruling = _call(executor, trace, "check_policy", order_id=order_id, reason=reason)
    if ruling.outcome != "ok":
        return False, composed([ruling], "The policy could not be checked.")
    found = ruling.data
    if not found["allowed"]:
        return False, f"We cannot do that for {order_id}: {found['why']}."
    tool, arguments = _remedy(order_id, reason, found)
    done = _call(executor, trace, tool, arguments)
    return done.outcome == "ok", composed([done])


def _remedy(order_id: str, reason: Reason, found: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The tool that the ruling asks for, with its arguments as a call."""
    if found["remedy"] == "cancel":
        return "cancel_order", {"order_id": order_id}
    if found["remedy"] == "replacement":
        return "send_replacement", {"order_id": order_id, "sku": found["sku"]}
    amount = found["amount_cents"]
    return "refund_order", {"order_id": order_id, "amount_cents": amount, "reason": reason}


def _where(order_id: str, parcel: Observation) -> str:
    if parcel.outcome != "ok":
        return f"The carrier could not be reached about {order_id}; nothing was changed."
    found = parcel.data
    promised = f", promised for {found['promised']}" if found.get("promised") else ""
    delivered = f", delivered on {found['delivered']}" if found.get("delivered") else ""
    return f"{order_id} is {found['state']}{promised}{delivered}."


def _frost(order_id: str, parcel: Observation, executor: Executor, trace: Trace) -> str:
    """From when on a parcel that is held travels; nothing for any other."""
    if parcel.outcome != "ok" or parcel.data.get("state") != HELD:
        return ""
    seen = _call(executor, trace, "frost_outlook", order_id=order_id)
    return f" {seen.data['told']}" if seen.outcome == "ok" else ""


def _handed_over(executor: Executor, trace: Trace, request: str, order_id: str) -> Ending:
    where = {"order_id": order_id} if order_id else {}
    _call(executor, trace, "escalate", {"reason": request[:500], **where})
    return Ending(status_of(executor.done, "needs_human"), composed(executor.done))


def _call(
    executor: Executor,
    trace: Trace,
    tool: str,
    arguments: Mapping[str, Any] | None = None,
    **named: Any,
) -> Observation:
    number = len(executor.done) + 1
    seen = executor.perform(ToolCall(f"w{number}", tool, {**(arguments or {}), **named}))
    trace_step(trace, seen, number)
    return seen
