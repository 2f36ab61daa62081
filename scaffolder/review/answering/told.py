"""What a project says of a rate in words: the numbers beside its name, in README and ledger.

Invariant: a number counts only on the line, in the column or in the row that its name stands in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.areas import area
from scaffolder.review.model import Evidence
from scaffolder.review.readme.frontpage import Page, front, page
from scaffolder.review.readme.markdown import Table, plain
from scaffolder.review.results.claims import ledger
from scaffolder.review.view import MAX_LINE, RepoView

MAX_PAGES = 10

_OF = re.compile(
    r"(?<![\w.,])(\d{1,6})\s?(?:of|out of|/|von|de|sur)\s(?:the\s)?(\d{1,6})\b"
    r"|(?<![\w.,/])(\d{1,5})/(\d{1,5})(?![\w/])"
)
_SHARE = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d{1,6})?)\s?(%|percent\b)")
_PLAIN = re.compile(r"(?<![\w.,])([01][.,]\d{1,6})(?![\w%]|[.,]\d)")


@dataclass(frozen=True)
class Told:
    """A number as a document gives it: a share and half of its last digit, or `some` of `every`."""

    value: float
    half: float
    evidence: Evidence
    some: int | None = None
    every: int | None = None

    def is_rate(self, some: int, every: int) -> bool:
        """Whether this is that rate, or what is left of it."""
        if self.every is not None:
            return self.every == every and self.some in (some, every - some)
        if not every:
            return False
        rates = some / every, 1 - some / every
        return any(abs(self.value - rate) <= self.half + 1e-9 for rate in rates)


def told(view: RepoView, name: re.Pattern[str]) -> list[Told]:
    """The numbers that README, pages on results and the ledger give beside the name of a rate."""
    return [*_claimed(view, name), *(t for p in _pages(view) for t in _on_page(view, p, name))]


def _claimed(view: RepoView, name: re.Pattern[str]) -> Iterator[Told]:
    for claim in ledger(view).claims:
        if name.search(f"{claim.metric} | {claim.text}"[:MAX_LINE]):
            value = claim.value / 100 if 1 < claim.value <= 100 else claim.value
            yield Told(value, 0.5 * 10.0 ** -min(claim.digits, 6), claim.evidence)


def _pages(view: RepoView) -> Iterator[Page]:
    first = front(view)
    if first is not None:
        yield first
    named = view.find("*eval*.md", "*result*.md", "*report*.md", "*metric*.md")
    more = [p for p in named if area(view, p) in ("docs", "evals")]
    yield from (page(view, p) for p in more[:MAX_PAGES] if first is None or p != first.path)


def _on_page(view: RepoView, where: Page, name: re.Pattern[str]) -> Iterator[Told]:
    for line, text in where.document.prose():
        if name.search(text[:MAX_LINE]):
            yield from numbers(text, view.quote(where.path, line))
    for table in where.document.tables:
        yield from _in_table(view, where.path, table, name)


def _in_table(view: RepoView, path: str, table: Table, name: re.Pattern[str]) -> Iterator[Told]:
    columns = {n for n, head in enumerate(table.header) if name.search(plain(head)[:MAX_LINE])}
    for line, cells in table.rows:
        whole = bool(cells) and name.search(plain(cells[0])[:MAX_LINE])
        for column, cell in enumerate(cells):
            if column in columns or (whole and column):
                yield from numbers(plain(cell), view.quote(path, line))


def numbers(text: str, evidence: Evidence) -> Iterator[Told]:
    """The shares in a text: "31 of 38", "82 %", "0.82"."""
    for match in _OF.finditer(text[:MAX_LINE]):
        some, every = (int(g) for g in match.groups() if g is not None)
        if some <= every and every:
            yield Told(some / every, 0.0, evidence, some, every)
    for pattern, scale in ((_SHARE, 0.01), (_PLAIN, 1.0)):
        for match in pattern.finditer(text[:MAX_LINE]):
            written = match[1].replace(",", ".")
            half = 0.5 * scale * 10.0 ** -len(written.partition(".")[2])
            yield Told(scale * float(written), half, evidence)
