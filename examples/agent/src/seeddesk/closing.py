"""How a run ends: one honest status, and no word of a thing that was not done.

Invariant: a final message that claims an action is sent only if that action is in the log with the
outcome "ok"; otherwise the log speaks instead of the model.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .executor import Observation
from .result import Status

# What a sentence claims, and the tools of which one must have succeeded for it to be true.
_DONE = r"\b(?:have|has|had|was|were|been|is|are|just|now)\b[^.!?]{0,40}"
_CLAIMS: Mapping[str, tuple[re.Pattern[str], tuple[str, ...]]] = {
    name: (re.compile(pattern, re.IGNORECASE), allowed)
    for name, pattern, allowed in (
        (
            "a refund",
            rf"(?:{_DONE}|\b(?:I|we) )(?:refunded|reimbursed|paid back)"
            r"|refund (?:was|is|has been) (?:made|issued|done|sent)",
            ("refund_order", "cancel_order"),
        ),
        (
            "a replacement",
            rf"(?:{_DONE}|\b(?:I|we) )(?:re-?sent|replaced|reshipped)"
            r"|replacement (?:was|is|has been) sent"
            r"|(?:I|we)(?: have)? sent (?:you )?a (?:new|replacement)",
            ("send_replacement",),
        ),
        ("a cancellation", rf"(?:{_DONE}|\b(?:I|we) )cancell?ed", ("cancel_order",)),
        (
            "a mail",
            rf"(?:{_DONE}|\b(?:I|we) )(?:e-?mailed|sent (?:you |them )?(?:an? )?(?:e-?)?mail)",
            ("send_mail",),
        ),
        (
            "a handover",
            rf"(?:{_DONE}|\b(?:I|we) )(?:escalated|handed (?:this |it )?over|forwarded)",
            ("escalate",),
        ),
    )
}
_NEGATED = re.compile(r"\b(?:not|n't|cannot|never|no|already|before|unless|if)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def unfounded(text: str, done: Sequence[Observation]) -> list[str]:
    """What the text claims to have done and the log does not hold."""
    succeeded = {o.tool for o in done if o.outcome == "ok"}
    found = []
    for sentence in _SENTENCE.split(text):
        if _NEGATED.search(sentence):
            continue
        for name, (pattern, allowed) in _CLAIMS.items():
            if pattern.search(sentence) and not succeeded & set(allowed):
                found.append(name)
    return found


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
