"""The systems that a tune is compared with: base, prompt, few-shot, API model, rules, the tune.

Invariant: a system is known by the words of its name alone; where two names of a kind are there the
one with more rows stands for it.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

KINDS: Mapping[str, re.Pattern[str]] = {
    "tuned": re.compile(r"tun|lora|\bsft|adapter|\bft\b|trained", re.IGNORECASE),
    "few-shot": re.compile(r"few|[1-9]\d?[-_ ]?shot|\bicl\b", re.IGNORECASE),
    "API model": re.compile(
        r"\bapi\b|gpt|claude|gemini|haiku|sonnet|flash|mistral-(?:small|large)|hosted",
        re.IGNORECASE,
    ),
    "best prompt": re.compile(r"prompt|instruct", re.IGNORECASE),
    "zero-shot": re.compile(r"zero|^base$|base[-_ ]?model|untuned|\braw\b|vanilla", re.IGNORECASE),
    "without a model": re.compile(
        r"baseline|rules?|regex|pattern|heuristic|majority", re.IGNORECASE
    ),
}
"""Kinds of systems by the words of their names; the first that fits."""

PREFERRED = ("exact", "exact_match", "correct", "accuracy", "passed", "f1", "score")
"""Grades by which systems are compared: that of the whole answer before that of a part."""

_OUTSIDE = re.compile(r"outside|regress|out.?of.?domain|forget", re.IGNORECASE)
_ENDS = (".jsonl", ".json", ".csv")
MAX_FILES = 20
_NOT_OF_TEST = re.compile(r"curve|control|training|sanity|/dev", re.IGNORECASE)
_OTHER_SPLIT = re.compile(r"\b(?:dev|valid\w{0,7})\b", re.IGNORECASE)


@dataclass(frozen=True)
class System:
    """A system with its rows by item."""

    kind: str
    name: str
    rows: Mapping[str, Row]


def systems(view: RepoView) -> Mapping[str, System]:
    """The systems that were measured on the task, by kind."""
    return view.once(_systems)


def outside(view: RepoView) -> Mapping[str, System]:
    """The systems that were measured on something else than the task: base and tune."""
    return view.once(_outside)


def metric(first: System, second: System) -> str:
    """A grade that both have; "" without one."""
    both = _grades(first) & _grades(second)
    return next((name for name in PREFERRED if name in both), min(both, default=""))


def pairs(first: System, second: System, name: str) -> list[tuple[float, float]]:
    """The grades of the items that both have."""
    ids = [key for key in first.rows if key in second.rows]
    both = [
        (resultrows.grade(first.rows[k], name), resultrows.grade(second.rows[k], name)) for k in ids
    ]
    return [(old, new) for old, new in both if old is not None and new is not None]


def scores(system: System) -> list[float]:
    """The grades by which a system is compared."""
    name = metric(system, system)
    found = (resultrows.grade(row, name) for row in system.rows.values())
    return [value for value in found if value is not None]


def _systems(view: RepoView) -> Mapping[str, System]:
    paths = [p for p in resultrows.result_files(view) if not _OUTSIDE.search(p)]
    return _by_kind(view, [p for p in paths if not _NOT_OF_TEST.search(p)])


def _outside(view: RepoView) -> Mapping[str, System]:
    paths = [p for p in view.files if p.endswith(_ENDS) and _OUTSIDE.search(p)]
    return _by_kind(view, paths[:MAX_FILES], "base")


def _by_kind(view: RepoView, paths: list[str], base: str = "") -> Mapping[str, System]:
    found: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for path in paths:
        for row in resultrows.rows(view, path):
            kind = _kind(row.system) or ("zero-shot" if row.system == base else "")
            graded = next(resultrows.grades(row), None) is not None
            if kind and row.id and graded and not _OTHER_SPLIT.search(row.text("split")):
                found[kind, row.system].setdefault(row.id, row)
    listed = sorted(found.items(), key=lambda item: len(item[1]))
    return {kind: System(kind, name, rows) for (kind, name), rows in listed}


def _kind(name: str) -> str:
    return next((kind for kind, words in KINDS.items() if words.search(name[:100])), "")


def _grades(system: System) -> set[str]:
    row = next(iter(system.rows.values()), None)
    return set(resultrows.grades(row)) if row else set()
