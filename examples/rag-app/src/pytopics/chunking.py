"""Chunks: slices of a document that are indexed, ranked and cited.

Invariant: a chunk's text is a contiguous slice of the document's text and the chunks of a
document together hold every word of it, so a quotation can always be found again.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Literal

from . import outline
from .documents import Document
from .outline import Heading
from .readers import READER_VERSION

CHUNKER_VERSION = "2"
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")
# Base64 or minified code has "words" of megabytes; no chunk could hold one.
_WORD = re.compile(r"\S{1,200}")


@dataclass(frozen=True)
class Chunk:
    """`heading` is the document's label and the headings above all of the chunk, joined by " > ".

    `position` counts from 0 in the document. `chunk_id` depends on the source and the text only,
    so it is the same in every run and on every machine until that text changes.
    """

    chunk_id: str
    source: str
    position: int
    heading: str
    text: str
    access: str

    @property
    def indexed_text(self) -> str:
        """What the retrievers see: the slice below its title and headings."""
        return f"{self.heading}\n{self.text}"


Opening = Literal["section", "entry"] | None


@dataclass(frozen=True)
class _Unit:
    """A piece that is not cut further: `text[start:end]`, `words` long, below `path`."""

    start: int
    end: int
    words: int
    path: tuple[str, ...]
    opens: Opening = None


def chunking_version(words: int, overlap: int) -> str:
    """Changes whenever the same file could give other chunks."""
    return f"reader {READER_VERSION}, chunker {CHUNKER_VERSION}, {words} words, overlap {overlap}"


def split(document: Document, words: int, overlap: int) -> list[Chunk]:
    """Chunks of at most `words` words in reading order.

    The title of a section opens a new chunk once the current one is half full, so that short
    sections share one; an entry of a topic, or what follows it, always does. Elsewhere cuts fall
    between paragraphs, else between sentences or lines, and inside a sentence only if it is longer
    than `words`; 200 characters without a space count as a word. Where a section is cut, the next
    chunk repeats whole pieces of up to `overlap` words.
    """
    seen: Counter[str] = Counter()
    chunks = []
    for position, group in enumerate(_packed(list(_units(document, words)), words, overlap)):
        text = document.text[group[0].start : group[-1].end]
        path = [heading for heading in _shared_path(group) if heading != document.title]
        chunks.append(
            Chunk(
                chunk_id=_chunk_id(document.source, text, seen[text]),
                source=document.source,
                position=position,
                heading=" > ".join([document.label, *path]),
                text=text,
                access=document.access,
            )
        )
        seen[text] += 1
    return chunks


def _chunk_id(source: str, text: str, ordinal: int) -> str:
    """16 hexadecimal digits; `ordinal` tells equal texts of one source apart."""
    return hashlib.sha256(f"{source}\0{text}\0{ordinal}".encode()).hexdigest()[:16]


def _shared_path(group: list[_Unit]) -> list[str]:
    levels = zip(*(unit.path for unit in group), strict=False)
    return [level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels)]


def _packed(units: list[_Unit], words: int, overlap: int) -> Iterator[list[_Unit]]:
    group: list[_Unit] = []
    for unit in units:
        full = _size(group) + unit.words > words
        begins = unit.opens == "entry" or (unit.opens and _size(group) >= words / 2)
        if group and (full or begins):
            yield group
            group = [] if unit.opens else _tail(group, min(overlap, words - unit.words))
        group.append(unit)
    if group:
        yield group


def _size(group: list[_Unit]) -> int:
    return sum(unit.words for unit in group)


def _tail(group: list[_Unit], limit: int) -> list[_Unit]:
    """The last units of `group` that together have at most `limit` words; never all of it."""
    start = len(group)
    while start > 1 and _size(group[start - 1 :]) <= limit:
        start -= 1
    return group[start:]


def _units(document: Document, words: int) -> Iterator[_Unit]:
    """Paragraphs with the headings above them, cut smaller where they are longer than `words`."""
    text = document.text
    for start, end, path, opens in _paragraphs(text, _headings(document)):
        for index, (left, right) in enumerate(_cut(text, start, end, words)):
            count = _word_count(text, left, right)
            yield _Unit(left, right, count, path, None if index else opens)


def _headings(document: Document) -> Mapping[int, Heading]:
    """A help topic is plain text with a structure of its own; all else is read as Markdown."""
    lines = document.text.splitlines()
    is_topic = document.source.endswith(".txt")
    return outline.headings(lines) if is_topic else dict(_markdown_headings(lines))


def _markdown_headings(lines: Sequence[str]) -> Iterator[tuple[int, Heading]]:
    """Lines that start with `#`. Inside a code fence nothing is a heading."""
    fenced = False
    for number, line in enumerate(lines):
        match = None if fenced else _HEADING.match(line.strip())
        fenced ^= line.strip().startswith("```")
        if match:
            yield number, Heading(len(match.group(1)), match.group(2))


def _word_count(text: str, start: int, end: int) -> int:
    return sum(1 for _ in _WORD.finditer(text, start, end))


def _paragraphs(
    text: str, headings: Mapping[int, Heading]
) -> Iterator[tuple[int, int, tuple[str, ...], Opening]]:
    """(start, end, heading path, what it opens) of each paragraph of `text`.

    A heading belongs to the paragraph below it.
    """
    path: dict[int, str] = {}
    opens: Opening = None
    start, end, fenced, body = -1, 0, False, False
    offset = 0
    for number, line in enumerate(text.splitlines(keepends=True)):
        bare = line.strip()
        heading = headings.get(number)
        if start >= 0 and ((not bare and body and not fenced) or (heading and body)):
            yield start, end, tuple(path.values()), opens
            start, opens, body = -1, None, False
        if bare.startswith("```"):
            fenced = not fenced
        if bare:
            start = offset + line.index(bare) if start < 0 else start
            end = offset + len(line.rstrip())
            body = body or not (heading and heading.text)
        if heading:
            path = {k: v for k, v in path.items() if k < heading.level}
            path |= {heading.level: heading.text} if heading.text else {}
            opens = "entry" if heading.is_entry else "section"
        offset += len(line)
    if start >= 0:
        yield start, end, tuple(path.values()), opens


def _cut(text: str, start: int, end: int, words: int) -> Iterator[tuple[int, int]]:
    if _word_count(text, start, end) <= words:
        yield start, end
        return
    left = start
    for match in [*_SENTENCE_END.finditer(text, start, end), None]:
        right = match.start() if match else end
        matches = _WORD.finditer(text, left, right)
        while window := list(islice(matches, words)):
            yield window[0].start(), window[-1].end()
        left = match.end() if match else end
