"""Where an identifier or a pattern stands in the project's code, as evidence.

Invariant: one place a file, never a comment line; a notebook's place has a line only where the
file gives each source line its own.
"""

import re
from collections.abc import Iterable

from scaffolder.review.model import Evidence, quote
from scaffolder.review.parse import Parsed
from scaffolder.review.parsing import notebooks
from scaffolder.review.parsing.notebooks import Cell
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import MAX_LINE, RepoView

LONGEST_NAME = 100
"""Characters of an identifier that a pattern is tried on; a longer one is generated."""

SHOWN = 5
"""Places that a reading names at most."""


def code_lines(view: RepoView, path: str) -> list[str]:
    """The lines of a source file; of a notebook those of its code, as `PythonFile` counts them."""
    if not path.endswith(".ipynb"):
        return view.text(path).split("\n")
    return notebooks.joined((c, c.source) for c in code_cells(view, path)).split("\n")


def code_cells(view: RepoView, path: str) -> list[Cell]:
    """The code cells of a notebook; none where it cannot be read."""
    read = view.notebook(path)
    found: list[Cell] = read.value if isinstance(read, Parsed) else []
    return [c for c in found if c.kind == "code"]


def place(view: RepoView, path: str, line: int) -> Evidence:
    """The evidence of one code line, as `PythonFile` counts them."""
    if not path.endswith(".ipynb"):
        return view.quote(path, line)
    lines = code_lines(view, path)
    placed = all(c.line for c in code_cells(view, path))
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    return quote(path, line if placed else None, text)


def docstrings(file: PythonFile) -> frozenset[str]:
    """How the docstrings of a module and of its functions begin, as `starts` gives it."""
    texts = (file.docstring, *(f.docstring for f in file.functions))
    return frozenset(starts(t) for t in texts if t)


def starts(text: str) -> str:
    """The beginning of a text, by which it is known again where the rest was cut."""
    return text.strip()[:40]


_ARGUMENTS = 40
"""Lines of a call in which one of its keywords is looked for."""


def keyword_place(view: RepoView, path: str, line: int, words: Iterable[str]) -> Evidence:
    """The line of the call that begins at `line` on which one of its keywords is given."""
    given = re.compile(rf"\b(?:{'|'.join(map(re.escape, words)) or '(?!)'})\s?=(?!=)")
    rows = enumerate(code_lines(view, path)[line - 1 : line - 1 + _ARGUMENTS], line)
    return place(view, path, next((n for n, row in rows if given.search(row[:MAX_LINE])), line))


def first_line(view: RepoView, path: str, pattern: re.Pattern[str]) -> Evidence | None:
    """The first line of code that the pattern is found in, comments left out."""
    for number, line in enumerate(code_lines(view, path), 1):
        if not line.lstrip().startswith(("#", "//", "*")) and pattern.search(line[:MAX_LINE]):
            return place(view, path, number)
    return None


def identifiers(
    view: RepoView, pattern: re.Pattern[str], files: Iterable[PythonFile]
) -> list[Evidence]:
    """The first line of each file one of whose identifiers matches."""
    named = ((f.path, naming(view, pattern) & f.names) for f in files)
    words = ((p, "|".join(map(re.escape, sorted(names)))) for p, names in named if names)
    found = (first_line(view, p, re.compile(rf"\b(?:{w})\b")) for p, w in words)
    return [e for e in found if e]


def naming(view: RepoView, pattern: re.Pattern[str]) -> frozenset[str]:
    """Every identifier of the project that matches; each is tried once, however many files."""
    return view.once_for(_naming, pattern)


def _naming(view: RepoView, pattern: re.Pattern[str]) -> frozenset[str]:
    return frozenset(n for n in view.once(_names) if pattern.search(n))


def _names(view: RepoView) -> frozenset[str]:
    return frozenset(n for f in view.python for n in f.names if len(n) <= LONGEST_NAME)


def in_files(view: RepoView, pattern: re.Pattern[str], paths: Iterable[str]) -> list[Evidence]:
    """The first line of each path that the pattern is found in."""
    return [e for e in (first_line(view, p, pattern) for p in paths) if e]
