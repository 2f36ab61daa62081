"""Documents that are written piece by piece: decision records, described failures, data cards.

Invariant: a piece counts only where its parts were found in its own text; a gap that its author has
still to fill is no text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.readme.figures import is_results
from scaffolder.review.readme.frontpage import Page, inside, is_outside
from scaffolder.review.readme.markdown import Section
from scaffolder.review.readme.problem import GAP
from scaffolder.review.view import RepoView


@dataclass(frozen=True)
class Entry:
    """A piece of a document: its first line, its text, the results files that it links to."""

    line: int
    text: str
    results: tuple[str, ...]


MAX_ENTRIES = 40
"""Pieces of one section that are read."""

_ITEM = re.compile(r"^(?:[-*+]|\d{1,3}[.)])\s")
_PATH = re.compile(r"`([\w./-]{3,200}\.(?:jsonl?|csv|tsv|md|txt|log))(?:[:#]\w+)?`")


def entries(view: RepoView, page: Page, section: Section) -> list[Entry]:
    """The pieces of a section: rows of its table, sub-sections or list, the most of them."""
    kinds = (
        [(line, line + 1) for line in _rows(page, section)],
        list(_parts(page, section)),
        list(_items(page, section)),
    )
    spans = max(kinds, key=len) or [(section.start, section.end)]
    headers = _header(page, section) if spans is kinds[0] else ""
    spans = spans[:MAX_ENTRIES]
    return [_entry(view, page, start, end, headers) for start, end in spans]


def text_of(page: Page, start: int, end: int) -> str:
    """What stands between two lines, code included, gaps left out."""
    return "\n".join(line for _, line in _filled(page, start, end))


def lines_of(page: Page, start: int, end: int) -> Iterator[tuple[int, str]]:
    """The lines between two with their numbers, code blanked, gaps left out."""
    yield from ((n, page.document.shown[n - 1]) for n, _ in _filled(page, start, end))


def results_linked(view: RepoView, page: Page, start: int, end: int) -> tuple[str, ...]:
    """The results files that lines link to or name, and that are there."""
    links = (k.target for k in page.document.links if start <= k.line < end and not is_outside(k))
    named = (m[1] for n in range(start, end) for m in _PATH.finditer(page.document.shown[n - 1]))
    found = [inside(view, page.path, t) for t in links]
    found += [t if view.has(t) else inside(view, page.path, t) for t in named]
    return tuple(dict.fromkeys(f for f in found if f and view.has(f) and is_results("/" + f)))


def _entry(view: RepoView, page: Page, start: int, end: int, headers: str) -> Entry:
    text = text_of(page, start, end)
    return Entry(start, f"{headers}\n{text}".strip(), results_linked(view, page, start, end))


def _filled(page: Page, start: int, end: int) -> Iterator[tuple[int, str]]:
    code = {f.line + i: t for f in page.document.fences for i, t in enumerate(f.lines)}
    gap = False
    for number in range(start, end):
        line = code.get(number) or page.document.shown[number - 1]
        gap = bool(GAP.search(line)) or (gap and line.lstrip().startswith(">"))
        if not gap:
            yield number, line


def _rows(page: Page, section: Section) -> list[int]:
    tables = (t for t in page.document.tables if section.start <= t.line < section.end)
    return [line for table in tables for line, _ in table.rows]


def _header(page: Page, section: Section) -> str:
    tables = (t for t in page.document.tables if section.start <= t.line < section.end)
    return " | ".join(cell for table in tables for cell in table.header)


def _parts(page: Page, section: Section) -> Iterator[tuple[int, int]]:
    below = [
        h
        for h in page.document.headings
        if section.start <= h.line < section.end and h.level > section.heading.level
    ]
    least = min((h.level for h in below), default=0)
    for heading in below:
        if heading.level == least:
            part = page.document.section(heading)
            yield heading.line, min(part.end, section.end)


def _items(page: Page, section: Section) -> Iterator[tuple[int, int]]:
    starts = [
        n for n in range(section.start, section.end) if _ITEM.match(page.document.shown[n - 1])
    ]
    yield from zip(starts, [*starts[1:], section.end], strict=False)
