"""Are rates that a judge reports corrected for how often the judge is wrong?"""

import re

from scaffolder.review.coding import registry
from scaffolder.review.judging import labels, rates, usage, verdicts
from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.probes.judges import USABLE
from scaffolder.review.results import resultrows
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

NEAR = 0.02
"""How far a shown rate may lie from ours: two decimals, and who counts as ungraded."""

_CORRECTED = re.compile(r"correct(?:ed)? for|corrected|adjusted for|bias.?corrected", re.IGNORECASE)
_RATE = re.compile(r"(?<![\d.])(?:0?\.\d{1,4}|1\.0{1,4}|\d{1,3}(?:\.\d)? ?%)")
_SPAN = re.compile(r"\[\s?-?\d|\bto \d|±|\d\s?[\u2013-]\s?\d")


def shown(view: RepoView) -> Reading:
    """A line with the corrected rate and an interval that follow from labels, verdicts and rows."""
    judges = verdicts.judges(view)
    if not judges:
        return usage.without_verdicts(view)
    wanted = {}
    for (judge, metric), some in judges.items():
        of = rates.rates((x.good, v.good) for x, v in verdicts.paired(view, some, labels.TEST))
        if of.passes and of.fails and min(of.tpr, of.tnr) >= USABLE:
            wanted[judge, metric] = of
    places = verdicts.places(view, verdicts.verdicts(view))
    if not wanted:
        if not usage.has_model(view):
            return usage.waits(
                "No judge is good enough to correct a rate by, and no model was run."
            )
        return no("No judge is good enough on the test labels to correct a rate by.", *places)
    lines = _lines(view)
    if not lines:
        reason = (
            "Rates of a judge are shown as they came: nothing says corrected, with an interval."
        )
        return partial(reason, *places)
    for (_, metric), of in wanted.items():
        for raw in _raw(view, metric):
            value = rates.corrected(raw, of.tpr, of.tnr)
            for path, number, found in lines:
                if value is not None and any(abs(value - each) <= NEAR for each in found):
                    said = f"{raw:.2f} as judged is {value:.2f} corrected, and is shown so."
                    return yes(said, view.quote(path, number), *places[:1])
    path, number, _ = lines[0]
    reason = "The corrected rate that is shown does not follow from labels, verdicts and rows."
    return no(reason, view.quote(path, number), *places[:1])


def _lines(view: RepoView) -> list[tuple[str, int, list[float]]]:
    """Lines of documents that speak of a corrected rate and hold figures and an interval."""
    found = []
    for path in view.find("*.md"):
        for number, line in enumerate(view.lines(path), 1):
            if _CORRECTED.search(line) and _SPAN.search(line) and (values := _values(line)):
                found.append((path, number, values))
    return found


def _values(line: str) -> list[float]:
    words = [m.group() for m in _RATE.finditer(line[:2000])]
    return [float(w.rstrip("% ")) / (100 if "%" in w else 1) for w in words]


def _raw(view: RepoView, metric: str) -> list[float]:
    """The share that the judge passed, of each file, system and split of rows with the metric."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    for row in registry.graded(view):
        for name in resultrows.grades(row):
            if not metric or resultrows.plain(name) == resultrows.plain(clean(metric, 80)):
                value = resultrows.grade(row, name)
                if value is not None:
                    for split in ("", row.text("split")):
                        groups.setdefault((row.path, row.system, split), []).append(value)
    return [sum(values) / len(values) for values in groups.values()]
