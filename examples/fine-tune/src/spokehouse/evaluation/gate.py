"""Compares this run with the committed baseline on the same items; a real fall fails the gate.

The file keeps every grade, not only the means, so that a failing gate names what got worse.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from .statistics import compare as paired

TOLERANCE = 0.02  # about one item of fifty; raise it in the file where answers vary between runs
LEVEL = 0.05  # chance that a system that has not changed fails, where its answers vary
HINT = "write it with `eval --save-baseline` and commit it"

Grades = Mapping[str, Mapping[str, float]]  # metric -> item -> grade
Runs = Mapping[str, Grades]  # system -> its grades


@dataclass(frozen=True)
class Fall:
    """A mean that fell by more than the tolerance, and the items whose grade went down."""

    system: str
    metric: str
    before: float
    now: float
    items: tuple[str, ...]

    def __str__(self) -> str:
        names = ", ".join(self.items)
        return f"{self.system} {self.metric} {self.before:.3f} -> {self.now:.3f} ({names})"


@dataclass(frozen=True)
class Verdict:
    """What the gate compared: system -> number of items in both runs."""

    falls: tuple[Fall, ...]
    compared: Mapping[str, int]
    tolerance: float


def save(path: Path, runs: Runs) -> None:
    """Make the grades of `runs` the baseline; systems that were not run keep theirs."""
    old = read(path) if path.exists() else {}
    systems = old.get("systems", {}) | {name: _rounded(grades) for name, grades in runs.items()}
    content = {"tolerance": old.get("tolerance", TOLERANCE), "systems": systems}
    path.write_text(_compact(content), encoding="utf-8")


def compare(path: Path, runs: Runs, varying: frozenset[str] = frozenset()) -> Verdict:
    """Means over the items that both have, system by system and metric by metric.

    For a system that is `varying` a fall counts only if the paired comparison calls it clear, at a
    level shared by its metrics. Raises ConfigError if there is no baseline, none that shares an
    item with this run, or one with a metric or an item that this run has not.
    """
    if not path.exists():
        raise ConfigError(f"no baseline at {path}", HINT)
    baseline = read(path)
    falls: list[Fall] = []
    compared: dict[str, int] = {}
    for system, now in runs.items():
        before = baseline["systems"].get(system, {})
        for metric in before:
            common = [item for item in before[metric] if item in now.get(metric, {})]
            if common:
                compared[system] = max(compared.get(system, 0), len(common))
                grades = [(before[metric][i], now[metric][i]) for i in common]
                if system not in varying or _is_clear(grades, LEVEL / len(before)):
                    falls += _falls(system, metric, common, before, now, baseline["tolerance"])
    if not compared:
        raise ConfigError(f"{path.name} has no item in common with this run", HINT)
    _refuse_missing(path, baseline["systems"], runs)
    return Verdict(tuple(falls), compared, baseline["tolerance"])


def _is_clear(grades: Sequence[tuple[float, float]], level: float) -> bool:
    """Whether grades fell by more than answers that vary by themselves would explain."""
    found = paired([old for old, _ in grades], [new for _, new in grades])
    return found.high < 0 and found.p_value <= level


def _falls(
    system: str,
    metric: str,
    items: Sequence[str],
    before: Grades,
    now: Grades,
    tolerance: float,
) -> list[Fall]:
    old = sum(before[metric][item] for item in items) / len(items)
    new = sum(now[metric][item] for item in items) / len(items)
    if old - new <= tolerance:
        return []
    fallen = [item for item in items if now[metric][item] < before[metric][item]]
    return [Fall(system, metric, old, new, tuple(fallen))]


def _refuse_missing(path: Path, systems: Runs, runs: Runs) -> None:
    """What is not measured any more cannot fall, so its absence is not passed over."""
    for system in runs:
        for metric, grades in systems.get(system, {}).items():
            now = runs[system].get(metric, {})
            if gone := [item for item in grades if item not in now]:
                raise ConfigError(
                    f"{system} has no {metric} for {len(gone)} of the {len(grades)} items of "
                    f"{path.name}, such as {gone[0]}",
                    "if that is meant, write it anew with `eval --save-baseline`",
                )


def _rounded(grades: Grades) -> dict[str, dict[str, float]]:
    return {
        metric: {item: round(grade, 6) for item, grade in items.items()}
        for metric, items in grades.items()
    }


def read(path: Path) -> dict[str, Any]:
    """What `save` wrote: tolerance, and grades by system, metric and item. Raises ConfigError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        for system, metrics in content["systems"].items():
            if not all(map(_is_amount, (g for each in metrics.values() for g in each.values()))):
                raise TypeError(f"{system!r} does not hold metric, item and grade")
        if not _is_amount(content["tolerance"]):
            raise TypeError("'tolerance' is no amount")
        return dict(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(
            f"{path} is not a baseline: {error}", "write it anew with `eval --save-baseline`"
        ) from error


def _is_amount(value: object) -> bool:
    """A finite number of 0 or more; against nan no fall would ever be found."""
    return type(value) is not bool and isinstance(value, int | float) and 0 <= value < math.inf


def _compact(content: Mapping[str, Any]) -> str:
    """JSON with one metric a line, so that a change of baseline reads well as a diff."""
    systems = []
    for system, metrics in content["systems"].items():
        lines = ",\n".join(f"      {json.dumps(m)}: {json.dumps(g)}" for m, g in metrics.items())
        systems.append(f"    {json.dumps(system)}: {{\n{lines}\n    }}")
    head = f'{{\n  "tolerance": {json.dumps(content["tolerance"])}'
    return f'{head},\n  "systems": {{\n' + ",\n".join(systems) + "\n  }\n}\n"
