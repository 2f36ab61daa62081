"""Whether the system declines what its documents do not answer, and only that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scaffolder.review.answering import answerrows, refusals, told
from scaffolder.review.answering.answerrows import Answered
from scaffolder.review.golden.questions import asked, places
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

OUTSIDE = 15
"""Questions that the corpus does not answer (rubric, RAG-07)."""

_FALSE_ANSWERS = re.compile(
    r"false[-_ ]?answer|false[-_ ]?accept|abst\w{3,8}[-_ ]?recall"
    r"|(?:refus\w{1,3}|declin\w{0,5})[-_ ]?(?:recall|accuracy)|hallucinat\w{1,5}[-_ ]?rate"
    r"|correct(?:ly)?[-_ ](?:refus|declin|abst)\w{0,8}"
    r"|(?:refus|declin|abst|answer)\w{0,8}\b.{0,60}(?:un-?answerable|out[- ]of[- ]\w{1,10}|outside"
    r"|not[-_ ]in[-_ ]|does not (?:answer|hold|cover))|(?:un-?answerable|out[- ]of[- ]\w{1,10}"
    r"|not[-_ ]in[-_ ]corpus)\b.{0,60}(?:refus|declin|abst|answered)",
    re.IGNORECASE,
)
_FALSE_REFUSALS = re.compile(
    r"(?:false|wrong(?:ly|ful)?|over|needless(?:ly)?|unnecessar(?:y|ily))[-_ ]?"
    r"(?:refus|declin|abst)"
    r"|(?:refus|declin|abst)\w{0,8}\b.{0,60}(?<!un)(?<!un-)\banswerable"
    r"|\banswerable\b.{0,60}(?:refus|declin|abst|answered)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Rates:
    """What a system did: rows on questions outside of the corpus, and on those within."""

    system: str
    outside: Sequence[Answered]
    within: Sequence[Answered]

    @property
    def false_answers(self) -> int:
        return sum(a.declined is False for a in self.outside)

    @property
    def false_refusals(self) -> int:
        return sum(a.declined is True for a in self.within)


def asked_beyond(view: RepoView) -> Reading:
    """Whether enough questions of the author are ones that the corpus does not answer."""
    beyond = answerrows.outside(view)
    if len(beyond) >= OUTSIDE:
        reason = f"{len(beyond)} of the questions have no answer in the corpus."
        return yes(reason, *places(view, beyond))
    total = len(asked(view))
    reason = (
        f"{len(beyond)} of {count(total, 'question')} {'is' if len(beyond) == 1 else 'are'} marked "
        f"as having no answer in the corpus; {OUTSIDE} are asked for."
    )
    if not total:
        reason = "No labelled questions were found, so none that the corpus does not answer."
    if beyond:
        return partial(reason, *places(view, beyond))
    return no(reason, *places(view, asked(view), 1))


def recomputed(view: RepoView) -> Reading:
    """Both error rates from the rows: answers where none is, refusals where there is one."""
    every = view.once(_rates)
    if not every:
        return _without_rows(view)
    for rates in every:
        odd = next((a for a in (*rates.outside, *rates.within) if _is_odd(a)), None)
        if odd is not None:
            reason = "A row is called a refusal and holds an answer or a citation all the same."
            return no(reason, answerrows.place(view, odd))
    best = every[0]
    said = _said(best)
    lacking = _lacking(view, best)
    if lacking:
        return partial(f"{said} {lacking}", *_places(view, best))
    return yes(said, *_places(view, best))


def reported(view: RepoView) -> Reading:
    """Whether README or claims give both rates, as the rows have them; a bad rate is as good."""
    every = view.once(_rates)
    answers, refusals_ = told.told(view, _FALSE_ANSWERS), told.told(view, _FALSE_REFUSALS)
    right = [
        [t for t in found if _is_of(t, every, outside)]
        for found, outside in ((answers, True), (refusals_, False))
    ]
    if all(right):
        reason = "The rate of false answers and that of false refusals are given, as the rows say."
        return yes(reason, right[0][0].evidence, right[1][0].evidence, *_first_rows(view, every))
    names = ("false answers (where the corpus has none)", "false refusals (where it has one)")
    missing = [name for name, found in zip(names, right, strict=True) if not found]
    reason = f"The README and the claims do not give the rate of {' nor that of '.join(missing)}"
    reason += ", as the rows have it." if every else "."
    shown = [t.evidence for found in (answers, refusals_) for t in found[:2]]
    if len(missing) == 1 or shown:
        return partial(reason, *dict.fromkeys(shown), *_first_rows(view, every))
    return no(reason, *_first_rows(view, every))


def _rates(view: RepoView) -> tuple[_Rates, ...]:
    """Every system whose rows say whether it declined questions outside, the fullest first."""
    found = [_of(name, rows) for name, rows in answerrows.systems(view)]
    kept = [r for r in found if r.outside and r.within]
    return tuple(sorted(kept, key=lambda r: -len(r.outside) - len(r.within)))


def _of(name: str, rows: Sequence[Answered]) -> _Rates:
    told_so = [a for a in rows if a.declined is not None]
    outside = [a for a in told_so if a.question and answerrows.is_outside(a.question)]
    within = [a for a in told_so if a.question and not answerrows.is_outside(a.question)]
    return _Rates(name, outside, within)


def _is_odd(found: Answered) -> bool:
    cites = bool(found.declined and found.row.data.get("citations"))
    return cites or refusals.contradicts(found.row.data)


def _said(rates: _Rates) -> str:
    return (
        f"{clean(rates.system, 40)} answered {rates.false_answers} of "
        f"{count(len(rates.outside), 'question')} that the corpus does not answer, and declined "
        f"{rates.false_refusals} of {len(rates.within)} that it does."
    )


def _lacking(view: RepoView, rates: _Rates) -> str:
    """What keeps the rates from being trusted; "" where nothing does."""
    missing = answerrows.left_out(view, [*rates.outside, *rates.within])
    beyond = sum(map(answerrows.is_outside, missing))
    for rows, without in ((rates.outside, beyond), (rates.within, len(missing) - beyond)):
        have = len({a.question for a in rows})
        if have < answerrows.COVERED * (have + without):
            reason = f"{count(len(missing), 'question')} of the same splits have no row that says"
            return f"{reason} whether it was declined."
    return ""


def _without_rows(view: RepoView) -> Reading:
    rows = [a for _, found in answerrows.systems(view) for a in found]
    if not rows:
        return no("No rows with answers to the questions were found, so no refusal can be counted.")
    said = [a for a in rows if a.declined is not None]
    reason = (
        f"Of {count(len(rows), 'recorded answer')} none is to a question that the corpus does not "
        "answer, so a false answer cannot be counted."
    )
    if not said:
        reason = f"Of {count(len(rows), 'recorded answer')} none says whether the system declined."
    elif any(a.question and answerrows.is_outside(a.question) for a in said):
        reason = "All recorded answers are to questions that the corpus does not answer."
    return no(reason, answerrows.place(view, rows[0]))


def _is_of(number: told.Told, every: Sequence[_Rates], outside: bool) -> bool:
    """Whether a number is that rate of one of the systems, over all of its rows or one split."""
    for rates in every:
        rows = rates.outside if outside else rates.within
        for split in {"", *(a.question.split for a in rows if a.question)}:
            some = [a for a in rows if not split or (a.question and a.question.split == split)]
            if some and number.is_rate(sum(a.declined is True for a in some), len(some)):
                return True
    return False


def _first_rows(view: RepoView, every: Sequence[_Rates]) -> list[Evidence]:
    return _places(view, every[0])[:1] if every else []


def _places(view: RepoView, rates: _Rates) -> list[Evidence]:
    """False answers first, then false refusals: what one would read."""
    wrong = [a for a in rates.outside if a.declined is False][:2]
    needless = [a for a in rates.within if a.declined][:2]
    return answerrows.places(view, [*wrong, *needless] or rates.outside[:1])
