"""The climb: every version on dev, one step after the other, and which of them wins.

Invariant: the winner is chosen on dev alone, and a version is one change away from the one before,
so that a difference between two rungs has one cause.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..evaluation.rows import Row, by_item
from ..evaluation.run import Trial
from ..evaluation.scoring import DECIDING, EXACT
from ..evaluation.statistics import Paired, compare
from ..items import Item
from ..versions import Version


@dataclass(frozen=True)
class Rung:
    """A version with its rows; `step` is the paired difference to the version before it."""

    version: Version
    rows: Sequence[Row]
    step: Paired | None
    aimed: str


def trials(versions: Sequence[Version], items: Sequence[Item]) -> list[Trial]:
    """One trial a version, on dev."""
    return [Trial(version.short, "dev", version, "dev", items) for version in versions]


def on_test(version: Version, items: Sequence[Item]) -> Trial:
    """The one look at the test set."""
    return Trial("", "results", version, "test", items)


def rungs(versions: Sequence[Version], runs: Mapping[str, Sequence[Row]]) -> list[Rung]:
    """The versions that were measured, each against the one before; `runs` by short name."""
    found: list[Rung] = []
    for version in versions:
        rows = runs.get(version.short)
        if not rows:
            continue
        before = found[-1].rows if found else None
        step = paired(before, rows) if before else None
        found.append(Rung(version, rows, step, aimed(version, before, rows)))
    return found


def paired(before: Sequence[Row], after: Sequence[Row], metric: str = DECIDING) -> Paired:
    """`after` minus `before` on the messages that both have."""
    first, second = by_item(before, metric), by_item(after, metric)
    common = [name for name in first if name in second]
    return compare([first[name] for name in common], [second[name] for name in common])


def aimed(version: Version, before: Sequence[Row] | None, after: Sequence[Row]) -> str:
    """The failures that the change was for, before and after it, as in "9 -> 4 of 10"."""
    if before is None or not version.aims:
        return ""
    old, new = failures(version.aims, before), failures(version.aims, after)
    return f"{len(old)} -> {len(new)} of {_size(version.aims, after)}"


def failures(group: str, rows: Sequence[Row]) -> list[str]:
    """Messages of a group, "slice.field" or "*.field", where that field is wrong."""
    name, _, field = group.partition(".")
    field = field or EXACT
    return [r.id for r in rows if name in ("*", r.slice) and r.grades.get(field, 0) < 1]


def _size(group: str, rows: Sequence[Row]) -> int:
    name = group.partition(".")[0]
    return sum(name in ("*", row.slice) for row in rows)


def winner(found: Sequence[Rung]) -> Rung:
    """The version with most fields right on dev; of equal ones the older, which is simpler."""
    return max(found, key=lambda rung: sum(by_item(rung.rows, DECIDING).values()))
