"""Rates that rest on a judge, corrected for what it gets wrong, with an interval."""

import re
from collections.abc import Sequence

from scaffolder.review.answering import told
from scaffolder.review.answering.told import Told
from scaffolder.review.judging import corrected, labels, rates, usage, verdicts
from scaffolder.review.judging.corrected import SystemRate
from scaffolder.review.judging.labels import TEST
from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.results import claims
from scaffolder.review.view import MAX_LINE, RepoView
from scaffolder.sanitise import clean

USABLE = 0.8
"""Both rates of a judge that may decide anything (rubric, EVL-06)."""

ROUNDED = 0.0005
"""By which a rate may be off beside what its digits leave open."""

_CORRECTED = re.compile(r"\bcorrected|\badjusted (?:pass |failure )?rate|rogan|\bdebiased", re.I)
_TPR = re.compile(r"true[ -]?positive|\btpr\b|sensitivity", re.IGNORECASE)
_TNR = re.compile(r"true[ -]?negative|\btnr\b|specificity", re.IGNORECASE)
_INTERVAL = re.compile(
    r"[\[(]\s?[01]?[.,]?\d{1,4}\s?%?\s?(?:,|to|-|\u2013|;|\.\.)\s?[01]?[.,]?\d{1,4}\s?%?\s?[\])]"
    r"|\u00b1\s?\d|\+/-\s?\d|\b95 ?%",
    re.IGNORECASE,
)


def reported(view: RepoView) -> Reading:
    """A corrected rate is told with its interval, and follows from labels and verdicts."""
    if not verdicts.judges(view):
        return usage.without_verdicts(view)
    every = list(corrected.system_rates(view))
    found = [one for one in every if min(one.of.tpr, one.of.tnr) >= USABLE]
    if not every:
        reason = "No held-out labels stand beside the verdicts, so no rate can be corrected."
        return no(reason, *verdicts.places(view, verdicts.verdicts(view)))
    if not found:
        return _unusable(view, every[0])
    given = told.told(view, _CORRECTED)
    if not given:
        return no(_untold(found[0]), *_places(view))
    right = [t for t in given if any(_is(t, one) for one in found)]
    if not right:
        reason = f"A corrected rate is told that the rows do not give. {_untold(found[0])}"
        return no(reason, given[0].evidence, *_places(view))
    if not any(_has_interval(view, t) for t in right):
        reason = "The corrected rate follows from the rows, and stands without an interval."
        return partial(reason, right[0].evidence, *_places(view))
    return yes(
        "The corrected rate follows from labels and verdicts.", right[0].evidence, *_places(view)
    )


def explained(view: RepoView) -> Reading:
    """Both rates of the judge are told beside the raw one, and are those of its verdicts."""
    if not verdicts.judges(view):
        return usage.without_verdicts(view)
    found = list(corrected.system_rates(view))
    if not found:
        reason = "No held-out labels stand beside the verdicts, so a judge has no rates."
        return no(reason, *verdicts.places(view, verdicts.verdicts(view)))
    ways = (("true-positive rate", _TPR, True), ("true-negative rate", _TNR, False))
    missing = [name for name, pattern, good in ways if not _is_told(view, pattern, found, good)]
    if missing:
        reason = (
            f"The judge's {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not told"
        )
        return partial(f"{reason} as its verdicts give it: {found[0].of.told}.", *_places(view))
    return yes(f"Both rates of the judge are told: {found[0].of.told}.", *_places(view))


def _is(given: Told, one: SystemRate) -> bool:
    value = one.corrected
    return value is not None and abs(given.value - value) <= given.half + ROUNDED


def _is_told(
    view: RepoView, name: re.Pattern[str], found: Sequence[SystemRate], good: bool
) -> bool:
    given = told.told(view, name)
    counts = {
        (one.of.pass_pass, one.of.passes) if good else (one.of.fail_fail, one.of.fails)
        for one in found
    }
    return any(t.is_rate(*c) for t in given for c in counts)


def _has_interval(view: RepoView, given: Told) -> bool:
    """Whether an interval stands on the line of a number, or in its claim."""
    place = given.evidence
    if any(c.evidence == place and c.ci for c in claims.ledger(view).claims):
        return True
    lines = view.lines(place.path)
    line = lines[place.line - 1] if place.line and place.line <= len(lines) else ""
    return _INTERVAL.search(line[:MAX_LINE]) is not None


def _unusable(view: RepoView, one: SystemRate) -> Reading:
    reason = f"{one.of.told}: under {USABLE} a judge corrects nothing."
    if not usage.has_model(view):
        return usage.waits(f"{reason} No model was run.", *_places(view))
    return no(reason, *_places(view))


def _untold(one: SystemRate) -> str:
    whose = f" of {clean(one.system, 40)}" if one.system else ""
    span = rates.corrected_interval(one.judged, one.of)
    within = f" [{span[0]:.2f}, {span[1]:.2f}]" if span else ""
    told = f"The judge passes {one.raw:.2f}{whose}; with {one.of.told} that is"
    return f"{told} {one.corrected or 0.0:.2f}{within} corrected."


def _places(view: RepoView) -> tuple[Evidence, ...]:
    first = labels.places(view, labels.held(view, TEST), 1)
    return (*first, *verdicts.places(view, verdicts.verdicts(view), 1))
