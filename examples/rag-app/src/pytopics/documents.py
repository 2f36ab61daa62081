"""Documents: Markdown, text, HTML and PDF files as plain text with a title and an access label.

Invariant: a file of a supported kind becomes a `Document` or a `ParseFailure` that says why;
none is dropped in silence, and none is read from outside the ingested folder. A label that
cannot be read is a failure, never "everyone".
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError
from .readers import READERS

EVERYONE = "everyone"
MAX_BYTES = 50_000_000
_NOT_FACTS = frozenset({"encoding", "viewport", "generator", "robots"})
_SHORT = 60
_TITLE_LENGTH = 120


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
            if key not in _NOT_FACTS and 0 < len(value) <= _SHORT
        ]
        return f"{self.title} ({', '.join(facts)})" if facts else self.title


@dataclass(frozen=True)
class Listing:
    """What a folder holds: files to read, files refused, and how many there are of other kinds.

    A kind is the ending of the name in lower case, or "no ending".
    """

    files: tuple[Path, ...]
    refused: tuple[ParseFailure, ...]
    ignored: Mapping[str, int]


def find_documents(root: Path, exclude: Path | None = None) -> Listing:
    """The documents under `root`, sorted; hidden names and the folder `exclude` are left out.

    A symbolic link that leaves `root` or points at a folder, and what may not be looked at, is
    refused and listed. Raises UsageError if `root` itself cannot be read.
    """
    files: list[Path] = []
    refused: list[ParseFailure] = []
    ignored: Counter[str] = Counter()

    def refuse(error: OSError) -> None:
        folder, reason = Path(error.filename), error.strerror or str(error)
        if folder == root:
            raise UsageError(f"cannot read {root}: {reason}")
        refused.append(ParseFailure(_printable(folder, root), f"a folder: {reason}"))

    for path in _visible(root, exclude, refuse):
        problem, is_file = _look_at(path, root)
        if problem:
            refused.append(ParseFailure(_printable(path, root), problem))
        elif path.suffix.lower() in READERS and is_file:
            files.append(path)
        else:
            ignored[_kind(path)] += 1
    return Listing(tuple(files), tuple(refused), dict(sorted(ignored.items())))


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
        parsed = READERS[path.suffix.lower()](raw)
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


def _visible(root: Path, exclude: Path | None, refuse: Callable[[OSError], None]) -> Iterator[Path]:
    for name, folders, files in os.walk(root, onerror=refuse):
        folder = Path(name)
        folders[:] = sorted(f for f in folders if f[0] != "." and folder / f != exclude)
        yield from (folder / f for f in folders if os.path.islink(folder / f))
        yield from (folder / f for f in sorted(files) if f[0] != ".")


def _look_at(path: Path, root: Path) -> tuple[str, bool]:
    """What speaks against reading it, or "", and whether it is a file."""
    try:
        problem = _link_problem(path, root) if path.is_symlink() else ""
        return problem, path.is_file()
    except OSError as error:
        return error.strerror or str(error), False


def _link_problem(path: Path, root: Path) -> str:
    if not path.exists():
        return "a symbolic link to nothing"
    if not path.resolve().is_relative_to(root.resolve()):
        return "a symbolic link out of the folder"
    return "a symbolic link to a folder" if path.is_dir() else ""


def _printable(path: Path, root: Path) -> str:
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")


def _kind(path: Path) -> str:
    ending = os.fsencode(path.suffix.lower()).decode("utf-8", "backslashreplace")
    return ending or "no ending"


def _title(text: str) -> str:
    """The first heading, or else the first line if it is short enough to be a title."""
    line = re.search(r"^#{1,6}[ \t]+(.+)$", text, re.MULTILINE) or re.search(r"(.*\w.*)", text)
    title = line.group(1).strip(" \t#") if line else ""
    return title if len(title) <= _TITLE_LENGTH else ""
