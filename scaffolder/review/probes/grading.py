"""How answers are graded: one by one, by exact facts or by a judge that people have checked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.answering import answerrows, told
from scaffolder.review.answering.agreement import Agreement, agreement, judged
from scaffolder.review.answering.answerrows import Answered
from scaffolder.review.golden import fields
from scaffolder.review.golden.questions import places
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.results import answers, resultrows
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FEWEST = 30
"""Graded answers below which a share says little: at 30 its 95 % interval is still 35 points wide
(Wilson 1927, at one half)."""

HUMAN_LABELS = 40
"""Answers that a person has labelled before a judge is believed (rubric, RAG-06)."""

_BY_CODE = re.compile(
    r"(?:fact|exact|contain|keyword|correct|accura|must|substring|answer_match|match|em$|hit_answer)",
    re.IGNORECASE,
)
_LONGEST_FACT = 80
"""Characters of a wording that code can look for; a longer one is a model answer."""

_SHOWN = (*fields.PASSAGES, "label_ranks")
_RETRIEVAL = re.compile(r"recall|mrr|ndcg|hit|precision", re.IGNORECASE)
_RATE = re.compile(r"true[ -]?positive|\btpr\b|sensitivity", re.IGNORECASE)
_NEGATIVE_RATE = re.compile(r"true[ -]?negative|\btnr\b|specificity", re.IGNORECASE)
_VERSION = re.compile(r"\bversion\b|[_@-]v?\d|\bv\d", re.IGNORECASE)
_GRADER = re.compile(
    r"(?:evaluate|grade|score|judge)_?(?:answers?|rag|response|generation)|answer_grades|faithfulness"
    r"|answer_relevancy|llm_as_a?_?judge|judge_prompt|has_facts|fact_accuracy",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Again:
    """A grade that facts decide: its name, what the row says, and what code may make of it."""

    found: Answered
    name: str
    stated: float
    given: tuple[float, ...]

    @property
    def agrees(self) -> bool:
        return any(abs(self.stated - value) < 1e-6 for value in self.given)


@dataclass(frozen=True)
class _Graded:
    """The rows of a system whose answers are graded, and those that code could grade again."""

    system: str
    rows: Sequence[Answered]
    again: Sequence[_Again]

    @property
    def counts_facts(self) -> bool:
        """Whether the grade is the one that facts give: it is so then for most of the rows."""
        return sum(a.agrees for a in self.again) >= 0.5 * len(self.again)

    @property
    def questions(self) -> int:
        """Different questions among those that code could grade again."""
        return len({a.found.question for a in self.again})

    @property
    def shown(self) -> list[Answered]:
        return [a.found for a in self.again]


def graded(view: RepoView) -> Reading:
    """Each answer has a grade of its own: facts that code finds again, or a checked judge."""
    groups = [_graded(name, rows) for (_, name), rows in answerrows.answered(view).items()]
    best = max(groups, key=lambda g: (len(g.again), len(g.rows)), default=None)
    if best is None or not best.rows:
        return _ungraded(view)
    for group in groups:
        if (wrong := _wrong(view, group)) is not None:
            return wrong
    by_facts, labelled = best.questions >= FEWEST, agreement(view)
    if labelled is not None and not (by_facts and best.counts_facts):
        return _by_judge(view, best, labelled)
    return _by_facts(view, best) if by_facts else _too_little(view, best)


def apart(view: RepoView) -> Reading:
    """Whether the same questions show what was retrieved for them, so that the halves part."""
    for (_, name), rows in answerrows.answered(view).items():
        marked = [a for a in rows if _grades(a)] or rows
        beside = _searched(view)
        known = [a for a in marked if _passages(a)]
        bare = [a for a in marked if not _passages(a)]
        also = [a for a in bare if a.question and a.question.id in beside]
        if len(known) + len(also) >= answerrows.COVERED * len(marked):
            reason = (
                f"Beside {count(len(marked), 'answer')} of {clean(name, 40)} stands what was "
                "retrieved for its question."
            )
            return yes(reason, *answerrows.places(view, (known or also)[:2]))
    first = next((rows[0] for rows in answerrows.answered(view).values()), None)
    if first is None:
        return no("No rows with answers to the questions were found, so nothing can be told apart.")
    reason = (
        "The answers' rows do not say which passages they were made from, nor do rows of a search "
        "on the same questions: a wrong answer cannot be told from a passage that was not found."
    )
    return partial(reason, answerrows.place(view, first))


def _graded(name: str, rows: Sequence[Answered]) -> _Graded:
    marked = [a for a in rows if _grades(a)]
    return _Graded(name, marked, [again for a in marked if (again := _again(a))])


def _grades(found: Answered) -> dict[str, object]:
    """Grades of an answer by name, by code or by a judge."""
    named = {k: resultrows.grade(found.row, k) for k in resultrows.grades(found.row)}
    by_code = {k: v for k, v in named.items() if _BY_CODE.search(k[:60]) and v is not None}
    return {**judged(found.row), **by_code}


def _again(found: Answered) -> _Again | None:
    facts = _facts(found)
    if not facts or (found.declined is None and not found.text):
        return None
    for name in _grades(found):
        stated = resultrows.grade(found.row, name)
        if stated is not None and _BY_CODE.search(name[:60]):
            return _Again(found, name, stated, _given(found, facts))
    return None


def _facts(found: Answered) -> tuple[tuple[str, ...], ...]:
    facts = found.question.facts if found.question else ()
    short = all(len(wording) <= _LONGEST_FACT for group in facts for wording in group)
    return facts if short and sum(map(len, facts)) <= 20 else ()


def _given(found: Answered, facts: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """All of the facts, or the part of them: projects count either way; a refusal has none."""
    if found.declined:
        return (0.0,)
    held = answers.facts_held(found.text, facts)
    return float(all(held)), sum(held) / len(held)


def _wrong(view: RepoView, group: _Graded) -> Reading | None:
    for path in dict.fromkeys(a.row.path for a in group.rows):
        odd = answers.fault(view, path)
        if odd is not None:
            reason = f"A row contradicts itself: {odd.said}. Its grades cannot be believed."
            return no(reason, view.quote(odd.row.path, odd.row.line))
    unlike = [a for a in group.again if not a.agrees]
    if not unlike or not group.counts_facts:
        return None
    first = unlike[0]
    reason = (
        f"{count(len(unlike), 'row')} of {clean(group.system, 40)} give another "
        f"{clean(first.name, 40)} than answers and facts do: the first "
        f"says {first.stated:g}, and {first.given[0]:g} comes out."
    )
    return no(reason, answerrows.place(view, first.found))


def _by_facts(view: RepoView, group: _Graded) -> Reading:
    if not group.counts_facts:
        reason = (
            f"{count(len(group.rows), 'answer')} of {clean(group.system, 40)} have a grade, and it "
            "is not the one that the facts of their questions give; how it came about is not shown."
        )
        return partial(reason, *_places(view, group.shown))
    right = sum(a.stated for a in group.again)
    reason = (
        f"{count(len(group.again), 'answer')} of {clean(group.system, 40)} were graded again from "
        f"the facts of their questions: together they earn {right:g}, as the rows say."
    )
    missing = [q for q in answerrows.left_out(view, group.shown) if q.facts]
    if group.questions < answerrows.COVERED * (group.questions + len(missing)):
        lacks = f"{reason} {count(len(missing), 'question')} with facts have no graded row."
        return partial(lacks, *_places(view, group.shown), *places(view, tuple(missing), 1))
    asked_for = tuple(a.question for a in group.shown[:1] if a.question)
    return yes(reason, *_places(view, group.shown), *places(view, asked_for, 1))


def _by_judge(view: RepoView, group: _Graded, labelled: Agreement) -> Reading:
    n, positive, negative = len(labelled.human), labelled.true_positive, labelled.true_negative
    if positive is None or negative is None:
        which = "good" if negative is None else "bad"
        reason = (
            f"All {n} answers that a person has labelled are {which}: nothing checks the judge."
        )
        return partial(reason, labelled.evidence)
    reason = (
        f"On {count(n, 'answer')} that a person has labelled too, the judge finds "
        f"{positive:.2f} of the good ones and {negative:.2f} of the bad ones."
    )
    missing = list(_missing(view, group, labelled))
    if missing:
        return partial(f"{reason} Missing: {'; '.join(missing)}.", labelled.evidence)
    return yes(reason, labelled.evidence, *_places(view, group.rows))


def _missing(view: RepoView, group: _Graded, labelled: Agreement) -> Iterator[str]:
    """What a checked judge lacks, in words."""
    if len(labelled.human) < HUMAN_LABELS:
        yield f"{HUMAN_LABELS} labels of a person"
    if len(group.rows) < FEWEST:
        yield f"{FEWEST} graded answers (there are {len(group.rows)})"
    if not _judge_prompt(view, group):
        yield "the judge's prompt in a file with a version"
    if not (_is_told(view, labelled, True) and _is_told(view, labelled, False)):
        yield "both rates, true positive and true negative, in the README"


def _is_told(view: RepoView, labelled: Agreement, good: bool) -> bool:
    said = [j for h, j in zip(labelled.human, labelled.judge, strict=True) if h is good]
    right = sum(j is good for j in said)
    given = told.told(view, _RATE if good else _NEGATIVE_RATE)
    return any(t.is_rate(right, len(said)) for t in given)


def _judge_prompt(view: RepoView, group: _Graded) -> bool:
    named = [f for f in view.find("*judge*", "*grader*", "*faithful*") if "prompt" in f.lower()]
    if any(_VERSION.search(p) or _VERSION.search(view.text(p)[:300]) for p in named):
        return True
    said = [
        str(group.rows[0].row.data.get(k, ""))[:100] for k in ("judge_prompt", "judge", "grader")
    ]
    return any(_VERSION.search(text) for text in said) and bool(named)


def _too_little(view: RepoView, group: _Graded) -> Reading:
    if group.again:
        reason = (
            f"Answers of {clean(group.system, 40)} to {count(group.questions, 'question')} can be "
            f"graded again from their facts; {FEWEST} are asked for."
        )
        return partial(reason, *_places(view, group.shown))
    reason = (
        f"Only a judge knows why {count(len(group.rows), 'answer')} of {clean(group.system, 40)} "
        "got their grades: code finds none of them again, and there are no labels of a person "
        f"({HUMAN_LABELS} are asked for)."
    )
    return partial(reason, *_places(view, group.rows))


def _ungraded(view: RepoView) -> Reading:
    found = answerrows.every(view)
    if found:
        reason = (
            f"There are {count(len(found), 'recorded answer')}, and none has a grade of its own: "
            "looked for the facts of its question, for a judge's verdict and for a score."
        )
        return no(reason, *_places(view, found))
    reason = (
        "No rows with graded answers were found: one line a question, with its answer and grade."
    )
    code = identifiers(view, _GRADER, view.code)
    if code:
        return no(f"{reason} Code that could grade is there; what it found is not kept.", *code[:3])
    return no(reason)


def _passages(found: Answered) -> bool:
    return any(found.row.data.get(k) for k in _SHOWN)


def _searched(view: RepoView) -> frozenset[str]:
    """Ids of questions that rows of a search show ranks or a retrieval grade of."""
    return view.once(_searched_ids)


def _searched_ids(view: RepoView) -> frozenset[str]:
    return frozenset(
        fields.text(row.data, fields.ID)
        for path in resultrows.result_files(view)
        for row in resultrows.rows(view, path)
        if any(row.data.get(k) for k in _SHOWN)
        or any(map(_RETRIEVAL.search, resultrows.grades(row)))
    ) - {""}


def _places(view: RepoView, rows: Sequence[Answered]) -> list[Evidence]:
    return answerrows.places(view, rows[:3])
