"""The places of a README where a number can stand: sentences, cells, headings, badges.

Invariant: every shown line with a number that is no code is in one place at least, whatever markup
it is in; invisible characters and other forms of a digit do not hide a number.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from scaffolder.review.readme import figures, markdown
from scaffolder.review.readme.markdown import Document, Table

LONGEST = 600
"""Characters of one place; a longer sentence is several."""

_MOST_LINES = 40
"""Lines of one paragraph; a longer one is several."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s")
_NUMBER = re.compile(
    r"\d|cent\b|\b(?:half|thirds?|quarters?|doubl|tripl|halv|twice|thrice)|\b(?:out\s)?(?:of|in)\s"
    r"(?:the\s|its\s|our\s|all\s)?(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)
_BADGE = re.compile(r"/badge/([^?#]{1,200})")
_SPLIT = re.compile(r"[-_\s]{1,4}")


@dataclass(frozen=True)
class Place:
    """A text, what names its numbers (`context`), what else may (`around`), and its lines.

    `starts` are the offsets in the text at which each of `lines` begins.
    """

    text: str
    context: str
    around: str
    lines: Sequence[int]
    starts: Sequence[int] = (0,)
    in_table: bool = False

    def line(self, at: int) -> int:
        """The line of the document that an offset is in."""
        return self.lines[max(0, bisect_right(self.starts, at) - 1)]


def places(document: Document) -> Iterator[Place]:
    """Every place of a document; tables of settings only where a row names a metric."""
    for table in document.tables:
        yield from _in_table(table)
    for heading in document.headings:
        text = _seen(heading.text)
        yield Place(text, text, text, (heading.line,))
    yield from _in_pictures(document)
    for paragraph in _paragraphs(document):
        yield from _sentences(paragraph)


def _seen(text: str) -> str:
    """The text as one sees it: no invisible characters, digits and signs in their usual form."""
    if text.isascii():
        return text
    usual = unicodedata.normalize("NFKC", text)
    return "".join(c for c in usual if unicodedata.category(c) != "Cf")


def _in_table(table: Table) -> Iterator[Place]:
    """Each cell is named by its column and by the first cell of its row."""
    head = _seen(" | ".join(table.header))
    yield Place(head, head, head, (table.line,))
    of_settings = figures.is_of_settings(head)
    for line, cells in table.rows:
        first = _seen(cells[0]) if cells else ""
        if of_settings and figures.is_of_settings(first, bare=True):
            continue
        for column, cell in enumerate(cells):
            named = _seen(table.header[column]) if column < len(table.header) else ""
            yield Place(_seen(cell), f"{named} {first}", head, (line,), in_table=True)


def _in_pictures(document: Document) -> Iterator[Place]:
    """What a badge says, by its address or by its alternative text."""
    for link in document.links:
        badge = _BADGE.search(link.target[:1000])
        said = [_SPLIT.sub(" ", unquote(badge[1]))] if badge else []
        for text in map(_seen, [*said, link.text] if link.image else said):
            yield Place(text, text, text, (link.line,))


def _paragraphs(document: Document) -> Iterator[list[tuple[int, str]]]:
    """Runs of text without a gap; each item of a list is one."""
    apart = {h.line for h in document.headings}
    for table in document.tables:
        apart |= {table.line, table.line + 1, *(line for line, _ in table.rows)}
    found: list[tuple[int, str]] = []
    for number, line in enumerate(document.shown, 1):
        text = "" if number in apart else _seen(markdown.plain(line))
        if found and (not text or _ITEM.match(line) or len(found) >= _MOST_LINES):
            yield found
            found = []
        if text:
            found.append((number, text))
    if found:
        yield found


def _sentences(paragraph: Sequence[tuple[int, str]]) -> Iterator[Place]:
    starts, at = [], 0
    for _, text in paragraph:
        starts.append(at)
        at += len(text) + 1
    whole = " ".join(text for _, text in paragraph)
    lines, begin = [number for number, _ in paragraph], 0
    ends = [m.start() for m in _SENTENCE.finditer(whole)]
    for end in [*ends, len(whole)]:
        while begin < end:
            cut, begin = begin, _cut(whole, begin, end)
            text, around = whole[cut:begin], whole[max(0, cut - LONGEST) : begin]
            if not _NUMBER.search(text):
                continue
            yield Place(text, text, around, lines, [s - cut for s in starts])


def _cut(text: str, begin: int, end: int) -> int:
    """Where a piece of a sentence ends: never within a word."""
    if end - begin <= LONGEST:
        return end
    space = text.rfind(" ", begin + 1, begin + LONGEST)
    return space if space > begin else begin + LONGEST
