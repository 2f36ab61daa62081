"""The versions of a file: in which commits it became another, and what it was there.

Invariant: names and sizes first, contents only of small files; a path that git cannot be asked for
has no versions.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.git.gitcommits import Commit
from scaffolder.review.git.gitobjects import contents
from scaffolder.review.git.gitorigins import Trail
from scaffolder.review.git.gitrun import running

MAX_COMMITS = 2000
"""Commits that are looked through, the newest."""

Blob = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Version:
    """A commit in which a file became another; `ids` of it and of the paths beside, "" for none."""

    commit: Commit
    ids: tuple[str, ...]
    size: int


def versions(
    trail: Trail, commits: Sequence[Commit], path: str, beside: Sequence[str]
) -> list[Version]:
    """Oldest first. `commits` are newest first; `beside` are files or folders."""
    found: list[Version] = []
    asked = commits[:MAX_COMMITS][::-1]
    for commit, objects in zip(asked, _objects(trail, asked, [path, *beside]), strict=False):
        ids = tuple(name for name, _ in objects)
        if ids[0] and (not found or found[-1].ids[0] != ids[0]):
            found.append(Version(commit, ids, objects[0][1]))
    return found


def texts(trail: Trail, sizes: dict[str, int], limit: int) -> dict[str, str]:
    """What the objects hold, by id; one that is larger than `limit` or cannot be read is not in."""
    small = {name: size for name, size in sizes.items() if name and size <= limit}
    read = contents(trail.git, list(small), small, [])
    return {name: raw.decode("utf-8", "replace") for name, raw in read}


def sizes(trail: Trail, ids: Sequence[str]) -> dict[str, int]:
    """Bytes of the files among the objects."""
    asked = "".join(f"{name}\n" for name in dict.fromkeys(ids) if name).encode("ascii", "replace")
    rows = _checked(trail, asked)
    return {row[0]: size for row in rows if row[1:2] == ["blob"] and (size := _size(row)) >= 0}


def _objects(trail: Trail, commits: Sequence[Commit], paths: Sequence[str]) -> Iterator[list[Blob]]:
    if any("\n" in trail.prefix + path for path in paths):
        return
    asked = b"".join(
        os.fsencode(f"{c.id}:{(trail.prefix + path).rstrip('/')}\n")
        for c in commits
        for path in paths
    )
    row: list[Blob] = []
    for words in _checked(trail, asked):
        known = len(words) == 3 and words[1] in ("blob", "tree")
        row.append((words[0], _size(words)) if known else ("", 0))
        if len(row) == len(paths):
            yield row
            row = []


def _checked(trail: Trail, asked: bytes) -> Iterator[list[str]]:
    with running(trail.git, "cat-file", "--batch-check", "--buffer", stdin=asked) as output:
        for line in output.pieces(b"\n"):
            yield line.decode("utf-8", "replace").split(" ")


def _size(words: Sequence[str]) -> int:
    return int(words[2]) if len(words) == 3 and words[2].isdecimal() else -1
