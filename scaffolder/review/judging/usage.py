"""Whether outputs are graded by a judge at all, and what an item about judges says where not.

Invariant: that no judge is used is believed only where something says who grades every metric.
"""

from scaffolder.review.answering import grading
from scaffolder.review.coding import registry
from scaffolder.review.judging import labels, verdicts
from scaffolder.review.model import Evidence, Reading, no, not_applicable, unknown
from scaffolder.review.view import RepoView

MODEL = "model"
_RUN = "Set a key, run the judge on the labels, and commit its verdicts."


def judged(view: RepoView) -> frozenset[str]:
    """The metrics, as plain letters, that a judge decides."""
    return frozenset(k for k, kind in registry.graders(view).items() if kind == registry.JUDGE)


def without_verdicts(view: RepoView) -> Reading:
    """The reading of an item about a judge where no verdict of one was found."""
    if judged(view) or labels.labels(view):
        reason = "No verdicts of a judge on labelled outputs were found."
        return unknown(reason, _RUN, *_places(view), waits_for=MODEL)
    if registry.graders(view):
        return not_applicable(
            "No metric is graded by a judge, so there is none to check.",
            "Where a judge decides a metric, say so in the list of metrics (grader: judge).",
        )
    found = grading.graders(view)
    return no("No judge with verdicts and no labels of people were found.", *found[:2])


def waits(reason: str, *evidence: Evidence) -> Reading:
    """What only the verdicts of a model could settle."""
    return unknown(reason, _RUN, *evidence, waits_for=MODEL)


def has_model(view: RepoView) -> bool:
    """Whether any verdict is a model's."""
    return any(map(verdicts.is_model, verdicts.judges(view).values()))


def _places(view: RepoView) -> tuple[Evidence, ...]:
    metrics = registry.metrics(view).values()
    listed = tuple(m.evidence for m in metrics if m.grader == registry.JUDGE)
    return (*labels.places(view, labels.labels(view), 2), *listed[:1])
