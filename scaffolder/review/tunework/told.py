"""What the author tells of a tune: the decision about it, and lines of documents.

Invariant: neither a draft nor a line of the template nor a gap that waits is the author's.
"""

import re
from collections.abc import Iterator

from scaffolder.review.model import Evidence
from scaffolder.review.readme.decisions import records
from scaffolder.review.readme.frontpage import page
from scaffolder.review.readme.written import written
from scaffolder.review.view import MAX_LINE, RepoView

_ABOUT = re.compile(r"fine[-_ ]?tun|\btun(?:e|ed|ing)\b|\blora\b", re.IGNORECASE)
_HEAD = 12
"""Lines at the top of a record in which it says what it decides."""


def decision(view: RepoView) -> str:
    """The path of the finished record that decides whether to tune; "" without one."""
    named = [p for p in records(view) if _ABOUT.search(p)]
    headed = [p for p in records(view) if _ABOUT.search("\n".join(view.lines(p)[:_HEAD])[:4000])]
    return next(iter([*named, *headed]), "")


def lines(view: RepoView, path: str) -> list[tuple[int, str]]:
    """The running text of a document, numbered from 1, tables included."""
    return [(n, text[:MAX_LINE]) for n, text in enumerate(page(view, path).document.shown, 1)]


def first(view: RepoView, *wanted: re.Pattern[str]) -> Evidence | None:
    """The first line of the author's documents in which all of the patterns are found."""
    return next(every(view, *wanted), None)


def every(view: RepoView, *wanted: re.Pattern[str]) -> Iterator[Evidence]:
    """All such lines."""
    for source, said in written(view):
        for number, line in said:
            if all(pattern.search(line[:MAX_LINE]) for pattern in wanted):
                yield view.quote(source.path, number)
