"""The only secret scanner: every object once, every file once, and what they say when decoded.

Invariant: no field, error or log holds more than four characters of a secret; nothing in the
repository (comments, attributes, ignore files, allow-lists, its paths) narrows what is read, and
what was not read is counted with its reason.

Out of scope, and said in the documentation: what `decoded` declares, the local `.git/config` and
anything else that a push does not publish, and the content of submodules and of Git LFS.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from scaffolder.review import memory
from scaffolder.review.cleanroom import MAX_CONTENT, Stored
from scaffolder.review.leaks import gittree, localsecrets, scanner, sift
from scaffolder.review.leaks.decoded import Piece, pieces
from scaffolder.review.leaks.sift import Content, Doubt
from scaffolder.review.leaks.suspects import Suspect
from scaffolder.review.leaks.unpack import Budget
from scaffolder.review.mask import mask, short
from scaffolder.review.model import Skipped, count
from scaffolder.review.view import RepoView

MAX_OBJECT = MAX_CONTENT
"""Bytes of an object that is read: the review as a whole stays below 250 MB."""

MAX_DECODED = 512 * 1024 * 1024
"""Bytes of all decoded members together."""

PATIENCE = 20.0
"""Seconds after which the rest is said to be unread."""

PATIENCE_LOST = 5.0
"""Seconds for the objects that no reference reaches: a mirror is full of other people's."""

WHERES = ("tree", "history", "ref", "none")
"""Where a secret is, the worst first: at HEAD, in its history, under another ref, under none."""

_LFS = b"version https://git-lfs.github.com/spec/"
_SALT = os.urandom(16)


_Digest = bytes
_Key = tuple[str, _Digest]


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret: `short` is at most four characters of it, `kind` is "service" or "local".

    `where` is one of WHERES; `committed` is whether HEAD's history holds it: not that of a file
    that is only staged. `commit` brought it, where known. Equal `group`: the same secret.
    """

    path: str
    line: int
    rule: str
    short: str
    where: str
    kind: str
    commit: str | None = None
    committed: bool = False
    group: int = 0


@dataclass(frozen=True)
class SecretScan:
    """What was found, and in how much: `objects` of git, `commits` among them, `files` of the
    working tree. `bytes` are those of files, of the history too, that are more than white space.

    `unread` are those of `skipped` of which nothing was read and that are not left out for size.
    """

    findings: tuple[Finding, ...]
    objects: int
    commits: int
    files: int
    bytes: int
    skipped: tuple[Skipped, ...]
    unread: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    where: str
    id: str = ""
    commit: str | None = None
    committed: bool = False


@dataclass
class _Run:
    """What a scan has seen so far; `found` is keyed by path and digest of the secret."""

    found: dict[_Key, tuple[Finding, str]] = field(default_factory=dict)
    groups: dict[_Digest, int] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    unread: list[Skipped] = field(default_factory=list)
    objects: int = 0
    commits: int = 0
    files: int = 0
    bytes: int = 0
    decoded: int = MAX_DECODED
    dated: set[_Key] = field(default_factory=set)
    until: float = 0.0


def warm_up(view: RepoView) -> None:
    """Starts to build the scanner beside what the caller does, unless this was read before.

    A guess from the id of HEAD, which decides nothing: what is new is scanned in any case.
    """
    if memory.get(view.memory, _quiet(view)) is None:
        scanner.warm_up()


def scan(view: RepoView) -> SecretScan:
    """Every secret of the repository. Use it as `view.once(scan)`."""
    run = _Run(until=time.monotonic() + PATIENCE)
    stored = {o.id: o for o in view.git.objects()} if view.history.available else {}
    head = gittree.at_head(view.git) if stored else gittree.Head()
    trees = gittree.placed(view, head, stored)
    contents = chain(_files(view, stored, trees, run), _objects(view, stored, trees, run))
    for doubt in sift.doubtful(contents, view.memory):
        doubt.clean = _examine(doubt, run)
    _names(view, head, stored, run)
    _miss(gittree.absent(view, head, stored), run)
    findings = _grouped(sorted(_located(view, run), key=_order))
    if not findings:
        memory.put(view.memory, _quiet(view))
    told, unread = tuple(run.skipped), tuple(run.unread)
    return SecretScan(findings, run.objects, run.commits, run.files, run.bytes, told, unread)


def _quiet(view: RepoView) -> bytes:
    where = f"{os.fspath(view.root)}\0{view.history.head}"
    return memory.key("quiet", b"", where.encode("utf-8", "surrogateescape"))


def _grouped(findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings with their groups numbered in their own order."""
    numbers: dict[int, int] = {}
    for found in findings:
        numbers.setdefault(found.group, len(numbers) + 1)
    return tuple(replace(found, group=numbers[found.group]) for found in findings)


def _order(found: Finding) -> tuple[object, ...]:
    return (WHERES.index(found.where), found.kind != "service", found.path, found.line)


def _files(
    view: RepoView, stored: dict[str, Stored], trees: dict[str, list[str]], run: _Run
) -> Iterator[Content]:
    """The working tree: a file that git stores is read with its object, the others here."""
    algorithm = "sha256" if len(next(iter(stored), "")) == 64 else "sha1"
    late = 0
    for path in gittree.published(view):
        data = _whole(view, path, run)
        if not data and view.size(path):
            _miss([Skipped(mask(path), "cannot be read")], run)
            continue
        run.files += 1
        blob = gittree.blob_id(data, algorithm)
        if len(data) > MAX_OBJECT // 2 and blob not in stored:
            blob = gittree.large(view.size(path), path, stored, trees)
            committed = bool(blob) and stored[blob].reach == "head"
            yield _content(data, [_Place(path, "tree", blob, None, committed)], True, run)
        elif blob in stored:
            trees.setdefault(blob, [])
            trees[blob] += [path] if path not in trees[blob] else []
        elif not _late(run):
            yield _content(data, [_Place(path, "tree")], True, run)
        else:
            late += 1
    run.files -= late
    if late:
        _miss([Skipped(".", f"{count(late, 'file')}: reading them took too long")], run)


def _miss(found: Iterable[Skipped], run: _Run) -> None:
    """Notes what was not read at all."""
    new = list(found)
    run.unread += new
    run.skipped += new


def _content(
    data: bytes, places: list[_Place], whole: bool, run: _Run, counted: bool = True
) -> Content:
    run.bytes += len(data) if counted and not data.isspace() else 0
    if data.startswith(_LFS):
        reason = "is kept in Git LFS: only its pointer is in git"
        run.skipped.append(Skipped(places[0].path, reason))
    return Content(data, tuple(p.path for p in places), places, whole)


def _whole(view: RepoView, path: str, run: _Run) -> bytes:
    try:
        size = view.size(path)
    except OSError:
        size = 0
    if size > MAX_OBJECT:
        reason = f"is larger than {MAX_OBJECT // 1024**2} MB: only its ends were read for secrets"
        run.skipped.append(Skipped(mask(path), reason))
        return view.ends(path, MAX_OBJECT // 4)
    return view.raw(path, MAX_OBJECT)


def _objects(
    view: RepoView, stored: dict[str, Stored], trees: dict[str, list[str]], run: _Run
) -> Iterator[Content]:
    wanted = [o for o in stored.values() if o.kind != "tree" and o.size <= MAX_OBJECT]
    for o in stored.values():
        here = (p for p in trees.get(o.id, ()) if view.has(p) and view.size(p) == o.size)
        if o.kind != "tree" and o.size > MAX_OBJECT and next(here, None) is None:
            reason = f"is an object larger than {MAX_OBJECT // 1024**2} MB"
            run.skipped.append(Skipped(mask(o.path or o.id), reason))
    # HEAD's tree first, then the oldest version of a file before the newer ones
    wanted = sorted(wanted[::-1], key=lambda o: (o.id not in trees, WHERES.index(_where(o))))
    left = {o.id: o.reach != "none" or o.id in trees for o in wanted}
    for name, data in view.git.contents([o.id for o in wanted]):
        if stored[name].reach == "none" and run.until > time.monotonic() + PATIENCE_LOST:
            run.until = time.monotonic() + PATIENCE_LOST
        if _late(run):
            break
        counted = left.pop(name) and stored[name].kind == "blob"
        run.commits += stored[name].kind == "commit"
        yield _content(data, _places(stored[name], trees), name in trees, run, counted)
    run.objects += len(wanted) - len(left) + sum(o.kind == "tree" for o in stored.values())
    if left:
        why = "took too long" if _late(run) else "cannot be read"
        what = "object" if any(left.values()) else "unreachable object"
        gap = Skipped("", f"{count(len(left), what)}: reading them {why}")
        run.skipped.append(gap)
        run.unread += [gap] if any(left.values()) else []


def _places(o: Stored, trees: dict[str, list[str]]) -> list[_Place]:
    reached = o.reach == "head"
    if o.id in trees:
        return [_Place(path, "tree", o.id, None, reached) for path in trees[o.id][:5]]
    if o.kind == "blob":
        return [_Place(o.path or f"object {o.id[:12]}", _where(o), o.id, None, reached)]
    commit = o.id if o.kind == "commit" else None
    return [_Place(f"{o.kind} {o.id[:12]}", _where(o), o.id, commit, reached)]


def _where(o: Stored) -> str:
    return "history" if o.reach == "head" else o.reach


def _names(view: RepoView, head: gittree.Head, stored: dict[str, Stored], run: _Run) -> None:
    """Names: of every path that an object has, and of every reference."""
    for where, names in gittree.names(view.git, head, stored.values()).items():
        every = [name.encode("utf-8", "surrogateescape") for name in sorted(names)]
        if sift.quiet(every, view.memory):
            continue
        for name, data in zip(sorted(names), every, strict=True):
            for hit in scanner.hits(data, ""):
                shown = mask(name.replace(hit.value, short(hit.value)))
                place = _Place(shown, where, "names", None, where in ("tree", "history"))
                _keep(hit, place, 1, run)


def _late(run: _Run) -> bool:
    return time.monotonic() > run.until


def _examine(doubt: Doubt, run: _Run) -> bool:
    """Scans one content in every reading; whether it holds nothing and all of it was read."""
    data, places = doubt.part.data, doubt.content.places
    path = places[0].path
    budget = Budget(bytes=max(min(Budget().bytes, run.decoded), 0))
    given, clean = budget.bytes, True
    for piece in pieces(data, path, budget):
        for hit in scanner.hits(piece.data, path):
            clean = False
            for place in places:
                inner = piece.name.partition("!")[2]
                named = replace(place, path=f"{place.path}!{inner}") if inner else place
                _keep(hit, named, doubt.part.line(_line(data, piece, hit)), run)
    for place in places:
        clean &= not _examine_local(doubt, place, run)
    run.decoded -= given - max(budget.bytes, 0)
    run.skipped += [Skipped(mask(path), reason) for reason in budget.refused]
    return clean and not budget.refused


def _examine_local(doubt: Doubt, place: _Place, run: _Run) -> bool:
    """Whether there is a password of the project itself."""
    text = doubt.part.data[: 1 << 20].decode("utf-8", "replace")
    found = list(localsecrets.find(place.path, text))
    for local in found:
        kind = "service" if local.service else "local"
        hit = Suspect(0, local.value, local.rule, kind)
        _keep(hit, place, doubt.part.line(local.line), run)
    return bool(found)


def _line(data: bytes, piece: Piece, hit: Suspect) -> int:
    """The line of the object that a hit comes from; the nearest that is known."""
    mark = max((m for m in piece.marks if m[0] <= hit.start), default=(0, piece.start))
    if piece.lines and not piece.name:
        lines = piece.data.count(b"\n", mark[0], hit.start)
        return data.count(b"\n", 0, mark[1]) + lines + 1
    at = mark[1]
    if not at and not piece.name:
        at = max(data.find(hit.value[:6].encode("latin-1", "replace")), 0)
    return data.count(b"\n", 0, at) + 1


def _keep(hit: Suspect, place: _Place, line: int, run: _Run) -> None:
    digest = hashlib.blake2b(hit.value.encode("utf-8", "replace"), key=_SALT, digest_size=8)
    key = (place.path, digest.digest())
    group = run.groups.setdefault(key[1], len(run.groups) + 1)
    found = Finding(
        mask(place.path), line, hit.rule, short(hit.value), place.where, hit.kind,
        place.commit, place.committed, group,
    )  # fmt: skip
    if key not in run.found:
        run.found[key] = (found, place.id)
        return
    known, blob = run.found[key]
    either = known.committed or place.committed
    if known.where == "tree" and place.where == "history" and key not in run.dated:
        blob = place.id
        run.dated.add(key)
    elif _order(found)[:2] < _order(known)[:2]:
        known, blob = found, blob or place.id
    elif place.committed:
        blob = blob or place.id
    run.found[key] = (replace(known, committed=either), blob)


def _located(view: RepoView, run: _Run) -> Iterator[Finding]:
    """The findings, with the commit that brought the object of each."""
    asked = {blob for found, blob in run.found.values() if blob not in ("", "names")}
    brought = view.git.introduced(sorted(asked)) if asked else {}
    for found, blob in run.found.values():
        commit, path = brought.get(blob, (found.commit, found.path))
        moved = found.where != "tree" and "!" not in found.path and path
        yield replace(found, commit=commit, path=mask(path) if moved else found.path)
