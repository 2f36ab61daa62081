"""Rows of a study: JSON objects with the same names as those of `eval`.

Invariant: a figure is the mean of one grade over the rows of one system and split, so that anybody
can compute it again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..evaluation.golden import Question
from ..evaluation.rows import lines_of
from ..evaluation.stamp import stamp_of
from ..settings import Settings

StudyRow = Mapping[str, Any]


def stamped(settings: Settings) -> dict[str, str]:
    """The commit and tree that every row of a run carries."""
    stamp = stamp_of(settings)
    return {"commit": stamp.commit, "tree": stamp.tree}


def about(question: Question) -> dict[str, str]:
    """The fields that a row takes from its question."""
    return {
        "id": question.id,
        "corpus": question.corpus,
        "split": question.split,
        "slice": question.slice,
        "origin": question.origin,
    }


def write(path: Path, rows: Iterable[StudyRow]) -> None:
    """Replace `path` by one JSON object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def read(path: Path) -> list[StudyRow]:
    """The rows of a study; none where it was not made yet. Raises UsageError."""
    return [json.loads(line) for line in lines_of(path) if line] if path.exists() else []


def values(rows: Sequence[StudyRow], metric: str, **where: str) -> list[float]:
    """The grades called `metric` of the rows whose fields are as `where` says."""
    chosen = (row for row in rows if all(row.get(key) == value for key, value in where.items()))
    return [row["grades"][metric] for row in chosen if metric in row["grades"]]
