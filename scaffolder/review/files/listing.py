"""Which files of a repository are examined.

Invariant: every path that git names or the folder holds is either in `files` or counted among the
skipped, whatever it is called; no link is followed and no environment is entered.
"""

import re
import stat
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from scaffolder.errors import EnvironmentProblem
from scaffolder.review.cleanroom import History
from scaffolder.review.files.skips import Skips
from scaffolder.review.files.tree import MAX_DEPTH, Tree, kind, why
from scaffolder.review.model import Evidence, count, quote
from scaffolder.sanitise import clean

MAX_ENTRIES = 200_000
"""Files and folders of one repository that are looked at."""

MAX_NOTICES = 20
_ENVIRONMENTS = {
    ".venv", "venv", "virtualenv", "node_modules", "site-packages", "__pycache__", ".tox", ".nox",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints", ".eggs",
    ".terraform", ".gradle", ".next", ".nuxt", ".pnpm-store", ".yarn", ".svn", ".hg",
}  # fmt: skip
_MARKER = "pyvenv.cfg"
_RESERVED = re.compile(r"\A(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|\Z)", re.IGNORECASE)


def listed(tree: Tree, history: History, skips: Skips) -> tuple[str, ...]:
    """The files to examine, sorted; everything else goes to `skips`.

    EnvironmentProblem where the folder itself may not be read.
    """
    if not history.available:
        return tuple(sorted(_walked(tree, skips)))
    if not history.tracked and is_bare(tree):
        skips.add(".", "a bare repository: it has a history and no files of its own")
        return ()
    named = sorted({*history.tracked, *_own(history, skips)})
    if len(named) > MAX_ENTRIES:
        left = count(len(named) - MAX_ENTRIES, "file")
        skips.add(".", f"{left} beyond the first {MAX_ENTRIES:,}")
    found = (p for p in named[:MAX_ENTRIES] if _is_file(tree, p, p in history.tracked, skips))
    return tuple(found)


def is_bare(tree: Tree) -> bool:
    """Whether the folder itself is a git store: HEAD, objects and refs, and no .git."""
    try:
        found = dict(tree.entries(""))
    except OSError:
        return False
    kinds = [found.get(n) for n in ("HEAD", "objects", "refs")]
    return ".git" not in found and kinds == [stat.S_IFREG, stat.S_IFDIR, stat.S_IFDIR]


def collisions(files: Iterable[str]) -> Iterator[Evidence]:
    """Names that another file system would take for one, or could not hold; the first of each."""
    groups: dict[str, list[str]] = defaultdict(list)
    for path in files:
        same = path if path.isascii() else unicodedata.normalize("NFC", path)
        groups[same.casefold()].append(path)
        name = path.rpartition("/")[2]
        if name.endswith((" ", ".")) or _RESERVED.match(name):
            yield quote(path, None, "this name cannot exist on Windows")
    for same_paths in groups.values():
        for other in same_paths[1:]:
            said = f"differs from {clean(same_paths[0], 80)} only by case or by how accents are"
            yield quote(other, None, f"{said} written: some systems keep one of the two")


def _own(history: History, skips: Skips) -> Iterator[str]:
    """The untracked files that lie in no environment."""
    marked = {p.rpartition("/")[0] for p in history.untracked if p.endswith(f"/{_MARKER}")}
    left_out: Counter[str] = Counter()
    for path in history.untracked:
        environment = _environment(path, marked)
        if environment is None:
            yield path
        else:
            left_out[environment] += 1
    for folder, many in left_out.items():
        _skip_environment(folder, f" (files: {many:,})", skips)


def _environment(path: str, marked: set[str]) -> str | None:
    parts = path.split("/")[:-1]
    if not marked and _ENVIRONMENTS.isdisjoint(parts):
        return None
    above = ("/".join(parts[: n + 1]) for n in range(min(len(parts), MAX_DEPTH)))
    return next((a for a in above if a in marked or a.rpartition("/")[2] in _ENVIRONMENTS), None)


def _skip_environment(folder: str, count: str, skips: Skips) -> None:
    said = "not examined: looks like an environment or a cache"
    skips.add(folder, said + count, said)


def _is_file(tree: Tree, path: str, tracked: bool, skips: Skips) -> bool:
    if path.endswith("/"):
        skips.add(path, "holds a repository of its own (not entered)")
        return False
    try:
        mode = tree.status(path).st_mode
    except FileNotFoundError:
        gone = "is in the index, not in the folder" if tracked else "went away meanwhile"
        skips.add(path, gone)
    except (OSError, ValueError) as error:
        skips.add(path, why(error))
    else:
        return _taken(tree, path, stat.S_IFMT(mode), skips)
    return False


def _taken(tree: Tree, path: str, type_bits: int, skips: Skips) -> bool:
    """Whether it is a regular file; what it is instead goes to `skips`."""
    if type_bits == stat.S_IFREG:
        return True
    if type_bits == stat.S_IFLNK:
        skips.add(path, f"is a link to {_target(tree, path)} (not followed)", kind(type_bits))
    elif type_bits == stat.S_IFDIR:
        skips.add(path, "is a folder where git has a file or a submodule (not entered)")
    else:
        skips.add(path, kind(type_bits))
    return False


def _target(tree: Tree, path: str) -> str:
    try:
        return clean(tree.target(path), 80)
    except (OSError, ValueError):
        return "something"


def _walked(tree: Tree, skips: Skips) -> Iterator[str]:
    """Every file below the root, folder after folder."""
    waiting = [""]
    seen = 0
    while waiting:
        folder = waiting.pop()
        below: list[str] = []
        for path, type_bits in _inside(tree, folder, skips):
            seen += 1
            if seen > MAX_ENTRIES:
                skips.add(".", f"more than {MAX_ENTRIES:,} files and folders: the others")
                return
            if type_bits == stat.S_IFDIR:
                below.append(path)
            elif _taken(tree, path, type_bits, skips):
                yield path
        waiting += [b for b in sorted(below, reverse=True) if _entered(tree, b, skips)]


def _inside(tree: Tree, folder: str, skips: Skips) -> Iterator[tuple[str, int]]:
    try:
        for name, type_bits in tree.entries(folder):
            yield f"{folder}/{name}" if folder else name, type_bits
    except OSError as error:
        if not folder:
            raise _closed(tree, error) from error
        skips.add(folder, why(error))


def _closed(tree: Tree, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"{clean(str(tree.root), 300)} cannot be examined: it {why(error)}",
        "Give yourself the right to read the folder and all below it, and review it again.",
    )


def _entered(tree: Tree, folder: str, skips: Skips) -> bool:
    name = PurePosixPath(folder).name
    if name == ".git":
        return False
    if folder.count("/") >= MAX_DEPTH:
        skips.add(folder, f"lies deeper than {MAX_DEPTH} folders")
        return False
    if name in _ENVIRONMENTS or _has_marker(tree, folder):
        _skip_environment(folder, "", skips)
        return False
    return True


def _has_marker(tree: Tree, folder: str) -> bool:
    try:
        tree.status(f"{folder}/{_MARKER}")
    except (OSError, ValueError):
        return False
    return True
