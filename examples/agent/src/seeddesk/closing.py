"""How a run ends: one honest status, and no word of a thing that was not done.

Invariants: a final message that claims an action is sent only if that action, for the orders and
the amounts it names, is in the log with the outcome "ok"; below a model's words stands what the
log holds, written by code.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .claimed import Claim, Kind, claims_in
from .executor import Observation
from .result import Status

# The tools of which one must have succeeded for a claim to be true.
_TOOLS: Mapping[Kind, tuple[str, ...]] = {
    "refund": ("refund_order", "cancel_order"),
    "replacement": ("send_replacement",),
    "cancellation": ("cancel_order",),
    "mail": ("send_mail",),
    "handover": ("escalate",),
}


def unfounded(text: str, done: Sequence[Observation]) -> list[str]:
    """What the text claims to have done and the log does not hold."""
    good = [o for o in done if o.outcome == "ok"]
    return [f"a {claim.kind}" for claim in claims_in(text) if not _is_held(claim, good)]


def _is_held(claim: Claim, good: Sequence[Observation]) -> bool:
    """Whether actions of the kind were done, for every order and amount that is named with it."""
    own = [o for o in good if o.tool in _TOOLS[claim.kind]]
    # A mail and a handover are about an order; the others are done to one.
    to_order = claim.kind not in ("mail", "handover")
    orders = {o.arguments.get("order_id") for o in own} if to_order else claim.orders
    cents = {o.arguments.get("amount_cents") for o in own}
    cents.add(sum(o.arguments.get("amount_cents", 0) for o in own))
    # What a cancellation pays back stands in its result, which the log of a run does not keep.
    known = claim.cents <= cents or any(o.tool == "cancel_order" for o in own)
    return bool(own) and claim.orders <= orders and known


def with_log(text: str, done: Sequence[Observation]) -> str:
    """A model's words, and below them what was done, from the log."""
    return f"{text}\n{composed(done)}"


def composed(done: Sequence[Observation], lead: str = "") -> str:
    """What was done and what was not, from the log alone."""
    good = [_told(o) for o in done if o.outcome == "ok" and o.tool in _TOLD]
    waiting = _waiting(done)
    last = {o.tool: o.outcome for o in done}
    unsure = [tool for tool, outcome in last.items() if outcome == "timeout" and tool in _TOLD]
    tried = (o.tool for o in done if o.outcome in ("error", "timeout"))
    failed = [tool for tool in dict.fromkeys(tried) if tool not in unsure]
    parts = [lead] if lead else []
    if good or not unsure:
        parts.append(f"Done: {'; '.join(good)}." if good else "Nothing was changed.")
    if unsure:  # it was left behind while it ran, and may still have finished
        parts.append(f"Not known whether it was done: {', '.join(unsure)}; a person has to look.")
    if waiting:
        parts.append(f"Waiting for the approval of a person: {', '.join(waiting)}.")
    if failed:
        parts.append(f"Could not be used: {', '.join(failed)}.")
    return " ".join(parts)


def status_of(done: Sequence[Observation], wanted: Status) -> Status:
    """The one status that the log allows: waiting and handed over come before "answered"."""
    outcomes = {o.outcome for o in done}
    handed = any(o.tool == "escalate" and o.outcome == "ok" for o in done)
    if handed or _waiting(done):
        return "needs_human"
    if wanted == "answered" and outcomes & {"error", "timeout"} and not _recovered(done):
        return "degraded"
    return wanted


def _waiting(done: Sequence[Observation]) -> list[str]:
    """Tools with a call that waited and was not decided on since."""
    last = {(o.tool, str(sorted(o.arguments.items()))): o for o in done}
    return [o.tool for o in last.values() if o.outcome == "waiting"]


def _recovered(done: Sequence[Observation]) -> bool:
    """Whether every tool that failed succeeded later."""
    last = {o.tool: o.outcome for o in done}
    return not {"error", "timeout"} & set(last.values())


def _told(o: Observation) -> str:
    return _TOLD[o.tool](o.arguments)


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "refund_order": lambda a: f"{int(a['amount_cents']) / 100:.2f} refunded for {a['order_id']}",
    "send_replacement": lambda a: f"a replacement of {a['sku']} sent for {a['order_id']}",
    "cancel_order": lambda a: f"{a['order_id']} cancelled and refunded",
    "send_mail": lambda a: "a mail sent",
    "escalate": lambda a: "handed over to a person",
}
