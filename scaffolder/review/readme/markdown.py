"""A README as its reader sees it: headings, prose, code, links, images and tables.

Invariant: any text is read, in time linear in its length, and nothing of it is rendered. Markdown,
reStructuredText and HTML inside of Markdown are told apart line by line, not by the file's name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import islice

from scaffolder.review.readme.codeblocks import DIRECTIVE, LIST, TAG, Fence, without_code

MAX_LINES = 20_000
MAX_PARTS = 1000
"""Lines, and headings, tables or blocks, that are read of one document: no README has more."""

MAX_SECTIONS = 40
"""Sections of one kind that are looked into."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 to 6."""

    text: str
    level: int
    line: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link or image; `text` is the link's or the alternative text, `width` "" where not said."""

    target: str
    text: str
    line: int
    image: bool = False
    width: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its header and its rows, each with its line."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it; lines `start` to `end`, `end` not included."""

    heading: Heading
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """`shown` are the lines, numbered from 1 at index 0, with code and comments blanked."""

    shown: tuple[str, ...]
    headings: tuple[Heading, ...]
    fences: tuple[Fence, ...]
    links: tuple[Link, ...]
    tables: tuple[Table, ...]
    anchors: frozenset[str]

    def sections(self, pattern: re.Pattern[str]) -> list[Section]:
        """The sections whose heading the pattern is found in, down to the next as high."""
        found = (h for h in self.headings if pattern.search(h.text[:200]))
        return [self.section(h) for h in islice(found, MAX_SECTIONS)]

    def section(self, heading: Heading) -> Section:
        """What stands below a heading, its sub-sections included."""
        after = (h for h in self.headings if h.line > heading.line and h.level <= heading.level)
        end = min((h.line for h in after), default=len(self.shown) + 1)
        return Section(heading, heading.line + 1, end)

    def prose(self, start: int = 1, end: int | None = None) -> Iterator[tuple[int, str]]:
        """Lines of running text with their numbers: no heading, table, markup or address."""
        marked = {h.line for h in self.headings}
        for number in range(start, min(end or len(self.shown) + 1, len(self.shown) + 1)):
            line = self.shown[number - 1]
            if line.strip() and number not in marked and line.count("|") < 2:
                text = plain(line)
                if text:
                    yield number, text


_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t#]*$")
_RULE = re.compile(r"^(=+|-+|~+|\^+|\*+|\++)[ \t]*$")
_HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]*>(.*)", re.I)
_SUMMARY = re.compile(r"<summary>(.*)", re.I)
_TARGET = re.compile(r"\]\(\s*(?:<([^<>]{1,1000})>|((?:[^()\s<>]++|\([^()\s<>]*+\))++))")
_WHOLE_TARGET = re.compile(r"\]\((?:[^()]++|\([^()]*+\))*+\)")
_BY_NAME = re.compile(r"(!?)\[([^\[\]]{0,300})\]\[[^\[\]]{0,100}\]")
"""A picture or link whose address is defined elsewhere; a badge is the one inside the other."""
_USE = re.compile(r"(!?)\[([^\[\]]{0,300})\](?:\[([^\[\]]{0,100})\])?")
_DEFINED = re.compile(r"^ {0,3}\[([^\[\]]{1,100})\]:\s+<?(\S{0,1000}?[./#]\S{0,1000})")
_TAG = re.compile(r"<(img|video|source|a|embed|iframe)\b([^<>]{0,2000})>", re.I)
_NAMED = re.compile(
    r"\b(src|srcset|href|alt|width|id|name)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))"
)
_ANCHOR = re.compile(r"<\w[^<>]{0,500}?\b(?:id|name)\s*=\s*[\"']([^\"'<>]{1,200})[\"']")
_BARE = re.compile(r"(?<![\](\"'=<])https?://[^\s<>()\"'\]`|]{4,500}")
_RST_LINK = re.compile(r"`([^`<>]{1,200})<([^<>`\s]{1,500})>`_")
_MARKS = re.compile(r"[*_`#>]{1,6}")


def read(text: str, lines: Sequence[str]) -> Document:
    """The document of a text whose `lines` are already cut to a bounded length."""
    shown, fences = without_code(list(lines[:MAX_LINES]), "<!--" in text)
    headings = tuple(sorted(islice(_headings(shown), MAX_PARTS), key=lambda h: h.line))
    links = tuple(islice(_links(shown), 5 * MAX_PARTS))
    return Document(
        shown=tuple(shown),
        headings=headings,
        fences=tuple(fences[:MAX_PARTS]),
        links=links,
        tables=tuple(islice(_tables(shown), MAX_PARTS)),
        anchors=frozenset(_anchors(headings, shown)),
    )


def plain(line: str) -> str:
    """A line without its markup, images and addresses."""
    line = _without_images(line)
    line = _BY_NAME.sub(lambda m: "" if m[1] else f"[{m[2]}]", line) if "][" in line else line
    line = _BY_NAME.sub(r"[\2]", line) if "][" in line else line
    line = _WHOLE_TARGET.sub("]", line)
    line = TAG.sub(" ", line)
    line = _BARE.sub(" ", line)
    line = _MARKS.sub("", line.replace("[", "").replace("]", ""))
    return " ".join(unescape(line).split())


def slug(text: str) -> str:
    """What an anchor and a heading have in common, whatever the renderer makes of the rest."""
    return "".join(c for c in text.lower() if c.isalnum())


def _without_images(line: str) -> str:
    found = line.find("![")
    while found >= 0:
        close = line.find("](", found)
        end = line.find(")", close) if close >= 0 else -1
        if end < 0:
            return line
        line = line[:found] + line[end + 1 :]
        found = line.find("![", found)
    return line


def _headings(shown: Sequence[str]) -> Iterator[Heading]:
    for number, line in enumerate(shown, 1):
        atx = _ATX.match(line)
        if atx:
            yield Heading(plain(atx[2]), len(atx[1]), number)
        elif "<h" in line.lower() and (tagged := _HTML_HEADING.search(line)):
            text = tagged[2] or (shown[number] if number < len(shown) else "")
            yield Heading(plain(text), int(tagged[1]), number)
        elif "<summary" in line.lower() and (summary := _SUMMARY.search(line)):
            text = summary[1] or (shown[number] if number < len(shown) else "")
            yield Heading(plain(text), 6, number)
        elif number > 1 and _underlined(shown[number - 2], line):
            yield Heading(plain(shown[number - 2]), 1 if line[0] in "=*" else 2, number - 1)


def _underlined(above: str, line: str) -> bool:
    rule = _RULE.match(line)
    text = above.strip()
    if not rule or not text or LIST.match(above) or "|" in above or text[0] in "#<>.:":
        return False
    return len(text) <= 120 and len(rule[1]) >= (3 if rule[1][0] in "=-" else len(text))


def _links(shown: Sequence[str]) -> Iterator[Link]:
    defined = {m[1].lower(): m[2] for m in map(_DEFINED.match, shown) if m}
    for number, line in enumerate(shown, 1):
        if "](" in line:
            yield from _inline(line, number)
        if defined and "[" in line:
            yield from _referred(line, number, defined)
        if "://" in line:
            yield from (Link(m[0].rstrip(".,;:!"), "", number) for m in _BARE.finditer(line))
        if "`_" in line:
            found = _RST_LINK.finditer(line)
            yield from (Link(m[2], m[1].strip(), number) for m in found)
        directive = DIRECTIVE.match(line) if ".. " in line else None
        if directive and directive[2] in {"image", "figure"}:
            alt = next((t for t in shown[number : number + 6] if ":alt:" in t), "")
            yield Link(directive[3].strip(), alt.replace(":alt:", "").strip(), number, True)
    yield from _tagged("\n".join(shown))


def _inline(line: str, number: int) -> Iterator[Link]:
    for match in _TARGET.finditer(line):
        opened = line.rfind("[", max(0, match.start() - 400), match.start())
        text = line[opened + 1 : match.start()] if opened >= 0 else ""
        image = opened > 0 and line[opened - 1] == "!" and "](" not in text
        text = text.partition("](")[0]
        yield Link(unescape(match[1] or match[2]), text.strip(), number, image)


def _referred(line: str, number: int, defined: dict[str, str]) -> Iterator[Link]:
    if _DEFINED.match(line):
        return
    for match in _USE.finditer(line):
        target = defined.get((match[3] or match[2]).lower())
        if target:
            yield Link(target, match[2], number, bool(match[1]))


def _tagged(text: str) -> Iterator[Link]:
    number, last = 1, 0
    for match in _TAG.finditer(text):
        number += text.count("\n", last, match.start())
        last = match.start()
        tag = match[1].lower()
        has = {m[1]: m[2] or m[3] or m[4] or "" for m in _NAMED.finditer(match[2])}
        target = has.get("href" if tag == "a" else "src") or has.get("srcset", "")
        if target:
            alt, width = has.get("alt", ""), has.get("width", "")
            yield Link(unescape(target), unescape(alt), number, tag != "a", width)


def _tables(shown: Sequence[str]) -> Iterator[Table]:
    number = 1
    while number < len(shown):
        if shown[number - 1].count("|") and _is_divider(shown[number]):
            end = number + 1
            while end < len(shown) and "|" in shown[end]:
                end += 1
            rows = tuple((i + 1, _cells(shown[i])) for i in range(number + 1, end))
            yield Table(_cells(shown[number - 1]), rows, number)
            number = end
        number += 1


def _is_divider(line: str) -> bool:
    return "|" in line and "-" in line and not line.strip(" \t|:->")


def _cells(line: str) -> tuple[str, ...]:
    return tuple(plain(cell) for cell in line.strip().strip("|").split("|"))


def _anchors(headings: Sequence[Heading], shown: Sequence[str]) -> Iterator[str]:
    yield from (slug(h.text) for h in headings)
    for line in shown:
        if "id=" in line or "name=" in line:
            yield from (slug(m[1]) for m in _ANCHOR.finditer(line))
