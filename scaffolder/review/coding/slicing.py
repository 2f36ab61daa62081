"""The mean of each slice beside the mean of all, for every system, metric and split.

Invariant: an item counts once, with the mean of its trials; a slice of a few items is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scaffolder.review.coding import named, registry
from scaffolder.review.golden import itemset
from scaffolder.review.results import intervals
from scaffolder.review.results.resultrows import Row, grade, grades
from scaffolder.review.view import RepoView

FEWEST = 5
"""Items of a slice from which its mean is told at all."""

MAX_SYSTEMS, MAX_METRICS = 20, 20

_SLICE = ("slice", "category", "type", "kind", "intent", "topic", "language", "difficulty")


@dataclass(frozen=True)
class Sliced:
    """One metric of one system on one split ("" for all): values of the items by slice."""

    system: str
    metric: str
    split: str
    slices: Mapping[str, tuple[float, ...]]
    first: Row

    @property
    def mean(self) -> float:
        return intervals.mean([v for values in self.slices.values() for v in values])

    @property
    def worst(self) -> str:
        return min(self.slices, key=lambda name: intervals.mean(self.slices[name]))

    @property
    def lowest(self) -> float:
        return intervals.mean(self.slices[self.worst])

    @property
    def told(self) -> str:
        """The worst slice with n and its 95 % interval, beside the mean."""
        values = self.slices[self.worst]
        low, high = intervals.bootstrap(values)
        return (
            f"{self.lowest:.2f} [{low:.2f}, {high:.2f}] (n = {len(values)}) beside {self.mean:.2f}"
        )


def sliced(view: RepoView) -> tuple[Sliced, ...]:
    """Everything that has two slices or more; the systems with most items first."""
    return view.once(_sliced)


def _sliced(view: RepoView) -> tuple[Sliced, ...]:
    systems: dict[str, list[Row]] = {}
    for row in registry.graded(view):
        systems.setdefault(row.system, []).append(row)
    largest = sorted(systems, key=lambda name: -len(systems[name]))[:MAX_SYSTEMS]
    return tuple(one for name in largest for one in _of_system(view, name, systems[name]))


def _of_system(view: RepoView, system: str, rows: list[Row]) -> Iterator[Sliced]:
    metrics = dict.fromkeys(g for r in rows[:500] for g in grades(r) if registry.is_metric(g))
    known = {i.id: i.slice for i in itemset.kept(view)}
    splits = [s for s in ("test", "") if any(r.text("split") == s or not s for r in rows)]
    for metric in list(metrics)[:MAX_METRICS]:
        for split in splits:
            part = [r for r in rows if not split or r.text("split") == split]
            found = {n: v for n, v in _means(part, metric, known).items() if n and len(v) >= FEWEST}
            if len(found) > 1:
                yield Sliced(system, metric, split, found, part[0])


def _means(rows: list[Row], metric: str, known: Mapping[str, str]) -> dict[str, tuple[float, ...]]:
    items: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        value = grade(row, metric)
        if value is not None:
            name = named.text(row.data, _SLICE) or known.get(row.id, "")
            items.setdefault((name, row.id), []).append(value)
    found: dict[str, list[float]] = {}
    for (name, _), values in items.items():
        found.setdefault(name, []).append(intervals.mean(values))
    return {name: tuple(values) for name, values in found.items()}
