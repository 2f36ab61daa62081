"""The same item answered several times by one system, and how much its grades move.

Invariant: a trial is what a row or the file of its run says it is; an item passes in a trial where
its grade is 1.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.coding import named, registry
from scaffolder.review.results import intervals
from scaffolder.review.results.resultrows import Row, grade, grades
from scaffolder.review.view import RepoView

FEWEST_TRIALS, FEWEST_ITEMS = 3, 10
COVERED = 0.9
"""Part of a system's items that must have every trial."""

MAX_TRIALS = 100
_TRIAL = ("trial", "repeat", "attempt", "epoch", "run", "run_id", "seed", "sample", "sample_index")
_RUN_FILE = re.compile(r"(?:run|trial|seed|repeat|attempt)s?[-_/]?\d{1,4}", re.IGNORECASE)


@dataclass(frozen=True)
class Repeated:
    """One system's rows by item and trial; `items` of `every` have at least three trials."""

    system: str
    rows: Mapping[str, Mapping[str, Row]]
    every: int

    @property
    def items(self) -> int:
        return len(self.rows)

    @property
    def trials(self) -> int:
        """Trials that each of these items has."""
        return min((len(t) for t in self.rows.values()), default=0)


def repeated(view: RepoView) -> tuple[Repeated, ...]:
    """The systems of whose items some were answered at least three times, most items first."""
    return view.once(_repeated)


def passed(some: Repeated, metric: str, split: str = "") -> list[tuple[int, int]]:
    """(passes, trials) of each item that has the grade in every trial."""
    found = []
    for trials in some.rows.values():
        rows = [r for r in trials.values() if not split or r.text("split") == split]
        values = [v for r in rows if (v := grade(r, metric)) is not None]
        if values and len(values) == len(trials):
            found.append((sum(v == 1 for v in values), len(values)))
    return found


def all_of(counts: Sequence[tuple[int, int]], k: int) -> float:
    """pass^k: the mean of C(c, k) / C(n, k); Yao et al. (2024), arXiv 2406.12045."""
    return intervals.mean([math.comb(c, k) / math.comb(n, k) for c, n in counts])


def any_of(counts: Sequence[tuple[int, int]], k: int) -> float:
    """pass@k: the mean of 1 - C(n-c, k) / C(n, k); Chen et al. (2021), arXiv 2107.03374."""
    return intervals.mean([1 - math.comb(n - c, k) / math.comb(n, k) for c, n in counts])


def means(some: Repeated, metric: str, split: str = "") -> list[float]:
    """The mean of each trial over the items."""
    by_trial: dict[int, list[float]] = {}
    for trials in some.rows.values():
        for at, row in enumerate(trials.values()):
            if (not split or row.text("split") == split) and (v := grade(row, metric)) is not None:
                by_trial.setdefault(at, []).append(v)
    return [intervals.mean(v) for v in by_trial.values()]


def spread(values: Sequence[float]) -> float:
    """Standard deviation of at least two means (n - 1)."""
    middle = intervals.mean(values)
    return math.sqrt(math.fsum((v - middle) ** 2 for v in values) / (len(values) - 1))


def metrics(some: Repeated) -> list[str]:
    """The metrics that the first of the rows holds."""
    first = next(iter(next(iter(some.rows.values())).values()))
    return [m for m in grades(first) if registry.is_metric(m)]


def _repeated(view: RepoView) -> tuple[Repeated, ...]:
    systems: dict[str, dict[str, dict[str, Row]]] = {}
    for row in registry.graded(view):
        trials = systems.setdefault(row.system, {}).setdefault(row.id, {})
        if len(trials) < MAX_TRIALS:
            trials.setdefault(_trial(row), row)
    found = list(_enough(systems))
    return tuple(sorted(found, key=lambda some: -some.items))


def _enough(systems: Mapping[str, Mapping[str, Mapping[str, Row]]]) -> Iterator[Repeated]:
    for system, items in systems.items():
        often = {item: t for item, t in items.items() if len(t) >= FEWEST_TRIALS}
        if often:
            yield Repeated(system, often, len(items))


def _trial(row: Row) -> str:
    """Which run a row is of: its own field, else the number in the name of its file."""
    said = named.text(row.data, _TRIAL)
    match = _RUN_FILE.search(row.path)
    return said or (match[0] if match else "")
