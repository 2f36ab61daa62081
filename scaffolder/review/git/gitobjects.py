"""The objects of a clean room: listed, read, traced to their commits.

Invariant: each object is listed once and looked at by itself, so that a small repository that
stands for billions of paths costs no more than its objects; a damaged one costs only itself.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scaffolder.review.git.gitrun import Git, Output, running

MAX_CONTENT = 20 * 1024**2
"""Bytes of an object that is read; a larger one is left out."""

MAX_OBJECTS = 1_000_000
"""Objects that are listed."""

NUMSTAT_COMMITS = 1000
NUMSTAT_SECONDS = 5.0
"""The newest commits whose lines are counted, and the seconds that may cost."""

TRACE_SECONDS = 6.0
"""Seconds that the search for an object's oldest commit may cost."""

MAX_PATHS = 1_000_000
"""Paths of a tree that are walked one by one; a small store can stand for billions."""

_MAX_DEPTH = 200
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_RESTARTS = 100
_AT_ONCE = 20_000
_KINDS = {b"blob", b"tree", b"commit", b"tag"}
_ABSENT, _STOPPED = "absent", "stopped"


@dataclass(frozen=True, slots=True)
class Stored:
    """An object of the store: kind is blob, commit, tag or tree; size in bytes.

    `path` is the first found, relative to the folder, where it has one (cut at a line end); that
    of a tree is a folder's. `reach` says what leads to it: "head", "ref" (another branch, a tag,
    a note, the stash) or "none".
    """

    id: str
    kind: str
    size: int
    path: str
    reach: str


@dataclass
class Walk:
    """What was reached: path by id. `missing` are not in the store, `whole` is false if cut off."""

    paths: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    whole: bool = True


@dataclass(frozen=True)
class Source:
    """Where an open repository reads: `pushed` and `others` are the ids of its references.

    `tree` is that of the folder at HEAD, `heads` what HEAD reaches. `borrows`
    is whether objects of another repository lie among its own, `counted` whether the index is that
    tree, so that it is known to stand for few enough paths.
    """

    git: Git
    tree: str | None
    heads: Walk
    pushed: tuple[str, ...]
    others: tuple[str, ...]
    borrows: bool
    counted: bool


def reached(git: Git, starts: Sequence[str], prefix: str = "") -> Walk:
    """The objects that lead from `starts`; below `prefix` only those of its path."""
    walk = Walk()
    if not starts:
        return walk
    paths = ("--full-history", "--", prefix) if prefix else ()
    words = ("rev-list", "--objects", "--missing=print", "--ignore-missing", "--stdin", *paths)
    with running(git, *words, stdin=_rows(starts), seconds=30) as output:
        for line in output.pieces(b"\n"):
            name, _, path = line.partition(b" ")
            if name.startswith(b"?"):
                walk.missing.add(name[1:].decode("ascii", "replace"))
            elif len(walk.paths) >= MAX_OBJECTS:
                break
            else:
                walk.paths.setdefault(name.decode("ascii", "replace"), os.fsdecode(path))
        walk.whole = output.ok
    return walk


def listed(git: Git, ids: Iterable[str] | None = None) -> tuple[dict[str, tuple[str, int]], bool]:
    """Kind and size of the objects `ids`, or of all that are stored, and whether all could be told.

    One that cannot be read has the kind "".
    """
    every = ("--batch-all-objects", "--unordered") if ids is None else ()
    found: dict[str, tuple[str, int]] = {}
    words = ("cat-file", "--batch-check", "--buffer", *every)
    with running(git, *words, stdin=_rows(ids or ()), seconds=30) as output:
        for line in output.pieces(b"\n"):
            name, kind, size = (*line.split(b" "), b"", b"")[:3]
            good = kind in _KINDS and size.isdigit()
            found[name.decode("ascii", "replace")] = (kind.decode(), int(size)) if good else ("", 0)
            if len(found) >= MAX_OBJECTS:
                break
        return found, output.ok


def contents(
    git: Git, ids: Sequence[str], sizes: Mapping[str, int] | None, failed: list[str]
) -> Iterator[tuple[str, bytes]]:
    """The bytes of the objects in the order asked; ids that cannot be read are put into `failed`.

    With `sizes`, one that is not among them or larger than MAX_CONTENT is left out.
    """
    wanted = list(ids) if sizes is None else [i for i in ids if _is_small(sizes.get(i))]
    at = restarts = 0
    while at < len(wanted):
        part = wanted[at : at + _AT_ONCE]
        with running(git, "cat-file", "--batch", "--buffer", stdin=_rows(part)) as output:
            for name in part:
                found = _next(output, name)
                if found is _STOPPED:
                    break
                at += 1
                if isinstance(found, bytes):
                    yield name, found
                else:
                    failed.append(name)
            else:
                continue
        failed.append(wanted[at])
        at, restarts = at + 1, restarts + 1
        if restarts > _MAX_RESTARTS or git.purse.left <= 0:
            failed += wanted[at:]
            return


def oldest(git: Git, commits: Sequence[str], path: str) -> bytes | None:
    """The bytes of a path in the first of `commits` that has it; None where none does."""
    if "\n" in path:
        return None
    asked = b"".join(os.fsencode(f"{c}:{path}\n") for c in commits if _ID.fullmatch(c))
    with running(git, "cat-file", "--batch-check", "--buffer", stdin=asked) as output:
        for line in output.pieces(b"\n"):
            words = line.split(b" ")
            if words[1:2] == [b"blob"] and len(words) == 3:
                name = words[0].decode("ascii", "replace")
                found = contents(git, [name], {name: int(words[2])}, [])
                return next((raw for _, raw in found), None)
    return None


def _is_small(size: int | None) -> bool:
    return size is not None and size <= MAX_CONTENT


def _next(output: Output, name: str) -> bytes | str:
    """The next object of a batch, or that it is not there, or that git came to an end."""
    words = output.line().split(b" ")
    if words[0] != name.encode():
        return _STOPPED
    if len(words) != 3 or words[1] not in _KINDS:
        return _ABSENT
    size = int(words[2]) if words[2].isdigit() else MAX_CONTENT + 1
    if size > MAX_CONTENT:
        return _STOPPED
    found = output.exactly(size + 1)
    return found[:-1] if len(found) == size + 1 and found[-1:] == b"\n" else _STOPPED


def stands_for_too_many(git: Git, tree: str) -> bool:
    """Whether a tree has more than MAX_PATHS paths, or is too deep; each object is read once."""
    level, paths, known = {tree: 1}, 0, dict[str, tuple[int, list[str]]]()
    for _ in range(_MAX_DEPTH):
        for name, raw in contents(git, [t for t in level if t not in known], None, []):
            known[name] = _entries(raw, len(name) // 2)
        below: dict[str, int] = {}
        for name, times in level.items():
            files, folders = known.get(name, (0, []))
            paths += files * times
            for folder in folders:
                below[folder] = below.get(folder, 0) + times
        if paths + sum(below.values()) > MAX_PATHS:
            return True
        if not below:
            return False
        level = below
    return True


def _entries(raw: bytes, width: int) -> tuple[int, list[str]]:
    """How many files a tree has, and the ids of its folders."""
    found = re.findall(rb"(\d{5,6}) [^\0]++\0(.{%d})" % width, raw, re.S)
    folders = [name.hex() for mode, name in found if mode == b"40000"]
    return len(found) - len(folders), folders


def introduced(
    git: Git, wanted: Iterable[str], starts: Sequence[str], prefix: str
) -> dict[str, tuple[str, str]]:
    """The oldest commit found that brings each object, and its path there."""
    left = {i.encode() for i in wanted if _ID.fullmatch(i)}
    found: dict[str, tuple[str, str]] = {}
    paths = ("--full-history", "--", prefix) if prefix else ()
    with running(
        git,
        "rev-list",
        "--topo-order",
        "--reverse",
        "--ignore-missing",
        "--stdin",
        *paths,
        stdin=_rows(starts),
        seconds=TRACE_SECONDS,
    ) as output:
        commits = list(output.pieces(b"\n"))
    words = ("diff-tree", "--stdin", "-r", "-t", "--root", "-m", "--no-renames", "--raw", "-z")
    rest = ("--no-ext-diff", "--no-textconv", *(("--", prefix) if prefix else ()))
    stdin = b"".join(c + b"\n" for c in commits)
    with running(git, *words, *rest, stdin=stdin, seconds=TRACE_SECONDS) as output:
        commit = ""
        pieces = output.pieces(b"\0")
        for piece in pieces:
            if not piece.startswith(b":"):
                commit = piece.decode("ascii", "replace")
                continue
            new, path = piece.split(b" ")[3], next(pieces, b"")
            if new in left:
                left.discard(new)
                found[new.decode()] = (commit, os.fsdecode(path)[len(prefix) :])
            if not left:
                break
    return found


def added_lines(
    git: Git, commits: Sequence[str], prefix: str, counts: Callable[[str], bool] = bool
) -> dict[str, int] | None:
    """Lines that each of the newest commits added below `prefix`; None where it takes too long.

    A merge adds none; a path, relative to `prefix`, is counted where `counts` says so. Of a commit
    with an object that cannot be read, the lines up to there.
    """
    asked = [c for c in commits[:NUMSTAT_COMMITS] if _ID.fullmatch(c)]
    added, until = dict.fromkeys(asked, 0), git.purse.left - NUMSTAT_SECONDS
    for _ in range(_MAX_RESTARTS):
        left = git.purse.left - until
        last, whole = _count_lines(git, asked, prefix, left, added, counts)
        if whole:
            return added
        asked = asked[(asked.index(last) if last in asked else 0) + 1 :]
        if git.purse.left <= until:
            return None
    return None


def _count_lines(
    git: Git,
    commits: Sequence[str],
    prefix: str,
    seconds: float,
    added: dict[str, int],
    counts: Callable[[str], bool],
) -> tuple[str, bool]:
    """Counts into `added`; the last commit that git came to, and whether it came to the end."""
    words = ("diff-tree", "--stdin", "-r", "--root", "--numstat", "-z", "--no-renames")
    rest = ("--no-ext-diff", "--no-textconv", *(("--", prefix) if prefix else ()))
    commit = ""
    with running(git, *words, *rest, stdin=_rows(commits), seconds=seconds) as output:
        for piece in output.pieces(b"\0"):
            lines, tab, _ = piece.partition(b"\t")
            if not tab:
                commit = piece.decode("ascii", "replace")
            elif lines.isdigit() and counts(_below(piece, prefix)):
                added[commit] = added.get(commit, 0) + int(lines)
        return commit, output.ok


def _below(piece: bytes, prefix: str) -> str:
    """The path of a row of --numstat, relative to `prefix`."""
    return os.fsdecode(piece.split(b"\t", 2)[-1])[len(prefix) :]


def _rows(ids: Iterable[str]) -> bytes:
    """Ids as a command's input; what is no id would be read as another kind of word."""
    return "".join(f"{i}\n" for i in ids if _ID.fullmatch(i)).encode()
