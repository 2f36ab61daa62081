"""Two systems item by item: pairs of grades, and what a file says of them.

Invariant: what is said of the pairs is held against the pairs; the names of two fields say which is
the old one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scaffolder.review.coding import named, registry
from scaffolder.review.results import intervals, resultrows
from scaffolder.review.results.resultrows import Row, grade, number, plain
from scaffolder.review.view import RepoView

FEWEST = 10
"""Pairs below which a difference says nothing: five wins and no loss have p = 0.06."""

LEVEL = 0.05
ROUNDED = 0.006

_FILES = re.compile(r"compar|paired|mcnemar|versus|(?:^|[/_.-])(?:vs|ab|diff)(?=[/_.-])", re.I)
_FIELDS = (
    ("old", "new"),
    ("before", "after"),
    ("baseline", "candidate"),
    ("control", "treatment"),
    ("score_a", "score_b"),
    ("a", "b"),
    ("old_grade", "new_grade"),
    ("old_score", "new_score"),
)
_METRIC = ("metric", "summary", "grade", "name")
_BETTER = ("better", "wins", "improved", "fixed", "new_wins", "b_only", "gained")
_WORSE = ("worse", "losses", "regressed", "broken", "old_wins", "a_only", "lost")
_P = ("p_value", "p", "pvalue", "mcnemar_p", "p_mcnemar", "exact_p")
_DIFFERENCE = ("difference", "diff", "delta", "mean_difference")
_WORDS = ("words", "conclusion", "says", "result_in_words", "decision", "claim")
POWER = (
    *("smallest", "mde", "minimum_detectable_difference", "minimum_detectable", "detectable"),
    *("smallest_difference", "needed", "items_needed", "n_needed", "minimum_detectable_effect"),
)


_Pair = tuple[Row, float, float]
"""A row with its old and its new grade."""


@dataclass(frozen=True)
class Comparison:
    """One metric of two systems: (id, old, new) by row, and the rows that sum it up.

    Where the rows name a test split the pairs are those of it; `systems` are "" where nothing names
    them.
    """

    path: str
    metric: str
    rows: tuple[Row, ...]
    pairs: tuple[tuple[str, float, float], ...]
    summaries: tuple[Row, ...] = ()
    systems: tuple[str, str] = ("", "")

    @cached_property
    def differences(self) -> list[float]:
        return [new - old for _, old, new in self.pairs]

    @cached_property
    def p_value(self) -> float:
        return intervals.sign_test(self.differences)

    @cached_property
    def interval(self) -> tuple[float, float]:
        return intervals.bootstrap(self.differences)

    @property
    def better(self) -> int:
        return sum(d > 0 for d in self.differences)

    @property
    def worse(self) -> int:
        return sum(d < 0 for d in self.differences)

    @property
    def is_clear(self) -> bool:
        """Whether both the exact test and the interval speak against no difference."""
        low, high = self.interval
        return self.p_value <= LEVEL and (low > 0 or high < 0)

    @property
    def words(self) -> str:
        """What its file concludes; "" where it says nothing."""
        return next((w for s in self.summaries if (w := named.text(s.data, _WORDS))), "")


def comparisons(view: RepoView) -> tuple[Comparison, ...]:
    """Every comparison that has pairs, the largest first."""
    return view.once(_comparisons)


def fault(view: RepoView, one: Comparison) -> str:
    """How a comparison contradicts its pairs, or the rows of both systems; "" where it fits."""
    return next((said for row in one.summaries if (said := _misstated(one, row))), "") or (
        _misquoted(view, one)
    )


def _comparisons(view: RepoView) -> tuple[Comparison, ...]:
    paths = [*named.files(view, _FILES, named.ROW_ENDS), *resultrows.result_files(view)]
    found = [c for p in dict.fromkeys(paths) for c in _of_file(view, p)]
    return tuple(sorted(found, key=lambda c: -len(c.pairs)))


def _of_file(view: RepoView, path: str) -> Iterator[Comparison]:
    if not _FILES.search(path):
        return
    pairs: dict[str, list[_Pair]] = {}
    sums: dict[str, list[Row]] = {}
    for row in resultrows.rows(view, path):
        data = named.fields(row.data)
        metric, both = named.text(data, _METRIC), _both(data)
        if both and row.id and "summary" not in data:
            pairs.setdefault(metric, []).append((row, *both))
        else:
            sums.setdefault(metric, []).append(row)
    for metric, every in pairs.items():
        some = [p for p in every if p[0].text("split") == "test"] or every
        each = tuple((r.id, old, new) for r, old, new in some)
        rows = tuple(r for r, *_ in some)
        listed = tuple(sums.get(metric, ()))
        yield Comparison(path, metric, rows, each, listed, _systems(view, rows[0]))


def _systems(view: RepoView, row: Row) -> tuple[str, str]:
    """The old and the new system: as the row names them, else as its file does."""
    match row.data.get("systems"):
        case [str(old), str(new)]:
            return old, new
    stem = plain(row.path.rpartition("/")[2].rpartition(".")[0])
    known = list(view.once(_by_system))
    both = ((a, b) for a in known for b in known if a != b)
    fits = (p for p in both if stem in (plain("".join(p)), plain("vs".join(p))))
    return next(fits, ("", ""))


def _both(data: Mapping[str, Any]) -> tuple[float, float] | None:
    for old, new in _FIELDS:
        first, second = number(data.get(old)), number(data.get(new))
        if first is not None and second is not None:
            return first, second
    return None


def _misstated(one: Comparison, row: Row) -> str:
    """What a row that sums the pairs up gives wrongly."""
    data = named.fields(row.data)
    inner = next((v for v in data.values() if isinstance(v, dict)), {})
    said = {**data, **named.fields(inner)}
    mean = intervals.mean(one.differences)
    wanted = (
        (_BETTER, one.better, 0.5, "items that are better"),
        (_WORSE, one.worse, 0.5, "items that are worse"),
        (_P, one.p_value, ROUNDED, "p-value"),
        (_DIFFERENCE, mean, ROUNDED, "difference"),
    )
    for keys, value, off, name in wanted:
        found = next((v for k in keys if (v := number(said.get(k))) is not None), None)
        if found is not None and abs(found - value) > off:
            return f"its {name} is {found:.3g}, and its pairs give {value:.3g}"
    return ""


def _misquoted(view: RepoView, one: Comparison) -> str:
    """An item whose grades are not those of both systems' rows, where these are known."""
    rows = view.once(_by_system)
    old, new = (rows.get(name, {}) for name in one.systems)
    return _unlike(one, old, new)


def _unlike(one: Comparison, old: Mapping[str, list[Row]], new: Mapping[str, list[Row]]) -> str:
    for item, first, second in one.pairs:
        for said, rows in ((first, old.get(item, [])), (second, new.get(item, []))):
            values = [v for r in rows if (v := grade(r, one.metric)) is not None]
            if values and abs(intervals.mean(values) - said) > ROUNDED:
                held = intervals.mean(values)
                return f"for {item[:40]} it says {said:.3g}, and the system's rows {held:.3g}"
    return ""


def _by_system(view: RepoView) -> Mapping[str, Mapping[str, list[Row]]]:
    """The graded rows by system and item; comparisons are no system's."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in registry.graded(view):
        if not _FILES.search(row.path) and len(found) < 50:
            found.setdefault(row.system, {}).setdefault(row.id, []).append(row)
    return found
