"""Before and after: what another setting did to a system, on the same questions.

Invariant: the rows of the last other setting are in `before/`, which no table and no claim reads.
Only dev questions are compared where there are any: a change is chosen on them.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .metrics import DEPTH
from .rows import Row, read
from .run import ANSWERING
from .statistics import compare

FOLDER = "before"


@dataclass(frozen=True)
class Change:
    """Now minus before with a 95 % interval; `setting` is what the system was set to before."""

    system: str
    setting: str
    metric: str
    split: str
    difference: float
    low: float
    high: float
    n: int
    better: tuple[str, ...]
    worse: tuple[str, ...]
    fallen_slices: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.system} since {self.setting}: {self.metric} {self.difference:+z.2f} "
            f"[{self.low:+z.2f}, {self.high:+z.2f}], n = {self.n} ({self.split}); "
            f"better on {_listed(self.better)}; worse on {_listed(self.worse)}; "
            f"slices that fell: {_listed(self.fallen_slices)}."
        )


def keep(path: Path, rows: Sequence[Row]) -> Change | None:
    """Call it before `rows` replace the file `path`: keeps rows of another setting in `before/`.

    None if `path` has no such rows of the same questions, or none with the grade to compare.
    """
    old = _old_rows(path)
    asked = {(row.id, row.question) for row in rows}
    common = [row for row in old if (row.id, row.question) in asked]
    if not common or {row.setting for row in old} == {row.setting for row in rows}:
        return None
    (path.parent / FOLDER).mkdir(exist_ok=True)
    shutil.copyfile(path, path.parent / FOLDER / path.name)
    return change(common, rows)


def change(before: Sequence[Row], now: Sequence[Row]) -> Change | None:
    """`now` minus `before` on fact accuracy for answers, nDCG for retrievers; None without pairs.

    Both are rows of one system.
    """
    system = now[0].system
    metric = "fact_accuracy" if system in ANSWERING else f"ndcg@{DEPTH}"
    old = {row.id: row.grades[metric] for row in before if metric in row.grades}
    graded = [row for row in now if metric in row.grades and row.id in old]
    pairs = [row for row in graded if row.split == "dev"] or graded
    if not pairs:
        return None
    found = compare([old[row.id] for row in pairs], [row.grades[metric] for row in pairs])
    moved = {row.id: row.grades[metric] - old[row.id] for row in pairs}
    return Change(
        system=system,
        setting=before[0].setting,
        metric=metric,
        split=pairs[0].split,
        difference=found.difference,
        low=found.low,
        high=found.high,
        n=len(pairs),
        better=tuple(name for name, by in moved.items() if by > 0),
        worse=tuple(name for name, by in moved.items() if by < 0),
        fallen_slices=_fallen(pairs, moved),
    )


def _old_rows(path: Path) -> list[Row]:
    try:
        return read(path) if path.exists() else []
    except UsageError:
        return []  # a file that cannot be read is about to be written anew: that mends it


def _fallen(rows: Sequence[Row], moved: Mapping[str, float]) -> tuple[str, ...]:
    sums: dict[str, float] = {}
    for row in rows:
        sums[row.slice] = sums.get(row.slice, 0.0) + moved[row.id]
    return tuple(name for name, by in sums.items() if by < -1e-9)


def _listed(names: Sequence[str]) -> str:
    return " ".join(names) or "none"
