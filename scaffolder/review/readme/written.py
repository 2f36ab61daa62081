"""What the author wrote about the project, line by line: README, documents, decisions, data cards.

Invariant: neither a draft nor a line of the template nor a gap that waits to be filled is the
author's; the documents of the corpus are no text about the project.
"""

import re
from collections.abc import Iterator

from scaffolder.review.areas import area, below, manifest_paths
from scaffolder.review.ownwork import template_lines
from scaffolder.review.readme.cards import cards
from scaffolder.review.readme.decisions import is_draft
from scaffolder.review.readme.entries import lines_of
from scaffolder.review.readme.frontpage import Page, front, page
from scaffolder.review.view import RepoView

MAX_PAGES = 60
"""Documents that are read."""

_ABOUT = re.compile(
    r"[^/]+|(?:.*/)?(?:docs?|adrs?|decisions|evals?|evaluations?|reports?|notes|experiments?|results?"
    r"|analysis)/[^\n]*",
    re.IGNORECASE,
)
"""Where documents about the project stand: at the top, or in a folder of this name."""

Written = tuple[Page, tuple[tuple[int, str], ...]]
"""A document and the lines of it that its author wrote, numbered from 1."""


def written(view: RepoView) -> tuple[Written, ...]:
    """The README, then the other documents that hold a line of the author's."""
    return view.once(_written)


def _written(view: RepoView) -> tuple[Written, ...]:
    read = ((p, tuple(_lines(view, p))) for p in _pages(view))
    return tuple((p, lines) for p, lines in read if lines)


def _pages(view: RepoView) -> Iterator[Page]:
    readme = front(view)
    first = [readme.path] if readme else []
    more = [card.path for card, _ in cards(view)]
    more += [f for f in view.find("*.md", "*.rst", "*.mdx") if _is_about(view, f)]
    for path in list(dict.fromkeys([*first, *more]))[:MAX_PAGES]:
        if not is_draft(view, path):
            yield page(view, path)


def _is_about(view: RepoView, path: str) -> bool:
    if below(path, manifest_paths(view).get("corpus", "")) or ".draft." in path:
        return False
    return area(view, path) in {"docs", "evals"} and _ABOUT.fullmatch(path) is not None


def _lines(view: RepoView, page: Page) -> Iterator[tuple[int, str]]:
    theirs = template_lines(view, page.path)
    for number, line in lines_of(page, 1, len(page.document.shown) + 1):
        if line.strip() and number not in theirs:
            yield number, line
