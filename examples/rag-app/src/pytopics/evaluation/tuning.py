"""The baseline's abstention threshold is chosen here, on the dev split only."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .. import retrieval
from ..answer import quoted
from ..index import Index
from ..settings import Settings
from . import metrics
from .golden import Question

ENOUGH = 20  # with fewer questions one of them moves a rate by a twentieth and more
SHOWN = 10


@dataclass(frozen=True)
class Point:
    """With this threshold: share of answerable dev questions answered right, of others refused.

    `margin` is the distance from the threshold to the nearest score of a question.
    """

    threshold: float
    margin: float
    right_answers: float
    right_abstentions: float

    @property
    def balance(self) -> float:
        """Mean of the two rates, so that neither always answering nor always abstaining wins."""
        return (self.right_answers + self.right_abstentions) / 2


def threshold_curve(questions: Sequence[Question], index: Index, settings: Settings) -> list[Point]:
    """One point per threshold between two neighbouring scores of the dev questions, ascending.

    Questions that the corpus answers count if they have facts to check. Empty unless there are
    such questions and others, with scores that differ.
    """
    always = replace(settings, answer_threshold=float("-inf"))
    scored = []
    for question in judged(questions):
        hits = retrieval.search(
            index, question.question, settings.k, settings.retriever, settings.roles
        )
        result = quoted(question.question, hits, always)
        right = metrics.has_facts(result.answer, question.facts)
        scored.append((result.detail["score"], bool(question.relevant), right))
    if len({known for _, known, _ in scored}) < 2:
        return []
    scores = sorted({score for score, _, _ in scored})
    return [
        _point((low + high) / 2, (high - low) / 2, scored)
        for low, high in itertools.pairwise(scores)
    ]


def judged(questions: Sequence[Question]) -> list[Question]:
    """The dev questions whose answer can be told right from wrong."""
    return [q for q in questions if q.split == "dev" and (q.facts or not q.relevant)]


def around(best: Point, curve: Sequence[Point]) -> Sequence[Point]:
    """At most ten neighbouring points of the curve, with `best` in the middle where it can be."""
    start = max(0, min(curve.index(best) - SHOWN // 2, len(curve) - SHOWN))
    return curve[start : start + SHOWN]


def best_threshold(curve: Sequence[Point]) -> Point:
    """The point with the best balance; among equals the one with the widest margin."""
    return max(curve, key=lambda point: (point.balance, point.margin))


def _point(threshold: float, margin: float, scored: Sequence[tuple[float, bool, bool]]) -> Point:
    """`scored` holds the score, whether the corpus answers it, and whether the answer is right."""
    answerable = [right and score >= threshold for score, known, right in scored if known]
    foreign = [score < threshold for score, known, _ in scored if not known]
    return Point(round(threshold, 3), margin, _share(answerable), _share(foreign))


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
