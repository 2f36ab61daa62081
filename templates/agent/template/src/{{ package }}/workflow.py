"""The baseline without a model: patterns read the request, a fixed sequence of tools answers it.

Invariant: the same tools, rules and approvals as the agent, and no choice: find the order, ask the
policy, do what it allows. What the patterns do not understand is asked back or handed over.
"""

import re
from collections.abc import Mapping
from typing import Any

from .closing import composed, status_of
from .ending import Ending
from .executor import Executor, Observation
from .llm.types import ToolCall
from .loop import trace_step
from .policy import Reason
from .result import Status
from .trace import Trace

_ORDER = re.compile(r"\bO\d{4}\b", re.IGNORECASE)
_REASONS: Mapping[Reason, re.Pattern[str]] = {
    "cancel": re.compile(r"\bcancel|call (?:it|this) off|do not want it any ?more", re.IGNORECASE),
    "damaged": re.compile(r"damag|broken|crack|bent|in pieces|defect|scratch", re.IGNORECASE),
    "returned": re.compile(r"sent (?:it|them|the \w+) back|returned|return", re.IGNORECASE),
    "lost": re.compile(r"\blost\b|never (?:came|arrived)|cannot find", re.IGNORECASE),
    "late": re.compile(r"\blate\b|delay|still waiting|overdue|should have come", re.IGNORECASE),
}
_WHERE = re.compile(r"\bwhere\b|\btrack|when (?:will|does|do)|status|has it left", re.IGNORECASE)
_PERSON = re.compile(r"\bperson\b|human|manager|complain|lawyer", re.IGNORECASE)
_WHICH = "Which order is it about? Please give its number, such as O1010."
_WHAT = "What can we do about it: cancel, refund, replace, or find out where it is?"


def run(request: str, executor: Executor, trace: Trace) -> Ending:
    """Settle the request or say why not."""
    named = list(dict.fromkeys(name.upper() for name in _ORDER.findall(request)))
    if _PERSON.search(request):
        return _handed_over(executor, trace, request, named[0] if named else "")
    if not named:
        return Ending("refused", _WHICH)
    texts = [_settle(request, order_id, executor, trace) for order_id in named]
    status: Status = status_of(executor.done, "answered")
    if status == "answered" and not any(good for good, _ in texts):
        status = "refused"
    return Ending(status, " ".join(text for _, text in texts))


def _settle(request: str, order_id: str, executor: Executor, trace: Trace) -> tuple[bool, str]:
    """Whether something could be done or told for one order, and what to say."""
    order = _call(executor, trace, "get_order", order_id=order_id)
    if order.outcome == "refused":
        return False, f"{order_id} cannot be found among your orders."
    if order.outcome != "ok":
        return False, composed([order], f"{order_id} could not be looked up.")
    reason = next((name for name, words in _REASONS.items() if words.search(request)), None)
    if reason is None and not _WHERE.search(request):
        return False, _WHAT
    if reason is None or _WHERE.search(request):
        parcel = _call(executor, trace, "track_shipment", order_id=order_id)
        if reason is None:
            return parcel.outcome == "ok", _where(order_id, parcel)
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


def _handed_over(executor: Executor, trace: Trace, request: str, order_id: str) -> Ending:
    where = {"order_id": order_id} if order_id else {}
    seen = _call(executor, trace, "escalate", {"reason": request[:500], **where})
    wanted: Status = "needs_human" if seen.outcome == "ok" else "degraded"
    return Ending(status_of(executor.done, wanted), composed(executor.done))


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
