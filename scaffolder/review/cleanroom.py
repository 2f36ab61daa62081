"""Reads the git side of a repository that may be hostile.

Invariant: git never sees the repository's own configuration, hooks or attributes: it is given a
folder of ours whose objects are theirs. Nothing is written there, nothing of theirs is run. What
cannot be read is told, and the history is not called complete then.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from scaffolder.review.git import gitcommits, gitconfig, gitdir, gitindex, gitnotices, gitobjects
from scaffolder.review.git.gitcommits import Commit, Log
from scaffolder.review.git.gitconfig import Settings
from scaffolder.review.git.gitdir import Head, Place, Refs
from scaffolder.review.git.gitindex import Index, Others
from scaffolder.review.git.gitobjects import (
    MAX_CONTENT,
    MAX_PATHS,
    Source,
    Stored,
    Walk,
    stands_for_too_many,
)
from scaffolder.review.git.gitorigins import Trail
from scaffolder.review.git.gitroom import Furnished, drop_index, furnish, room
from scaffolder.review.git.gitrun import Git, ask, program
from scaffolder.review.model import Evidence, Skipped, count
from scaffolder.sanitise import clean

__all__ = ["MAX_CONTENT", "Commit", "History", "Repository", "Stored", "opened"]

MAX_TOLD = 20
"""Paths or objects of one kind that `skipped` names; of the others it says how many."""

_PUSHED = re.compile(r"refs/(?:heads|tags|notes|remotes/[^/]+)/|refs/stash$")


@dataclass(frozen=True)
class History:
    """What git knows of the folder that is reviewed; `commits` are newest first.

    `available` is false for a folder without git (`note` says so). `complete` is false where the
    history is shallow, partial, unreadable in part or over the limit; `objects` and `contents` may
    find that out later. `tracked` are the paths in the index, relative to the folder reviewed,
    `untracked` those that are neither there nor ignored. `dirty` says whether a tracked file is
    not as in `head`, None where that is not known. `refs` are the names of all references,
    `prefix` the folder's path in a larger repository with a slash at its end, or "". `staged` is
    the object of each tracked path, `gaps` are those of `skipped` that may hide an object.
    """

    available: bool
    note: str = ""
    head: str | None = None
    branch: str | None = None
    complete: bool = False
    commits: tuple[Commit, ...] = ()
    tracked: frozenset[str] = frozenset()
    untracked: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notices: tuple[Evidence, ...] = ()
    dirty: bool | None = None
    refs: tuple[str, ...] = ()
    prefix: str = ""
    staged: Mapping[str, str] = field(default_factory=dict)
    gaps: tuple[Skipped, ...] = ()


class Repository:
    """An open clean room; use it inside `opened`. `history` grows by what turns out unreadable."""

    def __init__(self, root: Path, history: History, source: Source | None = None) -> None:
        self.root = root
        self.history = history
        self._source = source
        self._sizes: dict[str, int] = {}
        self._too_large: bool | None = None

    def objects(self) -> Iterator[Stored]:
        """Every object once, those that HEAD reaches first.

        Of a folder in a larger repository, and of one that borrows objects, only what a
        reference reaches.
        """
        if self._source is None:
            return
        git, prefix = self._source.git, self.history.prefix
        heads = self._source.heads
        refs = gitobjects.reached(git, self._source.pushed, prefix)
        alone = bool(prefix) or self._source.borrows
        known, whole = gitobjects.listed(git, [*heads.paths, *refs.paths] if alone else None)
        self._sizes = {name: size for name, (_, size) in known.items()}
        self._skip(_unread(heads, refs, known, whole))
        for stored in _stored(heads, refs, known):
            if not prefix or _is_below(stored, prefix):
                yield replace(stored, path=stored.path[len(prefix) :]) if prefix else stored

    def contents(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The bytes of each object, in the order asked; one that cannot be read is left out.

        So is one of more than MAX_CONTENT bytes: whoever asks knows its size and says so.
        """
        waiting = iter(ids)
        while self._source is not None and (part := list(islice(waiting, 20_000))):
            if unknown := [i for i in part if i not in self._sizes]:
                found, _ = gitobjects.listed(self._source.git, unknown)
                self._sizes |= {name: size for name, (_, size) in found.items()}
            failed: list[str] = [i for i in part if i not in self._sizes]
            yield from gitobjects.contents(self._source.git, part, self._sizes, failed)
            late = self._source.git.purse.left <= 0
            reason = "the time for git was over" if late else "the object is damaged or not here"
            self._skip(_told(failed, reason))

    def first(self, path: str) -> bytes | None:
        """The file as it is in the oldest commit that has it; None where none does."""
        ids, name = [c.id for c in self.history.commits[::-1]], self.history.prefix + path
        return gitobjects.oldest(self._source.git, ids, name) if self._source else None

    def introduced(self, ids: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """The oldest commit known to bring each of a few objects, and its path there.

        One that is not found in time is left out.
        """
        if self._source is None or self._is_too_large():
            return {}
        starts = [self.history.head or "", *self._source.pushed, *self._source.others]
        return gitobjects.introduced(self._source.git, ids, starts, self.history.prefix)

    def trail(self) -> Trail | None:
        """Where the origin of a row is looked for; None where there is no commit of the folder."""
        source, head = self._source, self.history.head
        if source is None or head is None or source.tree is None:
            return None
        return Trail(source.git, head, self.history.prefix, source.tree)

    def added_lines(self, counts: Callable[[str], bool] = bool) -> Mapping[str, int] | None:
        """Lines that the newest commits added to what `counts`; None where it takes long."""
        if self._source is None:
            return {}
        if self._is_too_large():
            return None
        ids = [c.id for c in self.history.commits]
        return gitobjects.added_lines(self._source.git, ids, self.history.prefix, counts)

    def _is_too_large(self) -> bool:
        """Whether the tree at HEAD is too large to be walked path by path."""
        if self._too_large is None and self._source is not None:
            tree = self._source.tree
            known = tree is None or self._source.counted
            large = self._too_large = not known and stands_for_too_many(self._source.git, str(tree))
            told = f"the tree is too large: it stands for more than {MAX_PATHS} paths"
            self._skip([Skipped(self.history.head or "", told)] if large else [], hides=False)
        return bool(self._too_large)

    def _skip(self, found: Iterable[Skipped], hides: bool = True) -> None:
        new = [s for s in found if s not in self.history.skipped]
        if new:
            whole = (*self.history.skipped, *new)
            gaps = (*self.history.gaps, *(new if hides else ()))
            self.history = replace(self.history, complete=False, skipped=whole, gaps=gaps)


@contextmanager
def opened(root: Path) -> Iterator[Repository]:
    """The git side of the folder `root`, its own repository or a folder inside of one.

    EnvironmentProblem where it cannot be examined: `.git` is a link or no regular file, git is
    missing or too old, the format is not known.
    """
    real = Path(os.path.realpath(root))
    place = gitdir.find(real)
    if isinstance(place, str):
        odd = (Skipped(".git", place),) if os.path.lexists(real / ".git") else ()
        yield Repository(root, History(False, place, skipped=odd))
        return
    with room(real) as folder:
        yield _open(root, real, place, folder)


def _open(root: Path, real: Path, place: Place, folder: Path) -> Repository:
    own = gitdir.settings(place.common)
    stores = gitdir.check_stores(place.common)
    known = gitdir.refs(place.common)
    at = gitdir.head(place.gitdir, known)
    git = Git(program(real), folder, place.common / "objects")
    put = furnish(git, place, gitdir.object_format(own))
    at = _of_commit(git, at)
    index = _index(git, place, put)
    if not index.readable:
        drop_index(git)
    log = gitcommits.read(git, at.id, place.prefix) if at.id else Log()
    if place.prefix and index.readable and not index.entries and not log.commits:
        return Repository(root, History(False, _around(place)))
    others = gitindex.others(git, place.top, place.prefix) if place.top else Others()
    tree = _tree(git, place, at)
    heads = gitobjects.reached(git, [at.id] if at.id else [], place.prefix)
    gaps = [*_gaps(own, put, at, log, known), *_index_gaps(index), *_lost(heads)]
    history = History(
        available=True,
        note=at.note or ("" if place.top else "a bare repository: it has no working tree"),
        head=at.id,
        branch=at.branch,
        complete=not gaps and not at.broken,
        commits=log.commits,
        tracked=index.files,
        untracked=others.files,
        skipped=(*gaps, *_outside(real, index, others)),
        notices=tuple(gitnotices.notices(place, own, known)),
        dirty=gitindex.differs(real, index, tree, put.written or 0) if place.top else None,
        refs=tuple(sorted({*known.ids, *known.symbolic})),
        prefix=place.prefix,
        staged=index.ids,
        gaps=tuple(g for g in gaps if g.reason != gitcommits.limited()),
    )
    pushed = {i for n, i in known.ids.items() if _PUSHED.match(n)}
    rest = set(known.ids.values()) - pushed
    ids = tuple(sorted(pushed)), tuple(sorted(rest))
    counted = len(index.entries) <= MAX_PATHS and tree is not None and index.tree == tree
    return Repository(root, history, Source(git, tree, heads, *ids, len(stores) > 1, counted))


def _of_commit(git: Git, at: Head) -> Head:
    """What HEAD says; a tag, a tree or a blob has no history of its own."""
    kind, _ = gitobjects.listed(git, [at.id])[0].get(at.id, ("", 0)) if at.id else ("", 0)
    if kind in ("", "commit"):
        return at
    return Head(None, at.branch, f"HEAD is a {kind} and no commit", broken=True)


def _index(git: Git, place: Place, put: Furnished) -> Index:
    if put.written is None:
        return Index()
    return gitindex.read(git, place.prefix) if put.sound else Index(readable=False)


def _around(place: Place) -> str:
    assert place.top is not None
    return f"the git repository around this folder ({clean(place.top.name, 80)}) tracks none of it"


def _tree(git: Git, place: Place, at: Head) -> str | None:
    """The id of the folder's tree at HEAD; None where it is not there."""
    if at.id is None or "\n" in place.prefix:
        return None
    asked = f"{at.id}:{place.prefix.rstrip('/')}\n"
    answer, _ = ask(git, "cat-file", "--batch-check", stdin=os.fsencode(asked))
    words = answer.decode("utf-8", "replace").split()
    return words[0] if words[1:2] == ["tree"] else None


def _gaps(own: Settings, put: Furnished, at: Head, log: Log, known: Refs) -> Iterator[Skipped]:
    """What is missing from the history."""
    if at.broken:
        yield Skipped(".git/HEAD", at.note)
    if put.cut:
        starts = f"the history starts at {count(put.cut, 'commit')} that it was cut off at"
        yield Skipped(".git/shallow", f"{starts}; what was before them is not here")
    if gitconfig.is_partial(own):
        yield Skipped(".git/config", "a partial clone: objects that were left out are not here")
    if at.id and not log.whole:
        last = log.commits[-1].id if log.commits else at.id
        yield Skipped(last, "the history behind this commit cannot be read, or not in time")
    yield from _told(log.unreadable, "the commit cannot be read")
    if log.limited:
        yield Skipped(".git", gitcommits.limited())
    if known.over:
        yield Skipped(".git/refs", f"{count(known.over, 'reference')} more than are read")
    yield from _told(known.odd, "a link or no reference: not followed")


def _index_gaps(index: Index) -> Iterator[Skipped]:
    if not index.readable:
        yield Skipped(
            ".git/index", "it is damaged, or sparse: which files are tracked is not known"
        )
    yield from _told(index.bad, "a tracked name that leads out of the folder")


def _outside(real: Path, index: Index, others: Others) -> Iterator[Skipped]:
    """What is there and no part of this repository's history."""
    urls = gitconfig.submodule_urls(real) if index.submodules else {}
    for path in index.submodules[:MAX_TOLD]:
        named = f" ({clean(urls[path], 120)})" if path in urls else ""
        yield Skipped(path, f"a submodule{named}: not entered")
    yield from _more(index.submodules, "submodules: not entered")
    yield from _told(others.nested, "a repository of its own: not entered")
    yield from _told(others.bad, "a name that leads out of the folder")
    if not others.whole:
        yield Skipped(".", gitindex.UNLISTED)


def _lost(walk: Walk) -> Iterator[Skipped]:
    yield from _told(sorted(walk.missing), "the object is not here")
    if not walk.whole:
        reason = "what the references lead to could not be followed to its end"
        yield Skipped(".git/objects", reason)


def _unread(
    heads: Walk, refs: Walk, known: Mapping[str, tuple[str, int]], whole: bool
) -> Iterator[Skipped]:
    yield from _lost(refs)
    missing = heads.missing | refs.missing
    bad = sorted(n for n, (kind, _) in known.items() if not kind and n not in missing)
    yield from _told(bad, "the object cannot be read")
    if not whole:
        yield Skipped(".git/objects", "the objects could not all be listed")


def _stored(heads: Walk, refs: Walk, known: Mapping[str, tuple[str, int]]) -> Iterator[Stored]:
    """Each object that can be read; after a walk that broke off, none is called unreachable."""
    lost = "none" if heads.whole and refs.whole else "ref"
    after = {n: p for n, p in refs.paths.items() if n not in heads.paths}
    rest = dict.fromkeys((n for n in known if n not in heads.paths and n not in after), "")
    for reach, paths in (("head", heads.paths), ("ref", after), (lost, rest)):
        for name, path in paths.items():
            kind, size = known.get(name, ("", 0))
            if kind:
                yield Stored(name, kind, size, path if kind in ("blob", "tree") else "", reach)


def _is_below(stored: Stored, prefix: str) -> bool:
    if stored.kind in ("blob", "tree"):
        return f"{stored.path}/".startswith(prefix)
    return stored.kind == "commit"


def _told(paths: Iterable[str], reason: str) -> Iterator[Skipped]:
    every = tuple(paths)
    yield from (Skipped(p, reason) for p in every[:MAX_TOLD])
    yield from _more(every, f"times the same: {reason}")


def _more(every: tuple[str, ...], reason: str) -> Iterator[Skipped]:
    if len(every) > MAX_TOLD:
        yield Skipped("…", f"{len(every) - MAX_TOLD} more {reason}")
