"""What a text claims to have been done: which kind of action, for which orders, of which amount.

Invariant: a clause counts as a claim unless its own words deny it, ask, or speak of what may come.
Patterns miss some wordings, so no answer rests on them alone: code writes the log below it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["refund", "replacement", "cancellation", "mail", "handover"]

# Verbs that say it by themselves, and nouns that need one of `_CARRIED_OUT` beside them.
_VERBS: Mapping[Kind, str] = {
    "refund": r"refunded|reimbursed|credited|(?:paid|given|sent|transferred)\b[^;]{0,40}\bback"
    r"|(?:money|amount|sum|euros?)\b[^;]{0,30}\b(?:returned|repaid|paid|transferred|on its way)"
    r"|repaid",
    "replacement": r"re-?sent|re-?shipped|replaced"
    r"|(?:sent|shipped|dispatched)\b[^;]{0,40}\b(?:again|new|another|replacement)"
    r"|(?:new|another)\b[^;]{0,30}\b(?:sent|shipped|dispatched|on its way)",
    "cancellation": r"cancell?ed|called off",
    "mail": r"e-?mailed|mailed|(?:written|wrote) to|notified|sent you (?:a |the )?confirmation",
    "handover": r"escalated|(?:handed|passed|forwarded|transferred|referred|given)\b[^;]{0,40}\b"
    r"(?:over|on|to (?:a|an|our|my|the) (?:person|colleague|human|team|manager|specialist))"
    r"|forwarded",
}
_NOUNS: Mapping[Kind, str] = {
    "refund": r"refund|reimbursement|repayment",
    "replacement": r"replacement",
    "cancellation": r"cancellation",
    "mail": r"e-?mail|mail|letter",
    "handover": r"escalation|handover|case",
}
_CARRIED_OUT = (
    r"(?:issued|processed|made|arranged|completed|approved|initiated|sent|done|granted|opened"
    r"|triggered|started|complete|on its way|under way|going out)"
)
_DENIED = re.compile(
    r"\b(?:not|cannot|never|no|nothing|unless|if|once|until|when|whether|before|will|would|can"
    r"|could|may|might|must|should|to be|please|shall|want|ask|like)\b|n't\b|\?",
    re.IGNORECASE,
)
# "was already refunded" tells what the shop holds; "I have already refunded" claims an action.
_EARLIER = re.compile(r"\b(?:already|earlier|before|previously)\b", re.IGNORECASE)
_OURS = re.compile(r"\b(?:i|we)\b|\bi've\b|\bwe've\b", re.IGNORECASE)
# "an order that is cancelled" speaks of orders in general, as rules do.
_GENERAL = re.compile(r"\b(?:an?|any|each|no) \w+ (?:that|which) (?:\w+ ){1,3}$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE = re.compile(r"[,;:]\s+|\s[-\u2013]\s|\b(?:but|because|although|though|since|so)\b")
_ORDER = re.compile(r"\bO\d{4}\b", re.IGNORECASE)
_AMOUNT = re.compile(r"(?<![\w.])\d+\.\d{2}(?![\w.]*\d)")


@dataclass(frozen=True)
class Claim:
    """An action that a text says was done; `orders` and `cents` are those its sentence names."""

    kind: Kind
    orders: frozenset[str]
    cents: frozenset[int]


def claims_in(text: str) -> Iterator[Claim]:
    """The claims of a text, one for each kind of action in a sentence."""
    for sentence in _SENTENCE.split(text.replace("\u2019", "'")):
        orders = frozenset(name.upper() for name in _ORDER.findall(sentence))
        cents = frozenset(round(float(amount) * 100) for amount in _AMOUNT.findall(sentence))
        kinds = dict.fromkeys(kind for part in _CLAUSE.split(sentence) for kind in _claimed(part))
        for kind in kinds:
            yield Claim(kind, orders, cents if kind == "refund" else frozenset())


def _claimed(clause: str) -> Iterator[Kind]:
    for kind, verbs in _VERBS.items():
        noun = f"(?:{_NOUNS[kind]})"
        pattern = (
            rf"\b(?:{verbs})\b"
            rf"|\b{noun}\b[^;]{{0,40}}\b{_CARRIED_OUT}\b|\b{_CARRIED_OUT}\b[^;]{{0,40}}\b{noun}\b"
        )
        found = re.search(pattern, clause, re.IGNORECASE)
        general = found and _GENERAL.search(clause[: found.start()])
        if found and not general and not _is_denied(clause[: found.end()], clause):
            yield kind


def _is_denied(before: str, clause: str) -> bool:
    """Whether the words up to the verb deny it, or the clause tells of something earlier."""
    if _DENIED.search(before) or clause.rstrip().endswith("?"):
        return True
    return bool(_EARLIER.search(clause)) and not _OURS.search(clause)
