"""What a tune lost: prompts outside its task, base against tune, and whether a loss is told."""

import re

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.results import intervals, resultrows
from scaffolder.review.tunework import ladder, told
from scaffolder.review.tunework.ladder import System
from scaffolder.review.view import RepoView

FEWEST = 20
"""Prompts outside the task; fewer show no fall of less than a fifth."""

_LEAK = re.compile(r"leak|format|in_form|json", re.IGNORECASE)
_WORSE = re.compile(
    r"worse|\blost\b|\bloses?\b|\bfell\b|\bfalls?\b|forg[eo]t|regress|drop|degrad|minus base",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"outside|\bbase\b|other tasks?|general|unrelated|out.of.(?:domain|task)|forg[eo]t|regress",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d")


def measured(view: RepoView) -> Reading:
    """Base and tune answered the same prompts outside the task."""
    both = _both(view)
    if isinstance(both, Reading):
        return both
    base, tuned = both
    shared = [key for key in base.rows if key in tuned.rows]
    kinds = {base.rows[key].text("kind") or base.rows[key].text("category") for key in shared} - {
        ""
    }
    said = f"Base and tune answered {count(len(shared), 'prompt')} outside the task"
    if len(shared) < FEWEST:
        return partial(f"{said}; {FEWEST} are few already.", *_places(view, base, tuned))
    if len(kinds) < 3:
        return partial(f"{said}, of fewer than three kinds.", *_places(view, base, tuned))
    return yes(f"{said}, of {len(kinds)} kinds.", *_places(view, base, tuned))


def form_watched(view: RepoView) -> Reading:
    """The rows say whether the task's form appears where nobody asked for it."""
    both = _both(view)
    if isinstance(both, Reading):
        return both
    base, tuned = both
    grades = set(resultrows.grades(next(iter(tuned.rows.values()))))
    name = next((g for g in sorted(grades) if _LEAK.search(g)), "")
    if not name:
        return no("No grade says whether the task's form leaks.", *_places(view, base, tuned))
    values = [v for row in tuned.rows.values() if (v := resultrows.grade(row, name)) is not None]
    share = intervals.mean(values) if values else 0.0
    return yes(f"{name} of the tune outside its task: {share:.2f}.", *_places(view, base, tuned))


def admitted(view: RepoView) -> Reading:
    """A fall beyond its interval is told in the author's documents or the README."""
    both = _both(view)
    if isinstance(both, Reading):
        return both
    base, tuned = both
    name = ladder.metric(base, tuned)
    differences = [b - a for a, b in ladder.pairs(base, tuned, name)]
    if not differences:
        return no("Base and tune share no graded prompt.", *_places(view, base, tuned))
    low, high = intervals.bootstrap(differences)
    said = f"{name} {intervals.mean(differences):+.2f} [{low:+.2f}, {high:+.2f}] outside the task"
    line = told.first(view, _WORSE, _ELSEWHERE, _NUMBER)
    if high < 0 and not line:
        return no(f"{said}, and no document says so.", *_places(view, base, tuned))
    return yes(f"{said}.", *([line] if line else []), *_places(view, base, tuned))


def _both(view: RepoView) -> tuple[System, System] | Reading:
    found = ladder.outside(view)
    base, tuned = found.get("zero-shot"), found.get("tuned")
    if not base or not tuned:
        return no("No rows of base and tune on prompts outside the task were found.")
    return base, tuned


def _places(view: RepoView, *some: System) -> list[Evidence]:
    firsts = [next(iter(system.rows.values())) for system in some]
    return [view.quote(row.path, row.line) for row in firsts]
