"""Is a claimed improvement a comparison of the same items, and worded as far as it carries?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.results import claims, intervals, resultrows
from scaffolder.review.results.claims import Claim
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FEWEST = 30
"""Items of a comparison below which flips are luck (rubric, EVL-11)."""

LEVEL = 0.05
_FIRST = ("before", "old", "a", "baseline", "control", "first")
_SECOND = ("after", "new", "b", "candidate", "treatment", "second")
_BOAST = re.compile(
    r"\b(?:improv\w*|better than|outperform\w*|beats?|wins?|gains?|clearly|significant\w*)\b", re.I
)
_MODEST = re.compile(
    r"no clear|not (?:clear|significant)|no (?:significant )?difference|within|noise|cannot"
    r"|too few|crosses|unclear|n\.s\.",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Comparison:
    """The two grades of each item under one metric."""

    path: str
    metric: str
    rows: Sequence[Row]
    differences: Sequence[float]


def compared(view: RepoView) -> Reading:
    """Both grades of each item are kept, or a claimed difference follows from the rows of both."""
    kept = max(_kept(view), key=lambda c: len(c.differences), default=None)
    claimed = [c for c in claims.ledger(view).claims if "difference" in c.metric.lower()]
    sound = [c for c in claimed if claims.agrees(c, claims.recompute(view, c))]
    if kept is None and not claimed:
        return no("No comparison was found that holds both grades of each item.")
    if claimed and len(sound) < len(claimed):
        wrong = next(c for c in claimed if c not in sound)
        said = f"{clean(wrong.text, 80)} does not follow from the rows of both."
        return no(said, wrong.evidence)
    n = max([len(kept.differences) if kept else 0, *(c.n or 0 for c in sound)])
    places = [c.evidence for c in sound[:2]]
    places += [view.quote(kept.path, kept.rows[0].line)] if kept else []
    told = _told(kept) if kept else f"{count(len(sound), 'claimed difference')} recomputed."
    if n < FEWEST:
        return partial(f"{told} {n} items are too few; {FEWEST} are asked for.", *places)
    return yes(told, *places)


def worded(view: RepoView) -> Reading:
    """No line of the README praises a difference whose interval holds zero."""
    path = view.readme
    unsure = [c for c in claims.ledger(view).claims if _is_unsure(c)]
    if path is None:
        return no("There is no README that says what came of a comparison.")
    for number, line in enumerate(view.lines(path), 1):
        for claim in unsure:
            if _shows(line, claim) and _BOAST.search(line) and not _MODEST.search(line):
                said = f"{clean(claim.text, 80)} has an interval that holds zero, and is praised."
                return no(said, view.quote(path, number))
    if not unsure:
        return yes("No difference that is shown has an interval that holds zero.")
    many = count(len(unsure), "difference")
    return yes(f"{many} with an interval that holds zero, and none is praised.", unsure[0].evidence)


def _kept(view: RepoView) -> Iterator[_Comparison]:
    for path in resultrows.result_files(view):
        by_metric: dict[str, list[tuple[Row, float]]] = {}
        for row in resultrows.rows(view, path):
            first, second = (_number(row, keys) for keys in (_FIRST, _SECOND))
            if row.id and first is not None and second is not None:
                by_metric.setdefault(row.text("metric"), []).append((row, second - first))
        for metric, found in by_metric.items():
            yield _Comparison(path, metric, [r for r, _ in found], [d for _, d in found])


def _told(kept: _Comparison) -> str:
    differences = kept.differences
    ups, downs = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    p = intervals.sign_test(differences)
    name = clean(kept.metric or "score", 30)
    verdict = "a clear difference" if p <= LEVEL else "no clear difference"
    return (
        f"{name} of {count(len(differences), 'item')}: {ups} better, {downs} worse, "
        f"p = {p:.3f}, {verdict}."
    )


def _number(row: Row, keys: Sequence[str]) -> float | None:
    values = (resultrows.number(row.data.get(key)) for key in keys)
    return next((value for value in values if value is not None), None)


def _is_unsure(claim: Claim) -> bool:
    low, high = claim.ci or (1.0, 1.0)
    return "difference" in claim.metric.lower() and low <= 0 <= high


def _shows(line: str, claim: Claim) -> bool:
    return any(f"{claim.value:+.{digits}f}" in line for digits in (2, 3))
