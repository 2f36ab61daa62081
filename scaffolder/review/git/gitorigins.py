"""Which commits a history has, what folder each held, and what has changed since one.

Invariant: only ids and paths are asked for, a bounded number of them in one git command each; what
git cannot say is left out of the answer and never guessed.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scaffolder.review.git.gitobjects import contents, listed
from scaffolder.review.git.gitrun import Git, ask, running

MAX_TRACED = 20_000
"""The newest commits of the whole repository among which an id is looked for."""

SECONDS = 5.0
MAX_NAMES = 4 * 1024**2
"""Bytes of the paths that differ between trees; a small store can stand for billions of them."""

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Trail:
    """Where origins are looked for: the commit `head` and the folder `prefix`, whose tree it has.

    `prefix` ends with a slash, or is "" for the root of the repository.
    """

    git: Git
    head: str
    prefix: str
    tree: str


def commits(trail: Trail) -> tuple[str, ...]:
    """The ids of the commits that lead to the head, newest first, whatever they touch."""
    words = ("rev-list", f"--max-count={MAX_TRACED}", "--end-of-options", trail.head)
    with running(trail.git, *words, seconds=SECONDS) as output:
        return tuple(line.decode("ascii", "replace") for line in output.pieces(b"\n"))


def trees(trail: Trail, ids: Iterable[str]) -> dict[str, str]:
    """The id of the folder's tree in each of the commits that hold the folder."""
    asked = [c for c in ids if _ID.fullmatch(c)]
    found = _resolved(trail, [f"{c}:{trail.prefix.rstrip('/')}" for c in asked])
    return {c: name for c, (name, kind) in zip(asked, found, strict=False) if kind == "tree"}


def differing(trail: Trail, since: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Paths below the folder that are not as in each of the trees `since`."""
    asked = [t for t in dict.fromkeys(since) if _ID.fullmatch(t)]
    stdin = "".join(f"{t} {trail.tree}\n" for t in asked).encode()
    words = ("diff-tree", "--stdin", "-r", "--name-only", "-z", "--no-renames", "--no-ext-diff")
    said, whole = ask(trail.git, *words, stdin=stdin, seconds=SECONDS, cap=MAX_NAMES)
    if not whole:
        return {}
    found: dict[str, list[str]] = {t: [] for t in asked}
    now: list[str] = []
    for piece in said.split(b"\0")[:-1]:
        while (opened := _opened(piece.partition(b"\n")[0])) in found:
            now, piece = found[opened], piece.partition(b"\n")[2]
        now.append(os.fsdecode(piece))
    return {t: tuple(names) for t, names in found.items()}


def files(trail: Trail, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """The bytes of a path below the folder in a commit, for each (commit, path) that is there."""
    good = [(c, p) for c, p in asked if _ID.fullmatch(c) and "\n" not in p]
    found = _resolved(trail, [f"{c}:{trail.prefix}{p}" for c, p in good])
    ids = [name for name, kind in found if kind == "blob"]
    sizes = {name: size for name, (_, size) in listed(trail.git, ids)[0].items()}
    texts = dict(contents(trail.git, list(dict.fromkeys(ids)), sizes, []))
    pairs = zip(good, found, strict=False)
    return {key: texts[name] for key, (name, _) in pairs if name in texts}


def tree(trail: Trail, name: str) -> str:
    """The id of the stored tree whose id begins with `name` (seven hex digits at least), or ""."""
    return next((i for i, kind in _resolved(trail, [name]) if kind == "tree"), "")


def blobs(trail: Trail, paths: Sequence[str]) -> dict[str, str]:
    """The id of each of these files of the folder at the head, of those that are there."""
    good = [p for p in paths if "\n" not in p]
    found = _resolved(trail, [f"{trail.head}:{trail.prefix}{p}" for p in good])
    return {p: name for p, (name, kind) in zip(good, found, strict=False) if kind == "blob"}


def _resolved(trail: Trail, names: Sequence[str]) -> list[tuple[str, str]]:
    """Id and kind of each object, ("", "") for what is not there; [] where git broke off."""
    if not names or any("\n" in n for n in names):
        return []
    stdin = b"".join(os.fsencode(n) + b"\n" for n in names)
    said, whole = ask(
        trail.git, "cat-file", "--batch-check", "--buffer", stdin=stdin, seconds=SECONDS
    )
    lines = said.decode("utf-8", "replace").split("\n")[:-1]
    if not whole or len(lines) != len(names):
        return []
    return [_object(line.split(" ")) for line in lines]


def _object(words: Sequence[str]) -> tuple[str, str]:
    there = len(words) == 3 and _ID.fullmatch(words[0]) and words[2].isdigit()
    return (words[0], words[1]) if there else ("", "")


def _opened(head: bytes) -> str:
    """The first tree of a line that opens its paths; "" for a line of a path."""
    words = head.decode("ascii", "replace").split(" ")
    return words[0] if len(words) == 2 and all(map(_ID.fullmatch, words)) else ""
