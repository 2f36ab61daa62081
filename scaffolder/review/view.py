"""A repository as the probes see it: files and history, read once.

Invariant: no reviewed code is run, no link followed, no file read beyond its limit; what was not
examined is counted with its reason.
"""

import os
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from sys import getsizeof
from typing import Any, TypeVar

from scaffolder.paths import cache_dir
from scaffolder.review import cleanroom, memory, parse
from scaffolder.review.cleanroom import History, Repository
from scaffolder.review.files import finding, listing
from scaffolder.review.files.decode import decode
from scaffolder.review.files.finding import Finder
from scaffolder.review.files.recent import Recent
from scaffolder.review.files.skips import Skips
from scaffolder.review.files.tree import Tree, why
from scaffolder.review.memory import Memory
from scaffolder.review.model import Evidence, Skipped, quote
from scaffolder.review.parse import Parsed, Refused
from scaffolder.review.python.ownpython import is_test, modules
from scaffolder.review.python.pysource import PythonFile

__all__ = ["MAX_LINE", "MAX_TEXT", "Evidence", "RepoView", "Skipped", "is_test", "opened"]

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

MAX_TEXT = 1024 * 1024
"""Bytes of a file that are read as text; of a longer one the beginning, and that is said."""

MAX_LINE = 2000
"""Characters of a line that a pattern is tried on."""

MAX_ROWS = 200_000
MAX_ROWS_SIZE = 64 * 1024 * 1024
"""Rows of one .jsonl file that are read, and bytes."""

_HEAD = 8192
_KEPT_TEXT = 48 * 1024 * 1024
_KEPT_LINES = 8 * 1024 * 1024
_KEPT_DOCUMENTS = 8 * 1024 * 1024


class RepoView:
    """One repository. `files` are the relative paths that were examined, sorted, as they are named.

    `skipped` and `notices` (names that another system would confuse) grow while files are read. A
    name may hold anything: show it only through `quote` or `sanitise.clean`.
    """

    def __init__(self, root: Path, git: Repository, remembered: Memory | None = None) -> None:
        self.root = root
        self.git = git
        self.memory = remembered or Memory()
        self._tree = Tree(root)
        self._skips = Skips()
        self.skipped: list[Skipped] = self._skips.entries
        self.files: tuple[str, ...] = listing.listed(self._tree, git.history, self._skips)
        self.notices: list[Evidence] = list(
            islice(listing.collisions(self.files), listing.MAX_NOTICES)
        )
        self._known = frozenset(self.files)
        self._finder = Finder(self.files)
        self._budget = parse.Budget()
        self._texts: Recent[str] = Recent(_KEPT_TEXT)
        self._lines: Recent[list[str]] = Recent(_KEPT_LINES)
        self._documents: Recent[Parsed | Refused] = Recent(_KEPT_DOCUMENTS)
        self._binary: dict[str, bool] = {}
        self._done: dict[Hashable, Any] = {}

    @property
    def history(self) -> History:
        return self.git.history

    def has(self, path: str) -> bool:
        """Whether `path` is a file that was examined."""
        return path in self._known

    def skip(self, path: str, reason: str, kind: str = "") -> None:
        """Tells that `path` was not examined; `kind` is the reason without what is its own."""
        self._skips.add(path, reason, kind)

    def tracked(self, path: str) -> bool:
        """Whether git tracks `path`; True for every file of a folder without git."""
        return not self.history.available or path in self.history.tracked

    def find(self, *patterns: str) -> list[str]:
        """The files whose path or name matches one of the shell patterns, whatever their case."""
        return self._finder.find(patterns)

    def size(self, path: str) -> int:
        """Bytes of the file; 0 where it is not there any more."""
        try:
            return self._tree.status(path).st_size
        except (OSError, ValueError):
            return 0

    def raw(self, path: str, limit: int = MAX_TEXT) -> bytes:
        """The first `limit` bytes of a file, empty where it cannot be read.

        Either is told in `skipped`; but a `limit` below MAX_TEXT is meant as a look only.
        """
        content, size = self._read(path, limit)
        if size > limit >= MAX_TEXT:
            self._cut(path, limit, size)
        return content

    def ends(self, path: str, limit: int) -> bytes:
        """The first and the last `limit` bytes of a large file, empty where it cannot be read."""
        try:
            return self._tree.ends(path, limit)
        except (OSError, ValueError) as error:
            self._skips.add(path, why(error))
            return b""

    def is_binary(self, path: str) -> bool:
        """Whether the file holds no text."""
        if path not in self._binary:
            content, size = self._read(path, _HEAD)
            self._binary[path] = decode(content, size > _HEAD) is None
        return self._binary[path]

    def text(self, path: str) -> str:
        """The decoded text of a file, with \\n line ends; "" where it is binary or not there."""
        if path not in self._known:
            return ""
        known = self._texts.get(path)
        if known is not None:
            return known
        text = self._decoded(path, MAX_TEXT)
        return self._texts.keep(path, text, getsizeof(text))

    def lines(self, path: str) -> list[str]:
        """The lines of `text`, each cut at MAX_LINE, so that no pattern meets a longer one.

        The list is shared: do not change it.
        """
        known = self._lines.get(path)
        if known is not None:
            return known
        text = self.text(path)
        lines = [line[:MAX_LINE] for line in text.split("\n")]
        return self._lines.keep(path, lines, getsizeof(text) + 60 * len(lines))

    def search(self, pattern: re.Pattern[str], paths: Iterable[str]) -> Iterator[Evidence]:
        """Each line of `paths` that the pattern is found in."""
        for path in paths:
            for number, line in enumerate(self.lines(path), 1):
                if pattern.search(line):
                    yield quote(path, number, line)

    def json(self, path: str) -> Parsed | Refused:
        """A JSON file; as with the other kinds, the value is shared: do not change it."""
        return self._document(path, parse.read_json, parse.MAX_JSON)

    def toml(self, path: str) -> Parsed | Refused:
        """A TOML file."""
        return self._document(path, parse.read_toml, parse.MAX_TOML)

    def yaml(self, path: str) -> Parsed | Refused:
        """A YAML file."""
        return self._document(path, parse.read_yaml, parse.MAX_YAML)

    def notebook(self, path: str) -> Parsed | Refused:
        """The cells of a notebook, as `parse.Cell`."""
        return self._document(path, parse.read_notebook, parse.MAX_NOTEBOOK)

    def rows(self, path: str) -> list[tuple[int, dict[str, Any]]]:
        """The objects of a .jsonl file with their line numbers; a line that is none is left out.

        Of more than MAX_ROWS lines or MAX_ROWS_SIZE the beginning, and `skipped` says so.
        """
        if path not in self._known:
            return []
        lines = self._decoded(path, MAX_ROWS_SIZE).split("\n")
        if len(lines) > MAX_ROWS:
            said = f"read the first {MAX_ROWS:,} rows"
            self._skips.add(path, f"{said} of {len(lines):,}", said)
        read = ((n, parse.row(line)) for n, line in enumerate(lines[:MAX_ROWS], 1) if line)
        return [(n, row) for n, row in read if row is not None]

    def quote(self, path: str, line: int, end: int | None = None) -> Evidence:
        """The evidence of one line as it stands in the file."""
        lines = self.lines(path)
        return quote(path, line, lines[line - 1] if 0 < line <= len(lines) else "", end)

    @property
    def readme(self) -> str | None:
        """The README of the project; that of its only subfolder with one, if the root has none."""
        return self.once(_readme)

    @property
    def unparsed(self) -> tuple[str, ...]:
        """Modules of the project itself that no tree could be made of; their text can be read."""
        return self.once(_python)[1]

    @property
    def python(self) -> tuple[PythonFile, ...]:
        """Every module and notebook of the project itself: no vendored, no generated code."""
        return self.once(_python)[0]

    @property
    def code(self) -> tuple[PythonFile, ...]:
        """`python` without its tests."""
        return self.once(_code)

    @property
    def tests(self) -> tuple[PythonFile, ...]:
        """The modules of `python` that are tests."""
        return self.once(_tests)

    def once(self, compute: Callable[["RepoView"], T]) -> T:
        """`compute(self)`, computed the first time that it is asked for."""
        if compute not in self._done:
            self._done[compute] = compute(self)
        result: T = self._done[compute]
        return result

    def once_for(self, compute: Callable[["RepoView", K], T], key: K) -> T:
        """`compute(self, key)`, computed the first time that it is asked for that key."""
        known = self._done.setdefault((compute, "by key"), {})
        if key not in known:
            known[key] = compute(self, key)
        result: T = known[key]
        return result

    def close(self) -> None:
        """Lets go of the folders that are open."""
        self._tree.close()

    def _read(self, path: str, limit: int) -> tuple[bytes, int]:
        try:
            return self._tree.read(path, limit)
        except (OSError, ValueError) as error:
            if path in self._known:
                self._skips.add(path, why(error))
            return b"", 0

    def _decoded(self, path: str, limit: int) -> str:
        content, size = self._read(path, limit)
        text = decode(content, size > limit)
        self._binary[path] = text is None
        if text is not None and size > limit:
            self._cut(path, limit, size)
        return text or ""

    def _cut(self, path: str, limit: int, size: int) -> None:
        said = f"read the first {limit // 1024**2} MB"
        self._skips.add(path, f"{said} of {size / 1024**2:,.1f} MB", said)

    def _document(
        self, path: str, read: Callable[[str, parse.Budget], Parsed | Refused], most: int
    ) -> Parsed | Refused:
        known = self._documents.get((read, path))
        if known is not None:
            return known
        found = self._parsed(path, read, most)
        if isinstance(found, Refused) and path in self._known:
            self._left_out(path, found)
        return self._documents.keep((read, path), found, self.size(path) + 500)

    def _parsed(
        self, path: str, read: Callable[[str, parse.Budget], Parsed | Refused], most: int
    ) -> Parsed | Refused:
        if path not in self._known:
            return Refused("is not there")
        if most <= MAX_TEXT:
            return read(self.text(path), self._budget)
        content, size = self._read(path, most)
        if size > most:
            return parse.too_large(most)
        return read(decode(content) or "", self._budget)

    def _left_out(self, path: str, refused: Refused) -> None:
        where = f" (line {refused.line})" if refused.line else ""
        self._skips.add(path, f"{refused.reason}{where}", refused.reason)


@contextmanager
def _remembering(root: Path) -> Iterator[Memory]:
    """The memory of former reviews; none that lies in what is reviewed, which could forge it."""
    place = cache_dir()
    if Path(os.path.realpath(place)).is_relative_to(os.path.realpath(root)):
        yield Memory()
        return
    with memory.opened(place) as remembered:
        yield remembered


@contextmanager
def opened(root: Path) -> Iterator[RepoView]:
    """The view of the folder `root`, for as long as the context lasts."""
    with cleanroom.opened(root) as git, _remembering(root) as remembered:
        view = RepoView(root, git, remembered)
        try:
            yield view
        finally:
            view.close()


def _readme(view: RepoView) -> str | None:
    return finding.readme(view.files)


def _python(view: RepoView) -> tuple[tuple[PythonFile, ...], tuple[str, ...]]:
    """Reads all of it; defined here since it shares the view's budget and list of skips."""

    def text(path: str) -> str | None:
        found = view.text(path)
        if not found and view.is_binary(path):
            view._skips.add(path, "is no text")
            return None
        return found

    return modules(view.files, text, view.notebook, view._budget, view._skips, view.memory)


def _code(view: RepoView) -> tuple[PythonFile, ...]:
    return tuple(f for f in view.python if not is_test(f.path))


def _tests(view: RepoView) -> tuple[PythonFile, ...]:
    return tuple(f for f in view.python if is_test(f.path))
