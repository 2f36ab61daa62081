"""The structure of a help topic: underlined titles, and entries with their text indented below.

Invariant: only lines that stand in the text are headings, and none is a comment: in a topic a line
that begins with "#" is Python.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

UNDERLINES = "*=-~"  # as the topics use them, outermost title first
ENTRY_LEVEL = len(UNDERLINES)
_INDENT = 3  # by which the text of an entry stands below its signature
_LONGEST = 120  # characters of a signature
_MARK = re.compile(r"[*\-+|=~#@]|\d+\.|>>>|\.\.\.|\[\d")  # lists, tables, underlines, examples
_PROSE = re.compile(r"[.:,;]$|::=|\b(?:is|are|was|to|may|the|by|like)\b")


@dataclass(frozen=True)
class Heading:
    """`level` 0 to 3 is that of a title, from ENTRY_LEVEL on that of an entry, by its indent.

    With an empty `text` it ends the entry at that level.
    """

    level: int
    text: str
    is_entry: bool = False


def headings(lines: Sequence[str]) -> dict[int, Heading]:
    """The headings of a topic, and where entries end, by the number of their line from 0 on."""
    entries = {start: heading for start, _, heading in _entries(lines)}
    found = entries | dict(_titles(lines))
    return found | dict(_ends(lines, found))


def with_signatures_joined(text: str) -> str:
    """The text without the blank line between a signature and what it stands above."""
    lines = text.split("\n")
    blank = {end for _, end, _ in _entries(lines) if not lines[end].strip()}
    return "\n".join(line for number, line in enumerate(lines) if number not in blank)


def _titles(lines: Sequence[str]) -> Iterator[tuple[int, Heading]]:
    for number, (line, below) in enumerate(pairwise(lines)):
        mark = below[:1]
        underlined = bool(mark) and mark in UNDERLINES and set(below) == {mark}
        if underlined and 3 <= len(line) <= len(below):
            heading = Heading(UNDERLINES.index(mark), line.strip())
            yield number, heading
            yield number + 1, heading  # the line under the title is no text of its own


def _entries(lines: Sequence[str]) -> Iterator[tuple[int, int, Heading]]:
    """(first line, line after the last, heading) of signatures and terms.

    Of several signatures above one text the first is the heading.
    """
    for number, line in enumerate(lines):
        if not line.strip() or (number and lines[number - 1].strip()):
            continue
        indent = _indent(line)
        end = number
        while end < len(lines) and lines[end].strip() and _indent(lines[end]) == indent:
            end += 1
        below = next((one for one in lines[end:] if one.strip()), "")
        if _indent(below) == indent + _INDENT and all(map(_is_signature, lines[number:end])):
            yield number, end, Heading(ENTRY_LEVEL + indent // _INDENT, line.strip(), True)


def _ends(lines: Sequence[str], found: Mapping[int, Heading]) -> Iterator[tuple[int, Heading]]:
    """Paragraphs that stand no deeper than the signature of an open entry: its text is over."""
    open_indents: list[int] = []
    for number, line in enumerate(lines):
        if not line.strip() or (number and lines[number - 1].strip() and number not in found):
            continue
        indent = _indent(line)
        closed = [one for one in open_indents if one >= indent]
        open_indents = [one for one in open_indents if one < indent]
        if number in found and found[number].is_entry:
            open_indents.append(indent)
        elif closed and number not in found:
            yield number, Heading(ENTRY_LEVEL + min(closed) // _INDENT, "", is_entry=True)


def _is_signature(line: str) -> bool:
    bare = line.strip()
    return len(bare) <= _LONGEST and not _MARK.match(bare) and not _PROSE.search(bare)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
