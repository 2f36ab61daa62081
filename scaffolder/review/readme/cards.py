"""Data cards: the documents and sections that say what the data of a project is.

Invariant: a gap that its author has still to fill is no line of a card.
"""

import re
from itertools import islice

from scaffolder.review.model import Evidence
from scaffolder.review.ownwork import template_lines
from scaffolder.review.readme.entries import lines_of
from scaffolder.review.readme.frontpage import Page, front, page
from scaffolder.review.view import RepoView

_CARDS = (
    "data/readme.*",
    "data*/readme.*",
    "*/data/readme.*",
    "data.md",
    "datasheet.*",
    "data_card.*",
    "data-card.*",
    "dataset_card.*",
    "datacard.*",
    "docs/data*.md",
    "dataset.md",
)
_HEADING = re.compile(
    r"^\W*(?:the |our )?(?:data(?:[ -]?set)?s?|corpus|knowledge base|data (?:card|sources?|set)"
    r"|datos|daten(?:satz)?|dados|数据(?:集|来源)?|données)\b|\bdata ?set\b|data card",
    re.I,
)
_MOST_CARDS = 10
_MOST_LINES = 400
"""Cards, and lines of each, that are read."""

Card = tuple[Page, list[tuple[int, str]]]
"""A document that holds a card, and its lines."""


def cards(view: RepoView) -> list[Card]:
    """The cards, with the lines of each; gaps that wait to be filled are left out."""
    return view.once(_cards)


def said(view: RepoView, pattern: re.Pattern[str]) -> Evidence | None:
    """The first line of a card that the pattern is found in and that the template did not bring."""
    for card, lines in cards(view):
        theirs = template_lines(view, card.path)
        for number, line in lines:
            if number not in theirs and pattern.search(line):
                return view.quote(card.path, number)
    return None


def _cards(view: RepoView) -> list[Card]:
    spans: list[tuple[Page, int, int]] = []
    for path in view.find(*_CARDS)[:_MOST_CARDS]:
        if path.endswith((".md", ".rst", ".txt")):
            card = page(view, path)
            spans.append((card, 1, len(card.document.shown) + 1))
    readme = front(view)
    for section in readme.document.sections(_HEADING) if readme else []:
        if readme and section.heading.line != readme.document.headings[0].line:
            spans.append((readme, section.start, section.end))
    cut = ((card, start, min(end, start + _MOST_LINES)) for card, start, end in spans)
    return [(card, list(lines_of(card, *span))) for card, *span in islice(cut, _MOST_CARDS)]
