"""Documents: Markdown, text, HTML and PDF files as plain text with a title and an access label.

Invariant: a file of a supported kind becomes a `Document` or a `ParseFailure` that says why;
none is dropped in silence, and none is read from outside the ingested folder. A label that
cannot be read is a failure, never "everyone".
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from bs4 import Tag

READER_VERSION = "1"
EVERYONE = "everyone"
MAX_BYTES = 50_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_FRONT_MATTER = re.compile(r"\A---\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_NOT_CONTENT = ("nav", "footer", "script", "style", "noscript", "template")
_NOT_FACTS = ("encoding", "viewport", "generator", "robots")
_SHORT = 60
_TITLE_LENGTH = 120
_BLOCKS = ("p", "div", "section", "article", "table", "ul", "ol", "dl", "blockquote", "pre")


class ParseFailure(UsageError):
    """A file that could not be read as a document: `path` (relative, posix) and `reason`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class Document:
    """One file. `source` is its posix path inside the ingested folder, `digest` of its bytes.

    `text` is the source text without front matter; headings are lines that start with `#`,
    whatever the format was. `meta` holds the other front matter and, where the bytes were not
    UTF-8, the `encoding` they were read as.
    """

    source: str
    title: str
    text: str
    access: str
    meta: Mapping[str, str]
    digest: str

    @property
    def label(self) -> str:
        """The title with the short front matter: identifiers and dates are what people ask for."""
        facts = [
            f"{key.replace('_', ' ')} {value}"
            for key, value in self.meta.items()
            if key not in _NOT_FACTS and len(value) <= _SHORT
        ]
        return f"{self.title} ({', '.join(facts)})" if facts else self.title


@dataclass(frozen=True)
class Listing:
    """What a folder holds: files to read, files refused, and how many of other kinds."""

    files: tuple[Path, ...]
    refused: tuple[ParseFailure, ...]
    ignored: int


@dataclass(frozen=True)
class _Parsed:
    text: str
    title: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)


def find_documents(root: Path, exclude: Path | None = None) -> Listing:
    """The documents under `root`, sorted; hidden names and the folder `exclude` are left out.

    A symbolic link that leaves `root` or points at a folder is refused and listed.
    """
    files: list[Path] = []
    refused: list[ParseFailure] = []
    ignored = 0
    for path in _visible(root, exclude):
        problem = _link_problem(path, root) if path.is_symlink() else ""
        if problem:
            refused.append(ParseFailure(_printable(path, root), problem))
        elif path.suffix.lower() in _READERS and path.is_file():
            files.append(path)
        else:
            ignored += 1
    return Listing(tuple(files), tuple(refused), ignored)


def read_document(path: Path, root: Path) -> Document:
    """The document at `path`. Raises ParseFailure(path, reason)."""
    return parse(load(path, root), path, root)


def load(path: Path, root: Path) -> bytes:
    """The bytes of a document. Raises ParseFailure for what cannot or should not be read."""
    source = _printable(path, root)
    if source != path.relative_to(root).as_posix():
        raise ParseFailure(source, "the file name is not UTF-8")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ParseFailure(source, f"larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise ParseFailure(source, error.strerror or str(error)) from error


def digest_of(raw: bytes) -> str:
    """The content digest of a document: SHA-256 of its bytes, in hex."""
    return hashlib.sha256(raw).hexdigest()


def parse(raw: bytes, path: Path, root: Path) -> Document:
    """The document that `raw`, the bytes of `path`, spell. Raises ParseFailure."""
    source = path.relative_to(root).as_posix()
    try:
        parsed = _READERS[path.suffix.lower()](raw)
    except ValueError as error:
        raise ParseFailure(source, str(error)) from error
    if not parsed.text.strip():
        raise ParseFailure(source, "no text in it")
    meta = dict(parsed.meta)
    title = meta.pop("title", "") or parsed.title or _title(parsed.text) or path.stem
    access = meta.pop("access", EVERYONE)
    if not access or "," in access:
        raise ParseFailure(source, "access must be one label")
    return Document(source, title, parsed.text, access, meta, digest_of(raw))


def _visible(root: Path, exclude: Path | None) -> Iterator[Path]:
    for name, folders, files in os.walk(root):
        folder = Path(name)
        folders[:] = sorted(f for f in folders if f[0] != "." and folder / f != exclude)
        yield from (folder / f for f in folders if (folder / f).is_symlink())
        yield from (folder / f for f in sorted(files) if f[0] != ".")


def _link_problem(path: Path, root: Path) -> str:
    if not path.exists():
        return "a symbolic link to nothing"
    if not path.resolve().is_relative_to(root.resolve()):
        return "a symbolic link out of the folder"
    return "a symbolic link to a folder" if path.is_dir() else ""


def _printable(path: Path, root: Path) -> str:
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")


def _title(text: str) -> str:
    """The first heading, or else the first line if it is short enough to be a title."""
    line = re.search(r"^#{1,6}[ \t]+(.+)$", text, re.MULTILINE) or re.search(r"(.*\w.*)", text)
    title = line.group(1).strip(" \t#") if line else ""
    return title if len(title) <= _TITLE_LENGTH else ""


def _decode(raw: bytes) -> tuple[str, dict[str, str]]:
    """Text with plain newlines and no control characters, and the encoding if not UTF-8."""
    meta: dict[str, str] = {}
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, meta["encoding"] = raw.decode("utf-16", "replace"), "utf-16"
    elif b"\0" in raw:
        raise ValueError("binary data, not text")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text, meta["encoding"] = raw.decode("cp1252", "replace"), "cp1252"
    return _clean(text), meta


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    return _CONTROL.sub(" ", lines).encode("utf-8", "replace").decode("utf-8")


def _read_text(raw: bytes) -> _Parsed:
    text, meta = _decode(raw)
    return _Parsed(text, meta=meta)


def _read_markdown(raw: bytes) -> _Parsed:
    text, meta = _decode(raw)
    block = _FRONT_MATTER.match(text)
    front = _front_matter(block.group(1)) if block else None
    if block is None or front is None:
        return _Parsed(text, meta=meta)
    return _Parsed(text[block.end() :], meta=front | meta)


def _front_matter(block: str) -> dict[str, str] | None:
    """The keys of a YAML block as strings; None if it is prose between two rules."""
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        content = yaml.load(block, Loader=loader)
    except yaml.YAMLError as error:
        raise ValueError("the front matter is not valid YAML") from error
    if not isinstance(content, dict):
        return None
    return {
        str(key): ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in content.items()
    }


def _read_html(raw: bytes) -> _Parsed:
    from bs4 import BeautifulSoup

    text, meta = _decode(raw)
    soup = BeautifulSoup(text, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for tag in soup.find_all("meta"):
        if tag.get("name") and tag.get("content"):
            meta[str(tag["name"]).lower()] = str(tag["content"]).strip()
    for tag in soup(_NOT_CONTENT):
        tag.decompose()
    return _Parsed(_html_text(soup.find("main") or soup.body or soup), title, meta)


def _html_text(body: "Tag") -> str:
    """One line per heading (`## ...`), list item (`- ...`), table row (`a | b`) and paragraph."""
    for piece in body.find_all(string=True):
        if not piece.find_parent("pre"):
            piece.replace_with(re.sub(r"\s+", " ", piece))
    for tag in body.find_all(re.compile(r"^(h[1-6]|tr|li|br|dt|dd)$")):
        if tag.name[0] == "h":
            tag.insert_before(f"\n\n{'#' * int(tag.name[1])} ")
            tag.insert_after("\n\n")
        elif tag.name == "tr":
            cells = [cell.get_text(" ", strip=True) for cell in tag.find_all(["th", "td"], recursive=False)]
            tag.string = "\n" + " | ".join(cells)
        else:
            tag.insert_before("\n- " if tag.name == "li" else "\n")
    for tag in body.find_all(_BLOCKS):
        tag.insert_before("\n\n")
        tag.insert_after("\n\n")
    lines = (line.strip() for line in body.get_text().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _read_pdf(raw: bytes) -> _Parsed:
    import logging

    from pypdf import PdfReader

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
    return _Parsed(_clean("\n\n".join(pages)), _clean(title or ""))


_READERS: Mapping[str, Callable[[bytes], _Parsed]] = {
    ".md": _read_markdown,
    ".txt": _read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
}
SUFFIXES = tuple(_READERS)
