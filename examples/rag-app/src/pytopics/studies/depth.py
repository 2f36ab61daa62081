"""How many passages, in which order, and whose: what each does to the baseline's answer.

Three questions: does a larger k help (3, 5, 10, 20)? Does it matter where among the passages the
right one stands? And what is left when the passages are those of another question?
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from .. import retrieval
from ..answer import quoted
from ..evaluation import metrics
from ..evaluation.golden import Question, label_ranks, targets
from ..index import Index
from ..retrieval import Hit
from ..settings import Settings
from .record import StudyRow, about, stamped

DEPTHS = (3, 5, 10, 20)
PLACES = ("first", "middle", "last")
SWAPPED = "passages of another question"


def rows(questions: Sequence[Question], index: Index, settings: Settings) -> list[StudyRow]:
    """Rows of systems "top-3" to "top-20", "gold first" to "gold last" and SWAPPED."""
    made = stamped(settings)
    found = {q.id: _search(q, index, settings) for q in questions}
    graded = [
        *_by_depth(questions, found, index, settings),
        *_by_place(questions, found, index, settings),
        *_swapped(questions, found, index, settings),
    ]
    return [row | made for row in graded]


def placed(gold: Hit, others: Sequence[Hit], place: str) -> list[Hit]:
    """`others` with `gold` put first, in the middle or last."""
    at = {"first": 0, "middle": len(others) // 2, "last": len(others)}[place]
    return [*others[:at], gold, *others[at:]]


def _search(question: Question, index: Index, settings: Settings) -> list[Hit]:
    depth = max(DEPTHS)
    return retrieval.search(index, question.question, depth, settings.retriever, settings.roles)


def _by_depth(
    questions: Sequence[Question], found: dict[str, list[Hit]], index: Index, settings: Settings
) -> Iterator[dict[str, Any]]:
    for question in questions:
        ranks = label_ranks(targets(question, index), [hit.chunk_id for hit in found[question.id]])
        for k in DEPTHS:
            row = _graded(question, found[question.id][:k], index, settings)
            kept = [rank if rank and rank <= k else None for rank in ranks]
            recall = {f"recall@{k}": metrics.recall_at(kept, k)} if kept else {}
            row["grades"] = recall | row["grades"]
            yield row | {"system": f"top-{k}", "k": k, "label_ranks": kept}


def _by_place(
    questions: Sequence[Question], found: dict[str, list[Hit]], index: Index, settings: Settings
) -> Iterator[dict[str, Any]]:
    """Questions with one label only, the labelled passage among the k-1 best others."""
    for question in (q for q in questions if len(q.relevant) == 1 and q.facts):
        (carriers,) = targets(question, index)
        chunk = index.chunk(min(carriers))
        gold = Hit(chunk.source, chunk.chunk_id, 1.0, chunk.text, {}, chunk.heading)
        others = [hit for hit in found[question.id] if hit.chunk_id not in carriers]
        for place in PLACES:
            hits = placed(gold, others[: settings.k - 1], place)
            yield _graded(question, hits, index, settings) | {"system": f"gold {place}"}


def _swapped(
    questions: Sequence[Question], found: dict[str, list[Hit]], index: Index, settings: Settings
) -> Iterator[dict[str, Any]]:
    """Every question with facts gets what was found for the next one."""
    asked = [q for q in questions if q.facts]
    for question, other in zip(asked, [*asked[1:], *asked[:1]], strict=True):
        row = _graded(question, found[other.id][: settings.k], index, settings)
        yield row | {"system": SWAPPED, "passages_of": other.id}


def _graded(
    question: Question, hits: Sequence[Hit], index: Index, settings: Settings
) -> dict[str, Any]:
    result = quoted(question.question, hits, settings)
    relevant = frozenset[str]().union(*targets(question, index))
    grades = metrics.answer_grades(
        result.status, result.answer, result.citations, question.facts, relevant
    )
    words = sum(len(hit.text.split()) for hit in hits)
    return about(question) | {
        "grades": dict(grades),
        "status": result.status,
        "answer": result.answer,
        "citations": [asdict(citation) for citation in result.citations],
        "ranked": [(hit.source, hit.chunk_id) for hit in hits],
        "context_words": words,
    }
