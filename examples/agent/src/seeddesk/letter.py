"""The mail that a customer gets about a run: what was done, what waits, what was refused and why.

Invariant: each sentence about a change rests on an observation with the outcome "ok"; what a model
said is not repeated, so a letter cannot promise more than the log holds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .executor import Observation

SIGNED = "With kind regards,\nthe nursery"
NOTHING = "We have looked at your message and changed nothing yet."

Words = Callable[[Mapping[str, Any]], str]

_DONE: Mapping[str, Words] = {
    "refund_order": lambda a: (
        f"We have paid back {_euros(a['amount_cents'])} for your order {a['order_id']}."
    ),
    "send_replacement": lambda a: (
        f"We send you {a['sku']} of your order {a['order_id']} again, at no cost."
    ),
    "cancel_order": lambda a: (
        f"Your order {a['order_id']} is cancelled, and the whole amount goes back to you."
    ),
    "send_mail": lambda a: "We have written to you separately.",
    "escalate": lambda a: "One of us will write to you in person.",
}
_WAITS = "This waits for one of us to agree, which we do on the next working day: {}."
_WISHES: Mapping[str, Words] = {
    "refund_order": lambda a: f"a refund of {_euros(a['amount_cents'])} for {a['order_id']}",
    "send_replacement": lambda a: f"sending {a['sku']} of {a['order_id']} again",
    "cancel_order": lambda a: f"cancelling {a['order_id']}",
    "send_mail": lambda a: "a mail to you",
}


def compose(name: str, done: Sequence[Observation]) -> str:
    """The letter to a customer of that name, from the log of a run."""
    sentences = list(_sentences(done)) or [NOTHING]
    return "\n\n".join([f"Dear {name},", " ".join(sentences), SIGNED])


def _sentences(done: Sequence[Observation]) -> Iterator[str]:
    for seen in done:
        if seen.outcome == "ok" and seen.tool in _DONE:
            yield _DONE[seen.tool](seen.arguments)
        elif seen.outcome == "ok" and seen.tool in ("track_shipment", "frost_outlook"):
            yield _told(seen)
        elif seen.outcome == "ok" and seen.tool == "check_policy":
            yield from _ruled(seen)
    last = {(o.tool, str(sorted(o.arguments.items()))): o for o in done}
    for seen in filter(_waits, last.values()):
        yield _WAITS.format(_WISHES[seen.tool](seen.arguments))


def _told(seen: Observation) -> str:
    """Where a parcel is, in the words of the carrier or of the table of frosts."""
    if seen.tool == "frost_outlook":
        return str(seen.data.get("told", ""))
    state = seen.data.get("state", "not known")
    promised = seen.data.get("promised")
    day = f", promised for {promised}" if promised else ""
    return f"Your order {seen.arguments['order_id']} is {state}{day}."


def _ruled(seen: Observation) -> Iterator[str]:
    """Why something cannot be done; a ruling that allows it is followed by the deed."""
    if seen.data.get("allowed") is False:
        why = str(seen.data.get("why", "")).partition(": ")[2]
        yield f"We cannot do what you ask for {seen.arguments['order_id']}: {why}."


def changed(done: Sequence[Observation]) -> bool:
    """Whether anything was changed, so that a person sees which letters can go out as they are."""
    return any(seen.outcome == "ok" and seen.tool in _DONE for seen in done)


def _waits(seen: Observation) -> bool:
    return seen.outcome == "waiting" and seen.tool in _WISHES


def _euros(cents: object) -> str:
    return f"{int(str(cents)) / 100:.2f} euros"
