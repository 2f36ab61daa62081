"""A judge beside people: labels on items it has not seen, and how often it says what they say."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.answering.agreement import agreement
from scaffolder.review.judging import labels, rates, usage, verdicts
from scaffolder.review.judging.labels import DEV, TEST, Label
from scaffolder.review.judging.rates import Rates
from scaffolder.review.judging.verdicts import Verdict
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

EACH = 30
"""Labels of each kind in dev and test together (rubric, EVL-06)."""

HELD_OUT = 0.3
"""Part of the labels that the test has at least; 40 to 45 of 100 are usual."""

USABLE, TARGET = 0.8, 0.9
"""Both rates: below the first a judge decides nothing, from the second it may be believed."""

COVERED = 0.9
SOME = 10
"""Held-out labels of each kind below which a rate is a handful of cases."""


@dataclass(frozen=True)
class _Checked:
    """A judge of one metric on the labels of the test."""

    judge: str
    metric: str
    found: Sequence[tuple[Label, Verdict]]
    of: Rates
    model: bool

    @property
    def weaker(self) -> float:
        both = (self.of.tpr, self.of.tnr)
        return -1.0 if any(map(math.isnan, both)) else min(both)


def labelled(view: RepoView) -> Reading:
    """Thirty passes and thirty fails by a named person, dated, the test apart from the rest."""
    found = labels.labels(view)
    if not found:
        return _unlabelled(view)
    measured = [x for x in found if x.split in (DEV, TEST)]
    passes = sum(x.good for x in measured)
    fails, held = len(measured) - passes, len(labels.held(view, TEST))
    told = f"{passes} passes and {fails} fails in dev and test, {held} of them in the test."
    places = labels.places(view, measured or found)
    if not any(x.split for x in found):
        reason = f"{count(len(found), 'label is', 'labels are')} in no split, so none is unseen."
        return no(reason, *places)
    if min(passes, fails) < EACH:
        reason = f"{told} {EACH} of each are wanted."
        return partial(reason, *places) if min(passes, fails) >= SOME else no(reason, *places)
    anonymous = [x for x in measured if not (x.labeller and x.date)]
    if anonymous:
        reason = f"{told} {len(anonymous)} do not say who labelled, or when."
        return partial(reason, *labels.places(view, anonymous))
    twice = _in_two_splits(found)
    if twice:
        reason = f"{clean(twice[0].id, 40)} is labelled in {twice[0].split} and {twice[1].split}."
        return no(reason, *labels.places(view, twice))
    if held < HELD_OUT * len(found):
        return partial(f"{told} The test has under {HELD_OUT:.0%} of all labels.", *places)
    return yes(told, *places)


def checked(view: RepoView) -> Reading:
    """On the held-out labels a judge passes what people pass, and fails what they fail."""
    if not verdicts.judges(view):
        return usage.without_verdicts(view)
    found = _held_out(view)
    if not found:
        reason = "Verdicts of a judge are here, and none is on a label that was held out for it."
        return no(reason, *verdicts.places(view, verdicts.verdicts(view)))
    for one in found:
        if (wrong := _contradicted(view, one)) is not None:
            return wrong
    best = max(found, key=lambda c: (c.weaker >= USABLE, c.model, c.weaker))
    if best.weaker < USABLE and not any(c.model for c in found):
        reason = f"{_told(best)} Under {USABLE} a judge decides nothing, and no model was run."
        return usage.waits(reason, *_places(view, best))
    return _weighed(view, best)


def validated(view: RepoView) -> Reading:
    """Fact: a judge's agreement with people's labels is given; labels alone are partial."""
    found = [_rated(view, key, some) for key, some in verdicts.judges(view).items()]
    known = [c for c in found if c.of.n >= SOME]
    if known:
        best = max(known, key=lambda c: c.of.n)
        return yes(_told(best), *_places(view, best))
    both = agreement(view)
    if both is not None:
        same = sum(h == j for h, j in zip(both.human, both.judge, strict=True))
        reason = f"A person and the judge say the same of {same} of {len(both.human)} outputs."
        return (yes if len(both.human) >= SOME else partial)(reason, both.evidence)
    some = labels.labels(view)
    if some:
        reason = f"{count(len(some), 'label')} of people, and no judge beside them."
        return partial(reason, *labels.places(view, some))
    return no("No labels of people stand beside the verdicts of a judge.")


def _unlabelled(view: RepoView) -> Reading:
    if verdicts.judges(view) or usage.judged(view):
        reason = "A judge decides a metric, and no label of a person says whether it is right."
        return no(reason, *verdicts.places(view, verdicts.verdicts(view)))
    return usage.without_verdicts(view)


def _in_two_splits(found: Sequence[Label]) -> list[Label]:
    first: dict[tuple[str, str], Label] = {}
    for label in found:
        other = first.setdefault((label.id, label.metric), label)
        if other.split != label.split:
            return [other, label]
    return []


def _held_out(view: RepoView) -> list[_Checked]:
    every: Mapping[tuple[str, str], tuple[Verdict, ...]] = verdicts.judges(view)
    found = (_checked(key, verdicts.paired(view, v, TEST)) for key, v in every.items())
    return [c for c in found if c.found]


def _rated(view: RepoView, key: tuple[str, str], some: Sequence[Verdict]) -> _Checked:
    """As held out where there are such labels, else on all that the judge was not shown."""
    pairs = verdicts.paired(view, some, TEST) or [
        pair for split in (DEV, "") for pair in verdicts.paired(view, some, split)
    ]
    return _checked(key, pairs)


def _checked(key: tuple[str, str], pairs: Sequence[tuple[Label, Verdict]]) -> _Checked:
    of = rates.rates((x.good, v.good) for x, v in pairs)
    return _Checked(*key, pairs, of, verdicts.is_model([v for _, v in pairs]))


def _contradicted(view: RepoView, one: _Checked) -> Reading | None:
    """The row that repeats another label than the person gave; None where all fit."""
    for label, verdict in one.found:
        if verdict.stated is not None and verdict.stated != label.good:
            reason = (
                f"For {clean(label.id, 40)} the judge's row repeats another label than was given."
            )
            return no(reason, *verdicts.places(view, [verdict]), *labels.places(view, [label]))
    return None


def _weighed(view: RepoView, best: _Checked) -> Reading:
    told, places = _told(best), _places(view, best)
    of_all = [x for x in labels.held(view, TEST) if not x.metric or x.metric in ("", best.metric)]
    of_all = of_all if best.metric else labels.held(view, TEST)
    if best.weaker < 0:
        return partial(f"{told} Labels of one kind check half a judge.", *places)
    if best.of.n + best.of.ungraded < COVERED * len(of_all):
        reason = (
            f"{told} {len(of_all) - best.of.n - best.of.ungraded} held-out labels were left out."
        )
        return no(reason, *places)
    if best.of.ungraded > (1 - COVERED) * len(of_all):
        return no(f"{told} {best.of.ungraded} replies were no verdict.", *places)
    if best.weaker < USABLE:
        return no(f"{told} Under {USABLE} a judge decides nothing.", *places)
    if min(best.of.passes, best.of.fails) < SOME:
        return partial(f"{told} {SOME} held-out labels of each kind are wanted.", *places)
    short = "" if best.weaker >= TARGET else f" {TARGET} is the aim."
    return yes(f"{told}{short}", *places)


def _told(one: _Checked) -> str:
    metric = next((v.row.text("metric") for _, v in one.found), "") or one.metric
    of = f" of {clean(metric, 40)}" if metric else ""
    return f"{clean(one.judge, 40)}{of}: {one.of.told}, kappa {one.of.kappa:.2f}."


def _places(view: RepoView, one: _Checked) -> tuple[Evidence, ...]:
    first = labels.places(view, [x for x, _ in one.found], 2)
    return (*first, *verdicts.places(view, [v for _, v in one.found]))
