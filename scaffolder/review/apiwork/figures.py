"""Figures in an answer, held against the cells of the results that a row lists.

Invariant: only a row that lists its results whole is judged; a figure is found where a cell shows
it, at the digits that the answer gives. Figures of the question, years, and numbers that count
lines of a list are nobody's claim.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from scaffolder.review.agentwork import runs
from scaffolder.review.agentwork.runs import Run
from scaffolder.review.view import RepoView

_FIGURE = re.compile(
    r"(?<![\w.,:/-])-?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?(?!\w)"
    r"|(?<![\w.,:/-])-?\d+(?:\.\d+)?(?![\w:/-])"
)
_LISTED = re.compile(r"^\s{0,8}\d{1,2}[.)] ", re.MULTILINE)
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_CELLS = ("rows", "result", "results", "data", "values", "output")
MOST_CELLS = 5_000


@dataclass(frozen=True)
class Told:
    """An answer's figures, and those of them that stand in no result of its run."""

    run: Run
    figures: tuple[str, ...]
    unfound: tuple[str, ...]


def told(view: RepoView) -> tuple[Told, ...]:
    """The answered runs whose rows list what their queries gave, and whose answers hold figures."""
    return view.once(_told)


def figures(text: str, question: str = "") -> tuple[str, ...]:
    """The figures that a text claims, as it writes them."""
    asked = set(_FIGURE.findall(question[:4000]))
    plain = _LISTED.sub("", text[:8000])
    found = (f for f in _FIGURE.findall(plain) if f not in asked and not _YEAR.match(f))
    return tuple(dict.fromkeys(found))


def stands(figure: str, cells: Sequence[float]) -> bool:
    """Whether a cell gives the figure, rounded as the figure is written; cents may be shown as
    whole units and a share as per cent."""
    plain = figure.replace(",", "").replace(" ", "")
    digits = len(plain.partition(".")[2])
    wanted = float(plain)
    tolerance = 0.5 * 10**-digits + 1e-9
    return any(abs(abs(c * f) - abs(wanted)) <= tolerance for c in cells for f in (1, 100, 0.01))


def _told(view: RepoView) -> tuple[Told, ...]:
    found = []
    for run in runs.runs(view):
        cells = list(_cells(run.row.data))
        if run.status not in ("answered", "") or not run.answer or not cells:
            continue
        claimed = figures(run.answer, run.row.text("question"))
        if claimed:
            unfound = tuple(f for f in claimed if not stands(f, cells))
            found.append(Told(run, claimed, unfound))
    return tuple(found)


def _cells(data: Any) -> Iterator[float]:
    """Every number in the results of a row's actions."""
    listed: Any = next((data[k] for k in ("actions", "tool_calls", "calls") if k in data), [])
    held = [a.get(k) for a in listed if isinstance(a, dict) for k in _CELLS if k in a]
    yield from islice(_numbers(held), MOST_CELLS)


def _numbers(value: Any) -> Iterator[float]:
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, bool):
            continue
        if isinstance(one, int | float):
            yield float(one)
        elif isinstance(one, str):
            yield from (
                float(f.replace(",", "").replace(" ", "")) for f in _FIGURE.findall(one[:4000])
            )
        elif isinstance(one, dict):
            stack += one.values()
        elif isinstance(one, list):
            stack += one
