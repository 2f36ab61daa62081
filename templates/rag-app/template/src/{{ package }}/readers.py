"""Readers: the bytes of a Markdown, text, HTML or PDF file as plain text.

Invariant: what comes out has plain newlines, no control characters and no lone surrogates.
A reader that cannot read its file raises ValueError with the reason.
"""

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from .plaintext import clean

if TYPE_CHECKING:
    from bs4.element import Tag

READER_VERSION = "2"
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FRONT_MATTER_OPENS = re.compile(r"\A\s*---[ \t]*\n(?:[ \t]*(?:#.*)?\n)*[ \t]*[\w\"'-]+[ \t]*:")
_FRONT_MATTER_LENGTH = 10_000
# Byte order marks; that of UTF-32 begins with the one of UTF-16 and so comes first.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NOT_CONTENT = ("nav", "footer", "script", "style", "noscript", "template")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
_LINES = _HEADINGS | _CELLS | {"li", "dt", "dd"}
_GROUPS = (_CELLS, {"li"}, {"dt", "dd"})
_BLOCKS = frozenset({"p", "div", "section", "article", "main", "caption", "blockquote", "pre"})


@dataclass(frozen=True)
class Parsed:
    """`title` is what the format itself calls so; `meta` the front matter or `<meta>` names."""

    text: str
    title: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)


def _decode(raw: bytes) -> tuple[str, dict[str, str]]:
    """Text with plain newlines and no control characters, and the encoding if not UTF-8."""
    meta: dict[str, str] = {}
    wide = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), "")
    if wide:
        text, meta["encoding"] = raw.decode(wide, "replace"), wide
    elif b"\0" in raw:
        raise ValueError("binary data, not text")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text, meta["encoding"] = raw.decode("cp1252", "replace"), "cp1252"
    return clean(text), meta


def _read_text(raw: bytes) -> Parsed:
    """Markdown and plain text; both may begin with front matter."""
    text, meta = _decode(raw)
    block = _FRONT_MATTER.match(text)
    if block is None and _FRONT_MATTER_OPENS.match(text):
        raise ValueError("the front matter is not closed")
    front = _front_matter(block.group(1)) if block else None
    if block is None or front is None:
        return Parsed(text, meta=meta)
    return Parsed(text[block.end() :], meta=front | meta)


def _front_matter(block: str) -> dict[str, str] | None:
    """The keys of a YAML block as strings; None if it is prose between two rules."""
    import yaml

    if len(block) > _FRONT_MATTER_LENGTH:
        raise ValueError("the front matter is too long")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        written: Any = yaml.compose(block, Loader=loader)
        content = yaml.load(block, Loader=loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("the front matter is not valid YAML") from error
    if not isinstance(content, dict):
        return None
    front = {str(key).lower(): _scalar(value) for key, value in content.items()}
    # YAML itself keeps the last of two and says nothing: `access: hr` would be overruled.
    if len(front) < len(written.value):
        raise ValueError("the front matter has a key twice")
    return front


def _scalar(value: Any) -> str:
    """A string or a list of strings as text; anything nested is left out."""
    items = value if isinstance(value, list) else [value]
    return ", ".join(items) if all(isinstance(item, str) for item in items) else ""


def _read_html(raw: bytes) -> Parsed:
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    text, meta = _decode(raw)
    try:
        soup = BeautifulSoup(text, "html.parser")
    except ParserRejectedMarkup as error:
        raise ValueError("not readable HTML") from error
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for tag in soup.find_all("meta"):
        if tag.get("name") and tag.get("content") is not None:
            name = str(tag["name"]).lower()
            if name == "access" and name in meta:
                raise ValueError("access is given twice")
            meta[name] = str(tag["content"]).strip()
    for tag in soup(_NOT_CONTENT):
        tag.decompose()
    return Parsed(_html_text(soup.find("main") or soup.body or soup), title, meta)


def _html_text(body: "Tag") -> str:
    """The text with one line per heading, list item, table row and paragraph."""
    from bs4.element import NavigableString, Tag

    out: list[str] = []
    line: Tag | None = None
    block: Tag | None = None
    places = {id(body): _place_in(body)}
    for node in body.descendants:
        place = places[id(node.parent)]
        if isinstance(node, Tag):
            places[id(node)] = _inside(node, place)
        if isinstance(node, Tag) and node.name == "br":
            out.append("\n")
        elif isinstance(node, Tag) and node.name in _CELLS:
            out.append(_opening(node, line))
            line, block = node, None
        elif type(node) is NavigableString:
            if node.strip():
                before, outer = line, block
                line, block = place.line or place.block, place.block
                joint = " " if outer and block is not outer else ""
                out.append(joint if line is before else _opening(line, before))
            out.append(str(node) if place.in_pre else re.sub(r"\s+", " ", node))
    lines = (part.strip() for part in "".join(out).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


@dataclass(frozen=True)
class _Place:
    """What a text is in: the nearest of `_LINES`, the nearest of those and `_BLOCKS`, a `<pre>`.

    It is handed down from parent to child: looking upwards from every text takes hours where
    tags are never closed and so are all nested.
    """

    line: "Tag | None" = None
    block: "Tag | None" = None
    in_pre: bool = False


def _place_in(tag: "Tag") -> _Place:
    place = _Place()
    for outer in reversed([tag, *tag.parents]):
        place = _inside(outer, place)
    return place


def _inside(tag: "Tag", place: _Place) -> _Place:
    """The place of what `tag` holds, if `place` is where the tag is itself."""
    is_line = tag.name in _LINES
    if not is_line and tag.name not in _BLOCKS:
        return place
    return _Place(tag if is_line else place.line, tag, place.in_pre or tag.name == "pre")


def _opening(line: "Tag | None", before: "Tag | None") -> str:
    """What separates `line` from the one `before` it: `## ` a heading, `- ` items, ` | ` cells."""
    name = line.name if line else ""
    if name in _HEADINGS:
        return f"\n\n{'#' * int(name[1])} "
    if name in _CELLS and line and before and before.parent is line.parent:
        return " | "
    kinds = {name, before.name} if before else {name}
    gap = "\n" if any(kinds <= group for group in _GROUPS) else "\n\n"
    return f"{gap}- " if name == "li" else gap


def _read_pdf(raw: bytes) -> Parsed:
    import logging

    from pypdf import PdfReader

    # What it warns about is in the failure, or did not keep the text from being read.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(raw))
        pages = [page.extract_text() for page in reader.pages]
        title = reader.metadata.title if reader.metadata else None
    # A damaged PDF can fail anywhere inside the parser, with any type of error.
    except Exception as error:
        raise ValueError(f"not a readable PDF ({error or type(error).__name__})") from error
    if not any(page.strip() for page in pages):
        raise ValueError("a PDF without text (a scan?)")
    return Parsed(clean("\n\n".join(pages)), clean(title or ""))


READERS: Mapping[str, Callable[[bytes], Parsed]] = {
    ".md": _read_text,
    ".txt": _read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
}
