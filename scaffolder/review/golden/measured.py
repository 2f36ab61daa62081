"""The result rows that count: those on the questions that the author asks.

Invariant: where a template is recorded, no row on one of its sample questions is counted.
"""

import json
import re
from collections.abc import Mapping, Sequence

from scaffolder.review import ownwork, templatelock
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row, grade, grades, plain
from scaffolder.review.view import RepoView

MAX_ROWS = 100_000
"""Rows of all result files together that are looked at."""

FEWEST = 10
"""Shared questions below which a difference says nothing: five wins and no loss have p = 0.06."""

QUALITY = re.compile(
    r"ndcg|mrr|recall|hit|map|precision|accura|f1|correct|score|faith|relevan|match|ground",
    re.IGNORECASE,
)
"""Metrics by which settings are compared; in this order where there are several."""

_ORDER = QUALITY.pattern.split("|")

Item = tuple[str, str]
"""A question's id and its split."""


def measured(view: RepoView) -> tuple[Row, ...]:
    """Every row of today's result files on the author's questions; all where none is a sample."""
    return view.once(_measured)


def shared_metric(groups: Sequence[Sequence[Row]]) -> str | None:
    """The most telling metric of quality that every group of rows holds."""
    held = [{g for row in rows[:500] for g in grades(row)} for rows in groups]
    shared = set.intersection(*held) if held else set()
    found = [m for m in sorted(shared) if QUALITY.search(m)]
    return min(found, key=_place, default=None)


def values(rows: Sequence[Row], metric: str) -> Mapping[Item, float]:
    """The metric of each item, from its ranks where the row holds them; the first row counts."""
    found: dict[Item, float] = {}
    for row in rows:
        value = grade(row, metric)
        if row.id and value is not None:
            found.setdefault((row.id, row.text("split")), value)
    return found


def paired(first: Sequence[Row], second: Sequence[Row]) -> list[tuple[float, float]]:
    """Both values of each shared item, on the most telling metric; [] without any."""
    metric = shared_metric([first, second])
    if metric is None:
        return []
    ours, others = values(first, metric), values(second, metric)
    return [(value, others[item]) for item, value in ours.items() if item in others]


def found_first(rows: Sequence[Row]) -> Mapping[Item, str]:
    """What each row ranked, as a text that two equal lists share; only of rows with a list."""
    return {
        (r.id, r.text("split")): json.dumps(r.data["ranked"], default=str)
        for r in rows
        if isinstance(r.data.get("ranked"), list) and r.data["ranked"]
    }


def _place(metric: str) -> tuple[int, str]:
    name = plain(metric)
    return next((n for n, word in enumerate(_ORDER) if word in name), len(_ORDER)), name


def _measured(view: RepoView) -> tuple[Row, ...]:
    rows = [row for path in resultrows.result_files(view) for row in resultrows.rows(view, path)]
    if templatelock.recorded(view):
        mine = {str(name) for name in ownwork.own_questions(view).own}
        rows = [row for row in rows if row.id in mine]
    return tuple(row for row in rows[:MAX_ROWS] if _holds_a_result(row))


def _holds_a_result(row: Row) -> bool:
    """Whether a row says what came of a question: one of labels or of failures read does not."""
    return any(key in row.data for key in ("ranked", "answer", "status")) or any(grades(row))
