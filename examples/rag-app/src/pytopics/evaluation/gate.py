"""Compares this run with the committed baseline on the same questions; a real fall fails the gate.

The file keeps every grade, not only the means, so a failure can name the questions that changed.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from .rows import Row

TOLERANCE = 0.02  # default: about one question of fifty; floating-point ties differ by machine

# Metrics of what a system did: without an abstention there is nothing to be precise about.
CONDITIONAL = ("abstention_precision", "citation_precision")
HINT = "write it with `eval --save-baseline` and commit it"

Grades = Mapping[str, Mapping[str, float]]  # question id -> metric -> grade


@dataclass(frozen=True)
class Fall:
    """A mean that fell by more than the tolerance, and the questions whose grade went down."""

    system: str
    metric: str
    before: float
    now: float
    questions: tuple[str, ...]

    def __str__(self) -> str:
        names = ", ".join(self.questions)
        return f"{self.system} {self.metric} {self.before:.3f} -> {self.now:.3f} ({names})"


@dataclass(frozen=True)
class Verdict:
    """What the gate compared: system -> number of questions in both runs."""

    falls: tuple[Fall, ...]
    compared: Mapping[str, int]
    tolerance: float


def save(path: Path, corpus: str, runs: Mapping[str, Sequence[Row]]) -> None:
    """Make `runs` the baseline; systems that were not run keep theirs if the corpus is the same."""
    old = _read(path) if path.exists() else {}
    kept = old.get("systems", {}) if old.get("corpus") == corpus else {}
    content = {
        "corpus": corpus,
        "tolerance": old.get("tolerance", TOLERANCE),
        "systems": kept | {system: _grades(rows) for system, rows in runs.items()},
    }
    path.write_text(_compact(content), encoding="utf-8")


def compare(path: Path, corpus: str, runs: Mapping[str, Sequence[Row]]) -> Verdict:
    """Means over the questions that both have, system by system and metric by metric.

    Raises ConfigError if there is no baseline, none that shares a question with this run, or one
    with a metric that is not measured any more (recall@5 after a change of k).
    """
    if not path.exists():
        raise ConfigError(f"no baseline at {path}", HINT)
    baseline = _read(path)
    falls: list[Fall] = []
    compared: dict[str, int] = {}
    for system, rows in runs.items():
        before, now = baseline["systems"].get(system, {}), _grades(rows)
        common = [question for question in now if question in before]
        if baseline["corpus"] != corpus or not common:
            continue
        compared[system] = len(common)
        falls += _falls(system, common, before, now, baseline["tolerance"])
    if not compared:
        raise ConfigError(
            f"{path} has no question of corpus {corpus!r} in common with this run", HINT
        )
    return Verdict(tuple(falls), compared, baseline["tolerance"])


def _falls(
    system: str, questions: Sequence[str], before: Grades, now: Grades, tolerance: float
) -> list[Fall]:
    falls = []
    for metric in dict.fromkeys(m for q in questions for m in before[q]):
        if metric not in CONDITIONAL and not any(metric in now[q] for q in questions):
            raise ConfigError(f"the baseline has {metric} of {system}, this run has not", HINT)
        values = [now[q][metric] for q in questions if metric in now[q]]
        old = _mean([before[q][metric] for q in questions if metric in before[q]])
        new = _mean(values) if values else old
        if old - new > tolerance:
            # An abstention that is new has no old grade; it counts as fallen if it is wrong.
            fallen = [q for q in questions if now[q].get(metric, 1.0) < before[q].get(metric, 1.0)]
            falls.append(Fall(system, metric, old, new, tuple(fallen)))
    return falls


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _grades(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    return {row.id: {m: round(grade, 6) for m, grade in row.grades.items()} for row in rows}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        tolerance = content["tolerance"]
        if not _is_amount(tolerance) or not isinstance(content["systems"], dict):
            raise TypeError("'systems' or 'tolerance' has the wrong type")
        for system, grades in content["systems"].items():
            if not _are_grades(grades):
                raise TypeError(f"{system!r} does not hold question, metric and grade")
        return {"corpus": content["corpus"], **content}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(
            f"{path} is not a baseline: {error}", "write it anew with `eval --save-baseline`"
        ) from error


def _are_grades(value: object) -> bool:
    """Whether it is question id -> metric -> grade."""
    return isinstance(value, dict) and all(
        isinstance(grades, dict) and all(map(_is_amount, grades.values()))
        for grades in value.values()
    )


def _is_amount(value: object) -> bool:
    """Whether it is a finite number of 0 or more; against nan no fall would ever be found."""
    return type(value) is not bool and isinstance(value, int | float) and 0 <= value < math.inf


def _compact(content: Mapping[str, Any]) -> str:
    """JSON with one question a line, so that a change of baseline reads well as a diff."""
    systems = []
    for system, grades in content["systems"].items():
        lines = ",\n".join(f"      {json.dumps(q)}: {json.dumps(g)}" for q, g in grades.items())
        systems.append(f"    {json.dumps(system)}: {{\n{lines}\n    }}")
    head = json.dumps({k: v for k, v in content.items() if k != "systems"}, indent=2)[:-2]
    return f'{head},\n  "systems": {{\n' + ",\n".join(systems) + "\n  }\n}\n"
