"""Does CI go red when a score falls, by enough items and without the whims of a model?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.parse import Parsed
from scaffolder.review.project import chores
from scaffolder.review.project.recipes import Order
from scaffolder.review.project.workflows import workflows
from scaffolder.review.view import RepoView

FEWEST = 30
"""Items that the gate compares (rubric, EVL-13)."""

_GATE = re.compile(
    r"--gate\b|--fail[-_]under|--min[-_]|--threshold|--assert|--check\b|--fail[-_]on|regress"
    r"|compare[-_]?baseline|--baseline\b|gate\b",
    re.IGNORECASE,
)
_BASELINE = re.compile(
    r"(?:^|/)[^/]{0,30}(?:baseline|threshold|gate|reference)[^/]{0,30}\.(?:json|ya?ml|toml)$", re.I
)
MOST_DEEP = 6


def blocks(view: RepoView) -> Reading:
    """A job of CI compares with committed grades or thresholds, and fails when they are missed."""
    evaluating = [
        (w, o)
        for w in workflows(view)
        for o in w.orders
        if chores.does(o, chores.EVALUATION) or _GATE.search(o.text)
    ]
    if not evaluating:
        return no("No job of CI runs an evaluation that could go red.")
    hard = [o for w, o in evaluating if w.runs and not o.soft]
    gated = [o for o in hard if _GATE.search(o.text)]
    if not gated:
        said = "CI runs the evaluation, and nothing makes a lower score fail."
        return partial(said, *_quoted(view, [o for _, o in evaluating]))
    return yes("CI fails when a score falls.", *_quoted(view, gated))


def enough(view: RepoView) -> Reading:
    """The grades that the gate compares with are committed, item by item, of thirty and more."""
    found = [(path, _items(_content(view, path))) for path in view.files if _BASELINE.search(path)]
    best = max(found, key=lambda pair: pair[1], default=None)
    if best is None:
        return no("No committed baseline or thresholds were found that a gate could compare with.")
    path, items = best
    place = view.quote(path, 1)
    if items < FEWEST:
        said = f"{items} items" if items else "means only"
        return partial(f"The baseline holds {said}; {FEWEST} items are asked for.", place)
    return yes(f"The baseline holds the grades of {items} items.", place)


def _content(view: RepoView, path: str) -> Any:
    read = view.toml if path.endswith(".toml") else view.yaml
    found = (view.json if path.endswith(".json") else read)(path)
    return found.value if isinstance(found, Parsed) else None


def _items(content: Any) -> int:
    """The most keys of one table of numbers, or of one table of such tables."""
    return max((len(table) for table in _tables(content, 0)), default=0)


def _tables(content: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if not isinstance(content, dict) or depth > MOST_DEEP:
        return
    values = list(content.values())
    if values and all(map(_graded, values)):
        yield content
    for value in values:
        yield from _tables(value, depth + 1)


def _graded(value: Any) -> bool:
    """A number, or a table of nothing but numbers."""
    if isinstance(value, dict):
        return bool(value) and all(map(_is_number, value.values()))
    return _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _quoted(view: RepoView, orders: list[Order]) -> list[Evidence]:
    return [view.quote(o.path, o.line) for o in orders[:3]]
