"""Rows of what was tried with a prompt: its versions, and variations of one version.

Invariant: a trial is one file of rows, its kind the folder or the words of its name; what is
compared are the items that two trials share.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.model import Evidence, quote
from scaffolder.review.results import intervals, resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

KINDS: Mapping[str, re.Pattern[str]] = {
    "ablation": re.compile(r"ablat|without[-_]|leave[-_]?one", re.IGNORECASE),
    "attacks": re.compile(r"attack|inject|jailbreak|hostile", re.IGNORECASE),
    "examples": re.compile(r"example|few[-_]?shot|shots?\b", re.IGNORECASE),
    "reasoning": re.compile(r"reason|effort|think|chain[-_]of|\bcot\b", re.IGNORECASE),
    "perturbed": re.compile(r"perturb|robust|typo|paraphras|noise", re.IGNORECASE),
    "versions": re.compile(
        r"(?:^|[/_\-])(?:dev|ladder|climb|versions?)(?:[/_\-.]|$)", re.IGNORECASE
    ),
}
"""Kinds of trials by the words of the paths of their rows; the first that fits."""

PREFERRED = ("fields", "exact", "exact_match", "correct", "accuracy", "passed", "f1", "score")
"""Grades by which trials are compared: the finer before the coarser."""

MAX_FILES = 200
_ENDS = (".jsonl", ".json", ".csv")
_NOT_DATA = re.compile(r"^(?:data|corpus|tests?|src|prompts?)/", re.IGNORECASE)
_VERSION = re.compile(r"@v?(\d{1,3})\b|(?:^|[_\-./ ])v(\d{1,3})(?:[_\-./ ]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Trial:
    """One file of graded rows by item."""

    path: str
    kind: str
    name: str
    system: str
    rows: Mapping[str, Row]

    @property
    def first(self) -> Row:
        return next(iter(self.rows.values()))

    @property
    def place(self) -> Evidence:
        """Where its first row stands."""
        return quote(self.first.path, self.first.line)

    @property
    def version(self) -> int | None:
        """The version of the prompt that its rows name, else its file does."""
        found = _VERSION.search(self.first.text("prompt")) or _VERSION.search(self.name)
        return int(found[1] or found[2]) if found else None


def trials(view: RepoView, kind: str) -> tuple[Trial, ...]:
    """The trials of a kind, in the order of their paths."""
    return view.once_for(_trials, kind)


def by_version(view: RepoView) -> Mapping[str, Mapping[int, Trial]]:
    """The versions that were measured on the same set, by system."""
    found: dict[str, dict[int, Trial]] = {}
    for trial in trials(view, "versions"):
        if trial.version is not None and _of_prompt(trial):
            found.setdefault(trial.system, {})[trial.version] = trial
    return {name: dict(sorted(each.items())) for name, each in found.items()}


def metric(first: Trial, second: Trial) -> str:
    """A grade that both have; "" without one."""
    both = set(resultrows.grades(first.first)) & set(resultrows.grades(second.first))
    return next((name for name in PREFERRED if name in both), min(both, default=""))


def differences(before: Trial, after: Trial) -> list[float]:
    """`after` minus `before` on the items of both."""
    name = metric(before, after)
    pairs = [
        (resultrows.grade(before.rows[k], name), resultrows.grade(after.rows[k], name))
        for k in before.rows
        if k in after.rows
    ]
    return [new - old for old, new in pairs if old is not None and new is not None]


def mean(trial: Trial, name: str) -> float | None:
    """The mean of a grade; None where no row has it."""
    values = [v for r in trial.rows.values() if (v := resultrows.grade(r, name)) is not None]
    return intervals.mean(values) if values else None


def said(values: Sequence[float]) -> str:
    """A mean difference with its interval."""
    low, high = intervals.bootstrap(values)
    return f"{intervals.mean(values):+.2f} [{low:+.2f}, {high:+.2f}]"


def _of_prompt(trial: Trial) -> bool:
    return bool(trial.first.text("prompt")) or trial.first.text("model") != ""


def _trials(view: RepoView, kind: str) -> tuple[Trial, ...]:
    paths = [p for p in view.files if p.endswith(_ENDS) and not _NOT_DATA.search(p)]
    named = [p for p in paths if _kind(p) == kind][:MAX_FILES]
    return tuple(trial for path in named if (trial := _trial(view, path, kind)))


def _kind(path: str) -> str:
    return next((kind for kind, words in KINDS.items() if words.search(path)), "")


def _trial(view: RepoView, path: str, kind: str) -> Trial | None:
    rows = [r for r in resultrows.rows(view, path) if r.id and any(resultrows.grades(r))]
    if not rows:
        return None
    by_item = {row.id: row for row in reversed(rows)}
    return Trial(path, kind, PurePosixPath(path).stem, rows[0].system, by_item)
