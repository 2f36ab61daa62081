"""The configuration and the code that serve a search, as far as they tell how it is set.

Invariant: neither a test nor an evaluation is among them, since what those set was only tried.
"""

import re
from collections.abc import Iterator

from scaffolder.review.view import RepoView, is_test

MAX_FILES = 60
MAX_LINES = 2000
"""Files of configuration, and as many of code, that are looked at, and lines of each."""

_FILES = ("*.toml", "*.yaml", "*.yml", ".env.example", "config*.json", "settings*.json")
_EVALUATES = re.compile(r"eval|bench|compar|experiment|sweep|notebook|metric", re.IGNORECASE)


def evaluates(path: str) -> bool:
    """Whether a path is named for an evaluation."""
    return _EVALUATES.search(path) is not None


def lines(view: RepoView) -> Iterator[tuple[str, int, str]]:
    """Path, 1-based number and text of each line: configuration first, then code."""
    files = [f for f in view.find(*_FILES) if not is_test(f) and not evaluates(f)]
    code = [f.path for f in view.code if not f.notebook and not evaluates(f.path)]
    for path in (*files[:MAX_FILES], *code[:MAX_FILES]):
        for number, line in enumerate(view.lines(path)[:MAX_LINES], 1):
            yield path, number, line
