"""The index and the working tree: what is tracked, what is not, what differs.

Invariant: no name of the index leads out of the folder; no link is followed and no file of the
working tree is opened that is not a regular one.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scaffolder.regularfile import read_regular
from scaffolder.review.git.gitrun import Git, ask

MAX_HASHED = 64 * 1024**2
"""Bytes of changed-looking files that are hashed before it is left open whether they differ."""

MAX_NAMES = 64 * 1024**2
"""Bytes of names of untracked files that are read."""

UNTRACKED_SECONDS = 4.0
"""Seconds that git may look for untracked files."""

UNLISTED = "untracked files: git did not list them all in time"
"""What is said when that was not enough."""

_ENTRY = re.compile(
    rb"(\d{6}) ([0-9a-f]{40,64}) ([0-3])\t([^\0]++)\0"
    rb"(?:  ctime: \d+:\d+\n  mtime: (\d+):(\d+)\n  dev: \d+\tino: \d+\n  uid: \d+\tgid: \d+\n"
    rb"  size: (\d+)\tflags: ([0-9a-f]+)\n)?"
)
_SKIP_WORKTREE = 0x40000000
_ASSUME_VALID = 0x8000
_DEPTH = 200
_LINK, _SUBMODULE = "120000", "160000"
_FOLDER = b"\0\0\x40\0"


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of the index, relative to the folder; `mtime` in nanoseconds."""

    mode: str
    id: str
    stage: int
    path: str
    mtime: int
    size: int
    flags: int


@dataclass(frozen=True)
class Index:
    """The index below the folder; `bad` are names that lead out of it."""

    entries: tuple[Entry, ...] = ()
    readable: bool = True
    bad: tuple[str, ...] = ()

    @property
    def files(self) -> frozenset[str]:
        """The paths of files and links."""
        return frozenset(e.path for e in self.entries if e.mode != _SUBMODULE)

    @property
    def ids(self) -> dict[str, str]:
        """The object of each path that is a file or a link."""
        return {e.path: e.id for e in self.entries if e.mode != _SUBMODULE}

    @cached_property
    def tree(self) -> str | None:
        """As `tree_id` of the entries."""
        return tree_id(self.entries)

    @property
    def submodules(self) -> tuple[str, ...]:
        """The paths of submodules."""
        return tuple(e.path for e in self.entries if e.mode == _SUBMODULE)


@dataclass(frozen=True)
class Others:
    """Untracked files that are not ignored; `nested` are repositories among them."""

    files: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    whole: bool = True
    bad: tuple[str, ...] = field(default=())


def read(git: Git, prefix: str) -> Index:
    """The index that was copied into the clean room, as far as it is below `prefix`."""
    paths = ("--", prefix) if prefix else ()
    out, whole = ask(git, "ls-files", "--stage", "--debug", "-z", *paths)
    entries, at = [], 0
    while match := _ENTRY.match(out, at):
        entries.append(_entry(match, len(prefix)))
        at = match.end()
    good = [e for e in entries if is_inside(e.path)]
    bad = tuple(e.path for e in entries if not is_inside(e.path))
    return Index(tuple(good), whole and at == len(out), bad)


def is_sparse(raw: bytes, width: int) -> bool:
    """Whether an index holds whole folders: git would write their trees into the store to show it.

    `width` is the bytes of an id. An index that ends too early holds none.
    """
    if _FOLDER not in raw:
        return False
    version, count = raw[7:8], int.from_bytes(raw[8:12], "big")
    at, fixed = 12, 42 + width
    for _ in range(count):
        if raw[at + 24 : at + 28] == _FOLDER:
            return True
        longer = raw[at + fixed - 2 : at + fixed - 1]
        path = at + fixed + (2 if longer and longer[0] & 0x40 else 0)
        end = raw.find(b"\0", _name(raw, path) if version == b"\4" else path)
        if end < 0:
            return False
        at = end + 1 if version == b"\4" else at + (end - at + 8) // 8 * 8
    return False


def _name(raw: bytes, at: int) -> int:
    """Where a name begins after the number of letters that it shares with the one before."""
    while raw[at : at + 1] >= b"\x80":
        at += 1
    return at + 1


def others(git: Git, top: Path, prefix: str) -> Others:
    """The files below `prefix` of the working tree `top` that git neither tracks nor ignores."""
    paths = ("--", prefix) if prefix else ()
    words = ("ls-files", "--others", "--exclude-standard", "-z", *paths)
    out, whole = ask(git, *words, top=top, seconds=UNTRACKED_SECONDS, cap=MAX_NAMES)
    names = [os.fsdecode(n)[len(prefix) :] for n in out.split(b"\0")[:-1]]
    return Others(
        tuple(n for n in names if not n.endswith("/") and is_inside(n)),
        tuple(n for n in names if n.endswith("/") and is_inside(n[:-1])),
        whole,
        tuple(n for n in names if not is_inside(n.rstrip("/"))),
    )


def differs(root: Path, index: Index, tree: str | None, written: int) -> bool | None:
    """Whether the index is not `tree` (an object id) or a tracked file is not as in the index.

    None where that is not known. `written` is when the index was, in nanoseconds: a file that
    changed in the same moment may differ and look the same.
    """
    if not index.readable:
        return None
    own = index.tree
    if own is None or tree is None:
        return None
    if own != tree:
        return True
    return _changed(root, index.entries, written)


def tree_id(entries: Iterable[Entry]) -> str | None:
    """The id of the tree that a commit of these would have; "" where they are in conflict."""
    nested: dict[str, Any] = {}
    algorithm = "sha1"
    for entry in entries:
        *folders, name = entry.path.split("/")
        if entry.stage or len(folders) > _DEPTH:
            return "" if entry.stage else None
        algorithm = "sha1" if len(entry.id) == 40 else "sha256"
        here = nested
        for folder in folders:
            here = here.setdefault(folder + "/", {})
        here[name] = entry
    return _hashed(nested, algorithm)


def is_inside(path: str) -> bool:
    """Whether a relative path of git's stays in its folder and out of any .git."""
    return not any(p in ("", ".", "..") or p.lower() == ".git" for p in path.split("/"))


def _entry(match: re.Match[bytes], cut: int) -> Entry:
    mode, name, stage, path, seconds, nanos, size, flags = match.groups()
    return Entry(
        mode.decode(),
        name.decode(),
        int(stage),
        os.fsdecode(path)[cut:],
        int(seconds or 0) * 10**9 + int(nanos or 0),
        int(size or 0),
        int(flags or b"0", 16),
    )


def _hashed(nested: dict[str, Any], algorithm: str) -> str:
    rows = []
    for name, what in sorted(nested.items(), key=lambda item: os.fsencode(item[0])):
        if isinstance(what, Entry):
            mode, found = what.mode, what.id
        else:
            mode, found = "40000", _hashed(what, algorithm)
        rows.append(
            mode.encode() + b" " + os.fsencode(name.rstrip("/")) + b"\0" + bytes.fromhex(found)
        )
    return _object_id("tree", b"".join(rows), algorithm)


def _object_id(kind: str, content: bytes, algorithm: str) -> str:
    whole = f"{kind} {len(content)}\0".encode() + content
    return hashlib.new(algorithm, whole, usedforsecurity=False).hexdigest()


def _changed(root: Path, entries: Iterable[Entry], written: int) -> bool | None:
    left, folders = MAX_HASHED, dict[str, bool]()
    for entry in entries:
        if entry.mode == _SUBMODULE or entry.flags & (_SKIP_WORKTREE | _ASSUME_VALID):
            continue
        state = _state(root, entry, folders)
        if state is None or (entry.mode == _LINK) != stat.S_ISLNK(state.st_mode):
            return True
        same = state.st_mtime_ns == entry.mtime and state.st_size & 0xFFFFFFFF == entry.size
        if same and entry.mtime < written:
            continue
        left -= state.st_size
        if left < 0:
            return None
        if not _is_same(root / entry.path, entry, state):
            return True
    return False


def _state(root: Path, entry: Entry, folders: dict[str, bool]) -> os.stat_result | None:
    """What is at the path itself, a file or a link; None where a link leads there."""
    folder = entry.path.rpartition("/")[0]
    try:
        if folder not in folders:
            above = [p for p in (root / folder, *(root / folder).parents) if p != root]
            folders[folder] = not any(p.is_symlink() for p in above[: folder.count("/") + 1])
        state = (root / entry.path).lstat()
    except (OSError, ValueError):
        return None
    usual = stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode)
    return state if folders[folder] and usual else None


def _is_same(path: Path, entry: Entry, state: os.stat_result) -> bool:
    algorithm = "sha1" if len(entry.id) == 40 else "sha256"
    try:
        if entry.mode == _LINK:
            return _object_id("blob", os.fsencode(path.readlink()), algorithm) == entry.id
        content = read_regular(path, state.st_size + 1)
    except OSError:
        return False
    # A checkout on another system may have changed the line ends; git does not count that.
    ends = (content, content.replace(b"\r\n", b"\n"))
    return any(_object_id("blob", c, algorithm) == entry.id for c in ends)
