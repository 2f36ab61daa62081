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


@dataclass(frozen=True)
class Point:
    """With this threshold: share of answerable dev questions answered right, of others refused."""

    threshold: float
    right_answers: float
    right_abstentions: float

    @property
    def balance(self) -> float:
        """Mean of the two rates, so that neither always answering nor always abstaining wins."""
        return (self.right_answers + self.right_abstentions) / 2


def threshold_curve(questions: Sequence[Question], index: Index, settings: Settings) -> list[Point]:
    """One point per threshold between two neighbouring scores of the dev questions, ascending."""
    always = replace(settings, answer_threshold=float("-inf"))
    scored = []
    for question in (q for q in questions if q.split == "dev"):
        hits = retrieval.search(
            index, question.question, settings.k, settings.retriever, settings.roles
        )
        result = quoted(question.question, hits, always)
        right = bool(question.facts) and metrics.has_facts(result.answer, question.facts)
        scored.append((result.detail["score"], bool(question.relevant), right))
    scores = sorted({score for score, _, _ in scored})
    middles = [round((low + high) / 2, 3) for low, high in itertools.pairwise(scores)]
    return [_point(threshold, scored) for threshold in dict.fromkeys(middles)]


def best_threshold(curve: Sequence[Point]) -> Point:
    """The point with the best balance; among equals the middle one, far from both edges."""
    top = max(point.balance for point in curve)
    best = [point for point in curve if point.balance == top]
    return best[len(best) // 2]


def _point(threshold: float, scored: Sequence[tuple[float, bool, bool]]) -> Point:
    answerable = [right and score >= threshold for score, known, right in scored if known]
    foreign = [score < threshold for score, known, _ in scored if not known]
    return Point(threshold, _share(answerable), _share(foreign))


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
