"""Grades of answers, recomputed from what a row and its golden question hold.

Invariant: a grade that a row's own answer, status and labels decide is never believed; which ones
had to be is told by name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.review.areas import manifest_paths
from scaffolder.review.results.claims import Claim, recompute
from scaffolder.review.results.resultrows import Row, from_ranks, grade, rows
from scaffolder.review.view import RepoView

_DECLINED = ("refused", "abstained", "declined")
_FAILED = ("error", "failed", "timeout")
_GOES_ON_BEFORE = re.compile(r"\w$|\d[.,]$")
_GOES_ON_AFTER = re.compile(r"\w|[.,]\d")
_LONGEST = 10_000
"""Characters of an answer in which facts are looked for; a longer one's grade is believed."""

_MOST_WORDINGS = 20
_MOST_PLACES = 50


@dataclass(frozen=True)
class Odd:
    """A row that contradicts itself or its question, and how."""

    row: Row
    said: str


def fault(view: RepoView, path: str) -> Odd | None:
    """The first row of a file whose grades or ranks are not what the row itself gives."""
    return view.once_for(_first_fault, path)


def golden(view: RepoView) -> Mapping[str, Mapping[str, Any]]:
    """The golden questions by id, as the manifest places them; none where it places none."""
    return view.once(_questions)


def taken_as_stated(view: RepoView, claims: Sequence[Claim]) -> Iterator[str]:
    """The metrics of the ledger that had to be believed, for a row at least."""
    asked = view.once(_questions)
    for metric in dict.fromkeys(c.metric.removesuffix(" difference").strip() for c in claims):
        mine = [c for c in claims if c.metric.removesuffix(" difference").strip() == metric]
        behind = (r for c in mine for r in recompute(view, c).rows)
        if any(not _can_recompute(r, metric, asked) for r in behind):
            yield metric.replace("_", " ")


def _can_recompute(row: Row, metric: str, asked: Mapping[str, Mapping[str, Any]]) -> bool:
    if from_ranks(row, metric) is not None:
        return True
    question = asked.get(row.id)
    return question is not None and metric in _decided(row, question)


def facts_held(answer: str, facts: Sequence[Sequence[object]]) -> list[bool]:
    """For each group of wordings whether one of them is in the answer, as whole words."""
    text = _plain(answer)
    return [any(_holds(text, _plain(str(w))) for w in group) for group in facts]


def _first_fault(view: RepoView, path: str) -> Odd | None:
    asked = view.once(_questions)
    found = ((r, _fault(r, asked.get(r.id))) for r in rows(view, path))
    return next((Odd(r, said) for r, said in found if said), None)


def _questions(view: RepoView) -> Mapping[str, Mapping[str, Any]]:
    """The golden questions by id, as the manifest places them."""
    golden = manifest_paths(view).get("golden", "")
    found: dict[str, Mapping[str, Any]] = {}
    for _, row in view.rows(golden):
        found.setdefault(str(row.get("id", "")), row)
    return found


def _fault(row: Row, question: Mapping[str, Any] | None) -> str:
    """What is wrong with a row; "" where nothing is."""
    stated = grade(row, "fact_accuracy")
    status = row.text("status").lower()
    if stated and status in (*_DECLINED, *_FAILED):
        return f"its status is {status}, and its fact accuracy is {stated:g}"
    if question is None:
        return ""
    for metric in _decided(row, question):
        found, wanted = grade(row, metric), _regraded(row, question, metric)
        if found is not None and abs(found - wanted) > 1e-6:
            name = metric.replace("_", " ")
            return f"its {name} is {found:g}, and its answer and its question give {wanted:g}"
    return _rank_fault(row, question)


def _decided(row: Row, question: Mapping[str, Any]) -> Iterator[str]:
    """The metrics that status, answer and question decide, as our templates grade them."""
    if not row.text("status") or "answer" not in row.data:
        return
    if not question.get("relevant"):
        yield "abstention_recall"
    if _has_declined(row):
        yield "abstention_precision"
    is_short = len(row.text("answer")) <= _LONGEST and _are_few(question.get("facts"))
    if is_short or (_has_declined(row) and question.get("facts")):
        yield "fact_accuracy"


def _are_few(facts: object) -> bool:
    """Whether facts are there, well formed, and few enough to be looked for."""
    if not isinstance(facts, list) or not all(isinstance(group, list) for group in facts):
        return False
    return 0 < sum(map(len, facts)) <= _MOST_WORDINGS


def _has_declined(row: Row) -> bool:
    return row.text("status").lower() in _DECLINED


def _regraded(row: Row, question: Mapping[str, Any], metric: str) -> float:
    if metric == "abstention_recall":
        return float(_has_declined(row))
    if metric == "abstention_precision":
        return float(not question.get("relevant"))
    if _has_declined(row):
        return 0.0
    return float(all(facts_held(row.text("answer"), question["facts"])))


def _holds(text: str, wording: str) -> bool:
    """Whether a wording is in a text as whole words and numbers: 6 is not in 16, nor in 1.6."""
    at = text.find(wording)
    for _ in range(_MOST_PLACES):
        if at < 0:
            return False
        before, after = text[max(0, at - 2) : at], text[at + len(wording) :][:2]
        if not (_GOES_ON_BEFORE.search(before) or _GOES_ON_AFTER.match(after)):
            return True
        at = text.find(wording, at + 1)
    return True


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _rank_fault(row: Row, question: Mapping[str, Any]) -> str:
    """Whether a label is said to stand at a rank where another document stands."""
    ranked, ranks = row.data.get("ranked"), row.data.get("label_ranks")
    labels = question.get("relevant")
    if not isinstance(ranked, list) or not isinstance(ranks, list) or not isinstance(labels, list):
        return ""
    for rank, label in zip(ranks, labels, strict=False):
        wanted = label.get("source") if isinstance(label, dict) else None
        if type(rank) is not int or not isinstance(wanted, str):
            continue
        at = ranked[rank - 1] if 0 < rank <= len(ranked) else None
        if not isinstance(at, list) or at[:1] != [wanted]:
            return f"a label is said to stand at rank {rank}, where another document stands"
    return ""
