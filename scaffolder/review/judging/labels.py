"""Labels of people: what somebody said of an output, for a judge to be held against.

Invariant: a label is a yes or no that a person gave; which split it is in is what its row says, and
labels of the template count only where there are no others.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.review.answering.agreement import HUMAN, yes_or_no
from scaffolder.review.coding import named
from scaffolder.review.model import Evidence
from scaffolder.review.ownwork import SAMPLE_ORIGIN
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

TRAIN, DEV, TEST = "train", "dev", "test"

_FILES = re.compile(
    r"label|annotat|human|expert|calibrat|agreement|judg|(?:^|/)gold[^/]{0,30}$", re.IGNORECASE
)
_NAMED = re.compile(r"label|annotat|human|expert", re.IGNORECASE)
_METRIC = ("metric", "criterion", "check", "dimension", "question_asked")
_WHO = (
    *("labeller", "labeler", "annotator", "rater", "reviewer", "labelled_by", "labeled_by"),
    *("annotated_by", "expert", "author", "coder", "human_name"),
)
_WHEN = ("date", "labelled_on", "labelled_at", "labeled_at", "annotated_at", "timestamp", "when")
_WHY = ("critique", "reason", "comment", "note", "notes", "explanation", "rationale", "why")
_SAID = ("verdict", "label", "pass", "passed", "pass_fail", "judgement", "judgment", "grade")
_SPLIT = ("label_split", "split", "judge_split", "set", "partition", "fold")
_SPLITS = {
    TRAIN: re.compile(r"train|example|few.?shot|shown|prompt", re.IGNORECASE),
    DEV: re.compile(r"dev|valid|tun|improv", re.IGNORECASE),
    TEST: re.compile(r"test|held|hold|unseen|final|eval", re.IGNORECASE),
}


@dataclass(frozen=True)
class Label:
    """A person's verdict; `good` is True for a pass, `split` train, dev, test or ""."""

    row: Row
    id: str
    system: str
    metric: str
    good: bool
    split: str
    labeller: str
    date: str
    critique: str


def labels(view: RepoView) -> tuple[Label, ...]:
    """Every label in the order of the files, the last one of an output; the author's if any."""
    return view.once(_labels)


def held(view: RepoView, split: str) -> list[Label]:
    """The labels of one split."""
    return [x for x in labels(view) if x.split == split]


def metric_of(data: Mapping[str, Any]) -> str:
    """The metric that a row speaks of, as plain letters; "" where it names none."""
    return resultrows.plain(named.text(data, _METRIC))


def places(view: RepoView, some: Sequence[Label], most: int = 3) -> tuple[Evidence, ...]:
    """Where the first of some labels stand."""
    return tuple(view.quote(x.row.path, x.row.line) for x in some[:most])


def _labels(view: RepoView) -> tuple[Label, ...]:
    found = [x for row in _rows(view) for x in _label(row)]
    own = [x for x in found if x.row.text("origin") != SAMPLE_ORIGIN] or found
    last = {(x.id, x.system, x.metric, x.split, x.row.text("output")): x for x in own}
    return tuple(last.values())


def _rows(view: RepoView) -> Iterator[Row]:
    """Rows of files that are named for labels first: those of a judge repeat them."""
    paths = named.files(view, _FILES, named.ROW_ENDS)
    paths.sort(key=lambda path: (resultrows.is_earlier(path), not _NAMED.search(path)))
    surely = [p for p in paths if _NAMED.search(p)]
    for path in surely or paths:
        yield from resultrows.rows(view, path)


def _label(row: Row) -> Iterator[Label]:
    data = named.fields(row.data)
    good = _said(row, data)
    if good is None:
        return
    split = named.text(data, _SPLIT)
    yield Label(
        row,
        row.id or f"{row.path}:{row.line}",
        row.text("system"),
        metric_of(data),
        good,
        next((name for name, p in _SPLITS.items() if split and p.search(split[:40])), ""),
        named.text(data, _WHO),
        named.text(data, _WHEN),
        named.text(data, _WHY),
    )


def _said(row: Row, data: Mapping[str, Any]) -> bool | None:
    """What a person said: in a field that says so, else beside the name of who said it."""
    for key, value in data.items():
        if HUMAN.fullmatch(key) and (good := yes_or_no(value)) is not None:
            return good
    if not (named.text(data, _WHO) or _NAMED.search(row.path)) or data.get("judge"):
        return None
    found = (yes_or_no(data.get(key)) for key in _SAID)
    return next((good for good in found if good is not None), None)
