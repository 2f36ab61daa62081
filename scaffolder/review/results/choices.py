"""Which of several options a decision record chose, by its own words.

Invariant: an option counts as chosen where the decision says so of it ("lexical ships"), else where
it is named first and not as what lost ("instead of", "although"); a record that still holds a
sentence of the form it was drafted in chose nothing.
"""

import re
from collections.abc import Iterator, Mapping

from scaffolder.review.readme.frontpage import Page

MAX_DECISION = 20_000
"""Characters of a record that are read for what it decides."""

_DECISION = re.compile(r"decision|decided|chosen|outcome|we chose|decisi[oó]n|决定|决策", re.I)
_CLAUSE = re.compile(r"[,;:!?()\n]|\.(?!\d)|\s(?:but|while|whereas|and so|since|because)\s")
_CHOSEN = re.compile(
    r"\b(?:ships?|shipped|stays?|stayed|remains?|wins|won|(?:is|are|was|were) (?:kept|used|taken"
    r"|enough|the default|configured|set)|we (?:use|take)|keeps?|kept|keeping|stay with|chosen"
    r"|chose|go(?:es)? with|back to|decided (?:for|on)|prefer(?:red)?)\b",
    re.I,
)
_LOST = re.compile(
    r"\b(?:instead of|rather than|not|no|than|against|over|versus|vs|from|although|though|despite"
    r"|beats?|beat|rejected|minus|drop(?:ped)?|left|before|unlike|without|lost|loses)\b[^.;:,]{0,40}$",
    re.I,
)
_AFTER_LOST = re.compile(
    r"^\W{0,3}(?:(?:words?|chunks?|search|alone)\s){0,2}(?:lost|loses|(?:is|was) rejected"
    r"|(?:is|was|did|does) not)\b",
    re.I,
)


def decision(page: Page) -> str:
    """The part of a record that decides; "" where no heading says which it is."""
    parts = [s for s in page.document.sections(_DECISION) if s.heading.level > 1]
    lines = (t for s in parts for t in page.document.shown[s.start - 1 : s.end - 1])
    return "\n".join(lines)[:MAX_DECISION]


def chosen(text: str, options: Mapping[str, re.Pattern[str]]) -> frozenset[str]:
    """The options that a text says are chosen; empty where it names none of them."""
    said: set[str] = set()
    first = ""
    for clause in _clauses(text):
        kept = list(_kept(clause, options))
        first = first or next(iter(kept), "")
        if kept and _CHOSEN.search(clause):
            said.add(kept[0])
    return frozenset(said or ({first} if first else ()))


def reasons(text: str, why: re.Pattern[str]) -> str:
    """The sentences of a text that give a reason or say what is chosen."""
    sentences = re.split(r"(?<=[.!?])\s+(?=\S)|\n\s*\n|\n(?=[-#|>])", text[:MAX_DECISION])
    return "\n".join(s for s in sentences if why.search(s) or _CHOSEN.search(s))


def _clauses(text: str) -> Iterator[str]:
    yield from (c for c in _CLAUSE.split(text[:MAX_DECISION]) if c.strip())


def _kept(clause: str, options: Mapping[str, re.Pattern[str]]) -> Iterator[str]:
    """The options of a clause in their order, without those of which it says that they lost."""
    found = [(m.start(), m.end(), name) for name, p in options.items() if (m := p.search(clause))]
    before = 0
    for start, end, name in sorted(found):
        lost = _LOST.search(clause[max(before, start - 80) : start])
        if not lost and not _AFTER_LOST.match(clause[end : end + 80]):
            yield name
        before = end
