"""What judges pass of each system, beside their own rates on labels that they had not seen.

Invariant: every figure is computed from labels, verdicts and rows; what a README says of them is
only compared.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.coding import registry
from scaffolder.review.judging import rates, usage, verdicts
from scaffolder.review.judging.labels import DEV, TEST
from scaffolder.review.judging.rates import Rates
from scaffolder.review.judging.verdicts import Verdict
from scaffolder.review.results import intervals
from scaffolder.review.results.readmenumbers import Shown
from scaffolder.review.results.resultrows import Row, by_item, grades, plain
from scaffolder.review.view import RepoView

RESAMPLED = 0.03
"""How far a resampled bound may lie from ours: another seed, another bootstrap."""

_TOLD = {
    "tpr": re.compile(r"\bTPR\b|true[ -]?positive", re.IGNORECASE),
    "tnr": re.compile(r"\bTNR\b|true[ -]?negative", re.IGNORECASE),
    "kappa": re.compile(r"\bkappa\b", re.IGNORECASE),
    "passed": re.compile(r"\bjudged\b|\bcorrected\b", re.IGNORECASE),
}
"""The words by which a place says which figure of a judge it gives."""


@dataclass(frozen=True)
class SystemRate:
    """The share that a judge passes of one system's outputs, and its own two rates."""

    metric: str
    system: str
    judged: Sequence[float]
    of: Rates

    @property
    def raw(self) -> float:
        return intervals.mean(self.judged)

    @property
    def corrected(self) -> float | None:
        return rates.corrected(self.raw, self.of.tpr, self.of.tnr)


def follows(view: RepoView, number: Shown) -> bool:
    """Whether a number that is told of a judge is one of its rates, or a rate corrected by them."""
    named = [kind for kind, words in _TOLD.items() if words.search(number.context)]
    scale = 100 if number.share else 1
    half = (0.5 * 10.0**-number.digits + 1e-9) / scale
    known = view.once(_figures)
    if any(abs(number.value / scale - each) <= half for kind in named for each in known[kind]):
        return True
    near = known["bounds"] if "passed" in named and number.pairs else ()
    return any(abs(number.value / scale - each) <= half + RESAMPLED for each in near)


def system_rates(view: RepoView) -> Iterator[SystemRate]:
    """Each judge on labels that were held out, beside what it passes of each system."""
    for (_, metric), some in verdicts.judges(view).items():
        for splits in ((TEST,), (DEV, TEST)):
            pairs = [p for split in splits for p in verdicts.paired(view, some, split)]
            of = rates.rates((x.good, v.good) for x, v in pairs)
            if of.passes and of.fails:
                for system, judged in _judged(view, metric, some):
                    yield SystemRate(metric, system, judged, of)


def _judged(
    view: RepoView, metric: str, some: Sequence[Verdict]
) -> Iterator[tuple[str, list[float]]]:
    """Grades of a system, its trials of an item as one: of its test rows, of all; else verdicts."""
    systems: dict[str, list[Row]] = {}
    for row in registry.graded(view):
        if _name(row, metric, view):
            systems.setdefault(row.system, []).append(row)
    for system, rows in systems.items():
        for part in ([r for r in rows if r.text("split") == "test"], rows):
            name = _name(part[0], metric, view) if part else ""
            values = [value for _, value in by_item(part, name)]
            if values and all(0 <= v <= 1 for v in values):
                yield system, values
    plain_verdicts = [float(v.good) for v in some if v.good is not None]
    if not systems and plain_verdicts:
        yield "", plain_verdicts


def _name(row: Row, metric: str, view: RepoView) -> str:
    """The grade of a row that the judge decided; "" where it has none."""
    judged = usage.judged(view)
    held = [g for g in grades(row) if (plain(g) == metric if metric else plain(g) in judged)]
    return held[0] if held else ""


def _figures(view: RepoView) -> Mapping[str, set[float]]:
    """By what is told: both rates with their bounds, kappa, raw and corrected shares and bounds."""
    found: dict[str, set[float]] = {kind: set() for kind in (*_TOLD, "bounds")}
    for one in system_rates(view):
        of = one.of
        found["tpr"] |= {of.tpr, *intervals.wilson(of.pass_pass, of.passes)}
        found["tnr"] |= {of.tnr, *intervals.wilson(of.fail_fail, of.fails)}
        found["kappa"].add(of.kappa)
        found["passed"] |= {one.raw, *([one.corrected] if one.corrected is not None else [])}
        found["bounds"] |= set(rates.corrected_interval(one.judged, of) or ())
    return found
