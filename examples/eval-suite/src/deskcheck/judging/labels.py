"""Verdicts of people, which a judge is held against.

Invariant: examples for the judge come from the split train, its prompt is tuned on dev, and test is
for the one number that is published. A label keeps the text it is about: systems change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..jsonl import append_object, read_objects
from . import VERDICTS

SPLITS = ("train", "dev", "test")
_ROUND = ("dev", "test", "train", "test", "dev")  # one in five teaches, the others measure


@dataclass(frozen=True)
class Label:
    """One verdict of a person on one reply; `date` is ISO, `labeller` a name or initials."""

    id: str
    system: str
    metric: str
    message: str
    reply: str
    verdict: str
    critique: str
    labeller: str
    date: str
    split: str
    origin: str = "author"


def load_labels(path: Path, metric: str = "") -> list[Label]:
    """The labels of `metric`, or all; UsageError names the line that is none."""
    labels = [_label(path, number, row) for number, row in read_objects(path)]
    return [label for label in labels if metric in ("", label.metric)]


def append_label(path: Path, label: Label) -> None:
    """Add one label to the file."""
    append_object(path, asdict(label))


def next_split(labels: Sequence[Label], verdict: str, item: str) -> str:
    """Where a new label goes: to the others of its item, or dealt out so that both verdicts are in
    each split. A message that a judge was shown as an example is not unseen in another split.
    """
    if mates := [label.split for label in labels if label.id == item]:
        return mates[0]
    same = sum(label.verdict == verdict for label in labels)
    return _ROUND[same % len(_ROUND)]


def of_split(labels: Sequence[Label], split: str) -> list[Label]:
    """Those of one split."""
    return [label for label in labels if label.split == split]


def _label(path: Path, number: int, row: Mapping[str, Any]) -> Label:
    where = f"{path.name} line {number}"
    try:
        label = Label(**{name: str(value) for name, value in row.items()})
    except TypeError as error:
        raise UsageError(f"{where} is not a label: {error}", "evals/README.md shows one") from error
    if label.verdict not in VERDICTS:
        raise UsageError(f"{where}: verdict is {label.verdict!r}", "it is pass or fail")
    if label.split not in SPLITS:
        raise UsageError(f"{where}: split is {label.split!r}", f"one of {', '.join(SPLITS)}")
    return label
