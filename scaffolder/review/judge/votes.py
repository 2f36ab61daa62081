"""What an answer is worth: its quote is looked up, three of them are counted.

Invariant: no vote counts whose quote does not stand, word for word, in a line that was sent; what
is shown of a quote are the repository's own words, never the model's.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.judge.asking import Answer
from scaffolder.review.judge.excerpts import Excerpt, Gathered
from scaffolder.review.model import Advice, Evidence, quote

VOTES = 3
"""Times that a question is asked; odd, so that they cannot be even."""

MAJORITY = 2

MIN_QUOTE = 12
"""Characters that are not blank: fewer stand in any text."""

MAX_QUOTE = 1_000
MAX_SPAN = 30
"""Lines that one quote may go over."""

NEAR = 2
"""Lines by which the place of a quote may be off: models count badly."""


@dataclass(frozen=True)
class Vote:
    """One answer after it was looked up: yes, no, or void with `why`."""

    verdict: str
    why: str = ""
    quote: Evidence | None = None


def looked_up(answer: Answer, excerpts: Sequence[Excerpt]) -> Vote:
    """The vote that an answer is worth."""
    why, found = _found(answer, excerpts)
    return Vote(answer.verdict, quote=found) if found else Vote("void", why)


def _found(answer: Answer, excerpts: Sequence[Excerpt]) -> tuple[str, Evidence | None]:
    sent = {e.path: dict(e.lines) for e in excerpts}
    wanted = _plain(answer.text)
    if answer.followed:
        return "it did what a sentence in the data asked for", None
    if answer.path not in sent:
        return "it quotes a file that was not sent", None
    if len(wanted.replace(" ", "")) < MIN_QUOTE or len(wanted) > MAX_QUOTE:
        return "its quote is too short or too long to be found", None
    place = _place(wanted, sent[answer.path], answer)
    if place is None:
        return "its quote is not in the lines that it names", None
    first, last = place
    text = " ".join(sent[answer.path][n] for n in range(first, last + 1))
    return "", quote(answer.path, first, text, last if last > first else None)


def _place(wanted: str, lines: Mapping[int, str], answer: Answer) -> tuple[int, int] | None:
    """The fewest lines, at most NEAR away from where the answer says, that hold the quote."""
    low, high = answer.first_line - NEAR, answer.last_line + NEAR
    if not 0 <= high - low <= MAX_SPAN + 2 * NEAR:
        return None
    near = [n for n in range(low, high + 1) if n in lines]
    spans = ((a, b) for a in near for b in near if a <= b)
    for first, last in sorted(spans, key=lambda span: (span[1] - span[0], span[0])):
        together = [lines.get(n) for n in range(first, last + 1)]
        whole = [text for text in together if text is not None]
        if len(whole) == len(together) and wanted in _plain(" ".join(whole)):
            return first, last
    return None


def _plain(text: str) -> str:
    """The text in one form of its characters, with one blank where there are any."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def decided(gathered: Gathered, votes: Sequence[Vote], model: str) -> Advice:
    """The advice that votes add up to; without a majority it is split, or void."""
    counted = Counter(vote.verdict for vote in votes)
    verdict = next((v for v in ("yes", "no", "void") if counted[v] >= MAJORITY), "split")
    shown = next((v.quote for v in votes if v.verdict == verdict), None)
    return Advice(
        question=gathered.question.question,
        verdict=verdict,
        quote=shown,
        model=model,
        votes=tuple(vote.verdict for vote in votes),
        note=" ".join(_notes(gathered, votes, counted)),
    )


def _notes(gathered: Gathered, votes: Sequence[Vote], counted: Counter[str]) -> list[str]:
    told = []
    if len(counted) > 1:
        told.append("The votes differ: " + ", ".join(f"{n} {v}" for v, n in counted.items()) + ".")
    told += [f"Void: {why}." for why in dict.fromkeys(v.why for v in votes if v.why)]
    if gathered.spoken:
        told.append("Lines that tell a reviewer what to find were not sent.")
    return told
