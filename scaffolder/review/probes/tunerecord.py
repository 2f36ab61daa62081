"""A tune that can be made again: its record, its seeds, and a small one in CI."""

import re
from collections.abc import Mapping

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.project.workflows import workflows
from scaffolder.review.tunework import attempts, told, tunes
from scaffolder.review.tunework.tunes import Tune
from scaffolder.review.view import RepoView

_WANTED: Mapping[str, re.Pattern[str]] = {
    "the base and its revision": re.compile(r"revision|base.*sha|commit|model_sha"),
    "seeds": re.compile(r"seed"),
    "versions of the libraries": re.compile(r"version|transformers|torch"),
    "the machine": re.compile(r"machine|hardware|gpu|device|cpu|cores"),
    "the time": re.compile(r"second|runtime|duration|hours|minutes"),
    "the tokens": re.compile(r"token"),
    "the data's hash": re.compile(r"data.*(?:sha|hash)|(?:sha|hash).*data|dataset_fingerprint"),
    "the adapter's hash": re.compile(r"adapter.*(?:sha|hash)|(?:sha|hash).*adapter|weights_sha"),
}
_SMOKE = re.compile(r"smoke|max[_-]steps|tiny|\btrain\w{0,4}\b|\btune\b|finetun", re.IGNORECASE)
_MODULE = re.compile(r"\bpython|\bmake\b|\buv\b|accelerate|\btune\b|axolotl", re.IGNORECASE)
_SEEDS = re.compile(r"\bseeds?\b", re.IGNORECASE)
_NUMBER = re.compile(r"0?\.\d|\d\s?%|points?")
ENOUGH = 6
"""Parts of a record without which a run cannot be made again; eight are asked for."""


def complete(view: RepoView) -> Reading:
    """A record of a run names all that goes into it and what it took."""
    found = tunes.tunes(view)
    if not found:
        return no("No record of a tune was found: a JSON file of a run with its seed and losses.")
    best = min(found, key=lambda tune: len(_missing(tune)))
    missing = _missing(best)
    if missing:
        reason = f"The record does not say {', nor '.join(missing)}."
        few = len(_WANTED) - len(missing) < ENOUGH
        return no(reason, best.evidence) if few else partial(reason, best.evidence)
    return yes("The record says what the run was made from and what it took.", best.evidence)


def small_in_ci(view: RepoView) -> Reading:
    """A workflow runs a few steps of training."""
    for workflow in workflows(view):
        for order in workflow.orders:
            if _SMOKE.search(order.text) and _MODULE.search(order.text):
                return yes("CI runs a small tune.", view.quote(workflow.path, order.line))
    return no("No workflow runs a small tune.")


def seeds_compared(view: RepoView) -> Reading:
    """A second seed was trained, and what it changed is told."""
    again = attempts.controls(view).get("another seed")
    if again and again.score is not None:
        return yes("A second seed was trained and scored.", *attempts.places(view, again))
    if line := told.first(view, _SEEDS, _NUMBER):
        return yes("What another seed changes is told.", line)
    return no("One seed: nothing says what another one changes.")


def _missing(tune: Tune) -> list[str]:
    return [name for name, words in _WANTED.items() if not tune.said(words)]
