"""A look at a file of a reviewed folder around the line that a verdict rests on.

Invariant: no link is followed, nothing outside the folder is opened, at most `LIMIT` bytes are
read; every line that leaves here is clean, of bounded length, with keys cut off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder.review.files.decode import decode
from scaffolder.review.files.tree import Tree, why
from scaffolder.review.mask import mask
from scaffolder.review.model import MASKED, Evidence
from scaffolder.sanitise import clean

LIMIT = 4 * 1024 * 1024
"""Bytes of a file that are looked at."""

LINE = 400
"""Characters of a line that are shown."""

_BEGIN, _END, _KEY = "-----BEGIN ", "-----END ", "PRIVATE KEY"
_HIDDEN = "… (of a private key)"


@dataclass(frozen=True)
class Excerpt:
    """The lines of a file, raw, and which of them are meant (1-based); or `why_not` in words.

    `cut` says what of the file is not here. Show a line only through `shown`.
    """

    path: str
    first: int = 0
    last: int = 0
    lines: Sequence[str] = ()
    cut: str = ""
    why_not: str = ""

    def shown(self, start: int, count: int) -> list[str]:
        """`count` lines from the 0-based `start`, fit for a screen."""
        return [_fit(line) for line in self.lines[start : start + count]]


def excerpt(root: Path, evidence: Evidence) -> Excerpt:
    """The file that `evidence` names, below `root`; words where there is none to show."""
    path = evidence.path
    if path in (".git", "."):
        return Excerpt(path, why_not=_ABOUT[path])
    try:
        content, size = _read(root, path)
    except (OSError, ValueError) as error:
        return Excerpt(path, why_not=_refused(error))
    text = decode(content, size > LIMIT)
    if text is None:
        return Excerpt(path, why_not="This file is binary: there are no lines to show.")
    lines = list(_without_keys(text.removesuffix("\n").split("\n")))
    cut = f"the first {LIMIT // 1024**2} MB of {size / 1024**2:,.0f} MB" if size > LIMIT else ""
    return _marked(path, evidence, lines, cut)


_ABOUT = {
    ".git": "This is about the history of the repository, not about a file in it.",
    ".": "This is about the folder as a whole, not about one file in it.",
}


def _read(root: Path, path: str) -> tuple[bytes, int]:
    tree = Tree(root)
    try:
        return tree.read(path, LIMIT)
    finally:
        tree.close()


def _refused(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "There is no such file in the folder now: it is of the history, or was taken out."
    return f"Not shown: it {why(error)}."


def _marked(path: str, evidence: Evidence, lines: list[str], cut: str) -> Excerpt:
    first = evidence.line or 0
    last = max(first, evidence.end_line or 0)
    if first > len(lines):
        beyond = f"Line {first:,} lies beyond " + (cut or f"the {len(lines):,} lines it has now")
        return Excerpt(path, why_not=f"{beyond}.")
    return Excerpt(path, first, min(last, len(lines)), lines, cut)


def _without_keys(lines: Sequence[str]) -> Iterator[str]:
    """The lines, those between the marks of a private key hidden."""
    inside = False
    for line in lines:
        ends = _END in line and _KEY in line
        yield _HIDDEN if inside and not ends else line
        inside = (inside or (_BEGIN in line and _KEY in line)) and not ends


def _fit(line: str) -> str:
    return clean(mask(line[:MASKED]), LINE) if len(line) <= MASKED else _long(line)


def _long(line: str) -> str:
    head = clean(mask(line[:MASKED])[:LINE])
    return f"{head}… (+{len(line) - LINE:,} characters)"
