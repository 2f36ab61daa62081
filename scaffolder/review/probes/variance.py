"""Is one run taken for the truth, or is it known how far runs differ?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.results import claims, intervals, resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

TRIALS = 3
"""Runs of an item from which a spread can be told (rubric, EVL-10)."""

SHARE = 0.9
"""Share of a system's items that have to have been repeated."""

_TRIAL = ("trial", "repeat", "epoch", "attempt", "seed", "run", "sample")


def repeated(view: RepoView) -> Reading:
    """Rows of three runs and more of the same items by the same system, and what they differ by."""
    found = view.once(_trials)
    most = max(found.values(), key=_runs, default=None)
    if most is None:
        return no("No result rows with grades were found, so nothing was run twice.")
    row = next(iter(most.values()))[0]
    place = view.quote(row.path, row.line)
    runs, name = _runs(most), clean(row.system, 40)
    if runs < 2:
        return no("Every item was run once by each system: one run is one draw.", place)
    if runs < TRIALS:
        return partial(f"{name} was run {runs} times; {TRIALS} are asked for.", place)
    metric = next(iter(resultrows.grades(row)), "")
    means = _means(most, metric, runs)
    told = f"between {min(means):.3f} and {max(means):.3f}" if means else "not graded"
    said = (
        f"{name} was run {runs} times over {len(most)} items; the means of {clean(metric, 30)} lie"
    )
    return yes(f"{said} {told}.", place)


def reported(view: RepoView) -> Reading:
    """Repeats, or intervals on what is shown: yes; repeats that nothing is made of: partial."""
    if any(claim.ci for claim in claims.ledger(view).claims):
        claim = next(c for c in claims.ledger(view).claims if c.ci)
        return yes("The numbers that are shown have intervals.", claim.evidence)
    found = repeated(view)
    return partial(found.reason, *found.evidence) if found.answer != "no" else found


def _trials(view: RepoView) -> Mapping[tuple[str, str], Mapping[str, list[Row]]]:
    """Graded rows by file and system, then by item; a row without a trial is the first."""
    found: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path):
            if row.id and next(resultrows.grades(row), None):
                found[path, row.system][f"{row.id} {row.text('split')}"].append(row)
    return found


def _runs(items: Mapping[str, Sequence[Row]]) -> int:
    """How many runs nearly all items of a system have; rows without a trial's name are one run."""
    counts = sorted(len({_trial(row) for row in rows}) for rows in items.values())
    return counts[round((1 - SHARE) * (len(counts) - 1))] if counts else 0


def _trial(row: Row) -> str:
    return next((row.text(key) for key in _TRIAL if row.text(key)), "")


def _means(items: Mapping[str, Sequence[Row]], metric: str, runs: int) -> list[float]:
    by_run: dict[str, list[float]] = defaultdict(list)
    for rows in items.values():
        for row in rows:
            if (value := resultrows.grade(row, metric)) is not None:
                by_run[_trial(row)].append(value)
    return [intervals.mean(v) if len(v) > 1 else fmean(v) for v in by_run.values()][:runs]
