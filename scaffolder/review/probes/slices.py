"""The labelled questions by what makes them hard, and whether words alone find the answers."""

import re
from collections.abc import Callable, Mapping, Sequence

from scaffolder.review.answering import answerrows
from scaffolder.review.golden import approaches, corpus, depth, overlap, questions
from scaffolder.review.golden.questions import Question
from scaffolder.review.golden.rankings import retrieval_metric
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.results import intervals, resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

WANTED = 8
"""Questions of each kind that are wanted (rubric, RAG-05)."""

LOW = 0.25
"""Share of a question's words in its passage up to which it is worded otherwise.

Of 24 questions that persons reworded for our sample corpus all lie at or below it, and of 20 that
took the words of the passage six do.
"""

EASY = 0.9
"""Recall of a search by words alone from which a set is too easy (rubric, RAG-05)."""

_PARAPHRASE = re.compile(
    r"paraphras|reword|rephras|synonym|colloquial|everyday|low.?overlap|own.?words|semantic"
    r"|other.?words|conversational|layman|vocab|typo|cross.?ling",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"multi|two.?(?:passage|doc|hop)|several|compar|cross.?(?:doc|ref)|hop|aggregat|synthes",
    re.IGNORECASE,
)
_EXACT = re.compile(r"exact|identif|code|number|symbol|acronym|\berror|part.?no", re.IGNORECASE)
_AMBIGUOUS = re.compile(
    r"ambig|vague|underspec|unclear|which.?version|supersed|conflict|outdated|stale|clarif|temporal"
    r"|contradict|version|near.?dup|homonym|incomplete|broad|partly|partial|follow.?up",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    r"(?<![\w.-])(?:(?=[\w./-]{0,40}\d)[A-Za-z][\w./-]{0,40}\w|\d{5,12}|[A-Z]{2}[A-Z0-9-]{0,30}"
    r"|[a-z]\w{0,30}(?=\()|__\w{1,40}|[a-z]{1,30}_\w{1,30}|[a-z]{1,30}[A-Z]\w{0,30}"
    r"|\d{1,3}(?:\.\d{1,3}){1,3})"
)
_NAMES = (
    "paraphrase, several documents, exact identifier, ambiguous, not in the corpus; they are known "
    "by slice or category, labels and words"
)


def hard_in_known_ways(view: RepoView) -> Reading:
    """Enough questions of five kinds: reworded, of several documents, exact, ambiguous, outside."""
    asked = questions.asked(view)
    if not any(q.labels for q in asked):
        return no("No labelled questions were found, so nothing says how hard they are.")
    found = {name: [q for q in asked if is_one(view, q)] for name, is_one in _KINDS.items()}
    mean, known = overlap.mean(view, asked)
    told = ", ".join(f"{name} {len(listed)}" for name, listed in found.items())
    told = f"Of {count(len(asked), 'question')}: {told}."
    if known:
        words = f"On average {mean:.0%} of a question's words stand in its passage (n = {known})."
        told = f"{told} {words}"
    enough = [name for name, listed in found.items() if len(listed) >= WANTED]
    places = tuple(e for v in found.values() for e in questions.places(view, tuple(v), 1))
    if len(enough) < len(_KINDS):
        return _lacking(view, told, found, asked)
    if not known:
        reason = f"{told} No passage is quoted, so its words cannot be held against a question."
        return partial(reason, *places)
    return yes(told, *places)


def words_do_not_suffice(view: RepoView) -> Reading:
    """A search by words alone misses some of the labelled passages."""
    rows = _of_words(view)
    if not rows:
        if not questions.labelled(view):
            return no("No labelled questions were found, and no rows of a search by words.")
        reason = "No rows of a search by words (BM25, full text) say how many questions it answers."
        return partial(reason, *questions.places(view, questions.labelled(view), 2))
    metric = _metric(view, rows[0])
    graded = [(r, v) for r in rows if (v := resultrows.grade(r, metric)) is not None]
    places = view.quote(rows[0].path, rows[0].line), view.quote(rows[-1].path, rows[-1].line)
    if not graded:
        return partial("The rows of the search by words have no grade that says enough.", *places)
    mean = intervals.mean([v for _, v in graded])
    told = (
        f"{clean(rows[0].system, 40)} alone reaches a {clean(metric, 30)} of {mean:.2f} over "
        f"{count(len(graded), 'question')}{_by_slice(graded)}"
    )
    if mean >= EASY:
        return no(f"{told}: from {EASY} on the questions are too easy to tell ways apart.", *places)
    return yes(f"{told}, below {EASY}.", *places)


def _of_words(view: RepoView) -> Sequence[Row]:
    """The rows of the search by words that ships or is nearest to it, not those of a sweep."""
    found = [a for a in approaches.approaches(view) if a.kind == "lexical"]
    nearest = min(found, key=lambda a: (approaches.distance(view, a), -len(a.rows)), default=None)
    return nearest.rows if nearest else ()


def _by_slice(graded: Sequence[tuple[Row, float]]) -> str:
    """The mean of each slice in brackets; "" where the rows have less than two."""
    found: dict[str, list[float]] = {}
    for row, value in graded:
        found.setdefault(row.text("slice"), []).append(value)
    parts = [f"{clean(n, 30)} {intervals.mean(v):.2f}" for n, v in found.items() if n][:6]
    return f" ({', '.join(parts)})" if len(parts) > 1 else ""


def _lacking(
    view: RepoView, told: str, found: Mapping[str, Sequence[Question]], asked: Sequence[Question]
) -> Reading:
    fewer = [name for name, listed in found.items() if len(listed) < WANTED]
    reason = f"{told} {WANTED} of each kind are wanted; fewer are {', '.join(fewer)}."
    there = [listed for listed in found.values() if listed]
    places = tuple(e for v in there for e in questions.places(view, tuple(v), 1))
    if len(there) > 1:
        return partial(reason, *places)
    reason = f"{reason} The kinds looked for: {_NAMES}."
    return no(reason, *questions.places(view, tuple(asked), 2))


def _metric(view: RepoView, row: Row) -> str:
    if isinstance(row.data.get("label_ranks"), list):
        return f"recall@{depth.in_use(view) or depth.USUAL}"
    found = {g: m[0] for g in resultrows.grades(row) if (m := retrieval_metric(g))}
    surest = (g for g, kind in found.items() if kind in ("recall", "hit"))
    return next(surest, next(iter(found), ""))


def _is_reworded(view: RepoView, question: Question) -> bool:
    """By the words that it shares with its passage; by its slice only where those are not known."""
    if not question.labels:
        return False
    shared = view.once_for(overlap.share, question)
    return shared <= LOW if shared is not None else bool(_PARAPHRASE.search(question.slice))


def _is_of_several(_: RepoView, question: Question) -> bool:
    """Two documents with words of their own; the same words in two are one answer found twice."""
    sources = {x.source or x.chunk for x in question.labels}
    quotes = {x.quote.casefold() for x in question.labels}
    distinct = len(sources) > 1 and (len(quotes) > 1 or "" in quotes)
    return distinct or (len(question.labels) > 1 and bool(_SEVERAL.search(question.slice)))


def _is_exact(view: RepoView, question: Question) -> bool:
    """A name, number or code of the question that its document has letter for letter."""
    if not question.labels or _EXACT.search(question.slice):
        return bool(question.labels)
    named = {m[0] for m in _IDENTIFIER.finditer(question.text[:500])}
    return any(corpus.holds(view, x.source, n) for n in named for x in question.labels)


def _is_ambiguous(_: RepoView, question: Question) -> bool:
    return _AMBIGUOUS.search(question.slice) is not None


def _is_outside(_: RepoView, question: Question) -> bool:
    return answerrows.is_outside(question)


_KINDS: Mapping[str, Callable[[RepoView, Question], bool]] = {
    "reworded": _is_reworded,
    "of several documents": _is_of_several,
    "with an exact identifier": _is_exact,
    "ambiguous": _is_ambiguous,
    "not in the corpus": _is_outside,
}
