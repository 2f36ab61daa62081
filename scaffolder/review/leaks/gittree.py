"""What HEAD's tree holds, and which files of the working tree a push would publish.

Invariant: every tree is read once, however often it is named: a tree that holds itself a million
times costs nothing.
"""

import fnmatch
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from scaffolder.review.cleanroom import Repository, Stored
from scaffolder.review.mask import mask
from scaffolder.review.model import Skipped
from scaffolder.review.view import RepoView

_TREES = 200_000
"""Trees of one commit that are read; the Linux kernel has 5,000."""

_LEVELS = 200
"""Folders below each other that are read; the files of the others are those of the history."""

ABSENT = "is at HEAD, and neither in the folder nor in git"
"""Why a file could not be read at all."""


@dataclass
class Head:
    """HEAD's tree, of the folder that is reviewed: blob id -> its paths."""

    blobs: dict[str, list[str]] = field(default_factory=dict)


def at_head(git: Repository) -> Head:
    """The tree of the commit that HEAD names; empty where there is none."""
    head = Head()
    commit, prefix = git.history.head, git.history.prefix
    if commit is None:
        return head
    body = next((data for _, data in git.contents([commit])), b"")
    level = {body[5:].split(b"\n", 1)[0].decode("ascii", "replace"): ""}
    seen = set(level)
    for _ in range(_LEVELS):
        if not level or len(seen) >= _TREES:
            break
        below: dict[str, str] = {}
        for name, data in git.contents(list(level)):
            for mode, path, child in _entries(data, level[name], len(name) // 2):
                if mode == b"40000" and child not in seen:
                    seen.add(child)
                    below[child] = f"{path}/"
                elif mode not in (b"40000", b"160000") and path.startswith(prefix):
                    head.blobs.setdefault(child, []).append(path[len(prefix) :])
        level = below
    return head


def _entries(data: bytes, folder: str, width: int) -> Iterator[tuple[bytes, str, str]]:
    at = 0
    while at < len(data):
        end = data.find(b"\0", at)
        if end < 0:
            return
        mode, _, name = data[at:end].partition(b" ")
        at = end + 1 + width
        yield mode, folder + name.decode("utf-8", "surrogateescape"), data[end + 1 : at].hex()


def blob_id(data: bytes, algorithm: str) -> str:
    """The id under which git stores a file of these bytes."""
    header = b"blob %d\0" % len(data)
    return hashlib.new(algorithm, header + data, usedforsecurity=False).hexdigest()


def names(git: Repository, head: Head, stored: Iterable[Stored]) -> Mapping[str, set[str]]:
    """Every path of an object, by where it is found, a path at HEAD only there; names of refs."""
    found: dict[str, set[str]] = {"tree": set(), "history": set(), "ref": set(git.history.refs)}
    for paths in head.blobs.values():
        found["tree"].update(paths)
    for o in stored:
        if o.path and o.path not in found["tree"]:
            found.setdefault({"head": "history"}.get(o.reach, o.reach), set()).add(o.path)
    return found


def placed(view: RepoView, head: Head, stored: Mapping[str, Stored]) -> dict[str, list[str]]:
    """The paths of each object that is at HEAD, or staged for the next commit."""
    trees = {blob: list(paths) for blob, paths in head.blobs.items()}
    for path, blob in view.history.staged.items():
        if blob in stored:
            trees.setdefault(blob, [path])
    return trees


def absent(view: RepoView, head: Head, stored: Mapping[str, Stored]) -> Iterator[Skipped]:
    """The files of HEAD that are neither in the folder nor among the objects."""
    for blob, paths in head.blobs.items():
        if blob not in stored and not any(view.has(path) for path in paths):
            yield Skipped(mask(paths[0]), ABSENT)


def large(
    size: int, path: str, stored: Mapping[str, Stored], trees: Mapping[str, list[str]]
) -> str:
    """The object of a file of which only the ends were read, where HEAD holds it as it is."""
    here = (b for b, paths in trees.items() if path in paths and b in stored)
    return next((b for b in here if stored[b].size == size), "")


def published(view: RepoView) -> Iterator[str]:
    """The files that a push would publish once they are added: those that git does not ignore.

    A folder that is no repository yet has only its root `.gitignore` to say so; a name or a folder
    in it counts.
    """
    if view.history.available:
        yield from view.files
        return
    lines = (line.strip().strip("/") for line in view.lines(".gitignore"))
    ignored = [line for line in lines if line and line[0] not in "#!" and "/" not in line]
    for path in view.files:
        parts = path.split("/")
        if not any(fnmatch.fnmatchcase(part, rule) for part in parts for rule in ignored[:500]):
            yield path
