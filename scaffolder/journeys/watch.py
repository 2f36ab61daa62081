"""Has a folder changed since it was looked at.

Invariant: only names, sizes and times are read, of at most `MOST` entries; no link is followed, no
environment or cache is entered; the same folder gives the same print.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST = 20_000
"""Files and folders that are looked at: of a larger folder the first ones, in a fixed order."""

_DEEPEST = 40
_LEFT_OUT = {
    ".venv", "venv", "virtualenv", "node_modules", "site-packages", "__pycache__", ".tox", ".nox",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints", ".git",
}  # fmt: skip
_OF_GIT = ("HEAD", "index", "packed-refs", "logs/HEAD")


@dataclass(frozen=True)
class Print:
    """What a folder looked like; equal where nothing was saved, added, taken out or committed."""

    digest: str
    entries: int


def fingerprint(root: Path) -> Print:
    """The print of the folder `root`; that of an empty one where it cannot be read."""
    found = hashlib.blake2b(digest_size=16)
    entries = 0
    for path, status in (*_files(root), *_git(root)):
        entries += 1
        line = f"{path}\0{status.st_mtime_ns}\0{status.st_size}\0{status.st_ino}\n"
        found.update(line.encode("utf-8", "surrogateescape"))
    return Print(found.hexdigest(), entries)


def _files(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    waiting, left = [(str(root), 0)], MOST
    while waiting and left > 0:
        folder, depth = waiting.pop()
        below = []
        for entry in _entries(folder)[:left]:
            left -= 1
            status = _status(entry.path)
            if status is None:
                continue
            if not stat.S_ISDIR(status.st_mode):
                yield entry.path, status
            elif depth < _DEEPEST and not _is_left_out(entry):
                below.append((entry.path, depth + 1))
        waiting += reversed(below)


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_left_out(entry: "os.DirEntry[str]") -> bool:
    return entry.name in _LEFT_OUT or os.path.lexists(f"{entry.path}/pyvenv.cfg")


def _git(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """The few files of git that a commit, a checkout or an `add` changes."""
    above = next((p for p in (root, *root.parents) if os.path.lexists(p / ".git")), None)
    for name in _OF_GIT if above else ():
        path = f"{above}/.git/{name}"
        status = _status(path)
        if status is not None:
            yield path, status


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None
