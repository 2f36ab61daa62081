"""Tells contents that hold no secret from those that have to be looked at one by one.

Invariant: what is not given back was examined in every reading: in an earlier review by the same
code, or now, many texts at once; where anything matches in those, each is given back by itself.
Only what held nothing is remembered, so no trace of a secret is ever kept.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from scaffolder.review import memory
from scaffolder.review.leaks import localsecrets, scanner, unpack, versions
from scaffolder.review.leaks.decoded import binary, pieces
from scaffolder.review.leaks.unpack import Budget
from scaffolder.review.leaks.versions import Asked, Known, Part
from scaffolder.review.memory import Memory

_AT_ONCE = 512 * 1024
"""Bytes of texts that are examined together."""

_HELD = 8 * 1024 * 1024
"""Bytes of contents that wait for it: of a long one, a few lines may be new."""

_BETWEEN = b"\n\n<>" + b"| " * 24 + b"\n\n"
"""What no reading joins over, and no pattern matches over."""


@dataclass(slots=True)
class Content:
    """Bytes, the paths that they have, and the place of them that only the caller understands.

    `whole` asks for all its lines, those too that another content had.
    """

    data: bytes = field(repr=False)
    paths: tuple[str, ...]
    places: Any
    whole: bool


@dataclass(slots=True)
class Doubt:
    """A content to be looked at; who does says in `clean` whether nothing was found or refused."""

    content: Content
    part: Part
    clean: bool = False


@dataclass(slots=True)
class _Batch:
    members: list[tuple[Content, Part, bytes]] = field(default_factory=list)
    size: int = 0
    held: int = 0


_Kind = tuple[Asked, bool]


@dataclass
class _Sieve:
    remembered: Memory
    known: Known = field(default_factory=Known)
    batches: dict[_Kind, _Batch] = field(default_factory=dict)
    done: set[bytes] = field(default_factory=set)


def doubtful(contents: Iterable[Content], remembered: Memory) -> Iterator[Doubt]:
    """The contents that may hold something, those of one path in the order they come in."""
    sieve = _Sieve(remembered)
    for content in contents:
        whole, version = _names(content)
        name = whole if content.whole else version
        if name in sieve.done or memory.get(remembered, name) is not None:
            continue
        if not content.whole and memory.get(remembered, whole) is not None:
            continue
        yield from _taken(content, name, sieve)
    for kind in list(sieve.batches):
        yield from _flushed(kind, sieve)


def quiet(texts: list[bytes], remembered: Memory) -> bool:
    """Whether short texts hold nothing, as they stand; so it was, or is now looked at."""
    joined = _BETWEEN.join(texts)
    name = memory.key("names", _version(), joined)
    if memory.get(remembered, name) is not None:
        return True
    found = bool(joined) and scanner.matches(joined, "")
    if not found:
        memory.put(remembered, name)
    return not found


def _taken(content: Content, name: bytes, sieve: _Sieve) -> Iterator[Doubt]:
    path = content.paths[0]
    kind = (versions.asked(path), _markup(content.data, path))
    if _unlike_text(content):
        yield from _one(content, Part(content.data, frozenset()), name, sieve)
        return
    part = versions.fresh(content.data, path, sieve.known, content.whole)
    if len(part.data) > _AT_ONCE // 2 or _local(part.data, content.paths):
        yield from _flushed(kind, sieve)
        part = versions.fresh(content.data, path, sieve.known, content.whole)
        yield from _one(content, part, name, sieve)
        return
    batch = sieve.batches.setdefault(kind, _Batch())
    batch.members.append((content, part, name))
    batch.size += len(part.data) + len(_BETWEEN)
    batch.held += len(content.data)
    versions.remember(part, path, True, sieve.known)
    if batch.size > _AT_ONCE or batch.held > _HELD:
        yield from _flushed(kind, sieve)


def _flushed(kind: _Kind, sieve: _Sieve) -> Iterator[Doubt]:
    batch = sieve.batches.pop(kind, _Batch())
    if _quiet(batch, kind):
        for content, _, name in batch.members:
            _settle(content, name, sieve)
        return
    for content, part, _ in batch.members:
        versions.forget(part, content.paths[0], sieve.known)
    for content, _, name in batch.members:
        part = versions.fresh(content.data, content.paths[0], sieve.known, content.whole)
        yield from _one(content, part, name, sieve)


def _one(content: Content, part: Part, name: bytes, sieve: _Sieve) -> Iterator[Doubt]:
    doubt = Doubt(content, part, not part.data)
    if part.data:
        yield doubt
    if part.new and (doubt.clean or not content.whole):
        versions.remember(part, content.paths[0], doubt.clean, sieve.known)
    if doubt.clean:
        _settle(content, name, sieve)


def _settle(content: Content, name: bytes, sieve: _Sieve) -> None:
    """Remembers a content without a finding, unless lines of it were left out that have one."""
    if content.whole or content.paths[0] not in sieve.known.other:
        sieve.done.add(name)
        memory.put(sieve.remembered, name)


def _quiet(batch: _Batch, kind: _Kind) -> bool:
    """Whether no rule matches in any reading of the members together."""
    given = [part.data for _, part, _ in batch.members if part.data]
    asked, markup = kind
    budget = Budget()
    for piece in pieces(_BETWEEN.join(given), "x.html" if markup else "x", budget):
        if scanner.matches(piece.data, asked.hint):
            return False
    return not budget.refused


def _unlike_text(content: Content) -> bool:
    """Whether a content can share neither its lines nor its readings with others."""
    data, paths = content.data, content.paths
    one = len(paths) == 1 or len({versions.asked(path) for path in paths}) == 1
    return not one or binary(data) or b"\0" in data or unpack.container(data)


def _markup(data: bytes, path: str) -> bool:
    return b"</" in data[:4096] or path.endswith((".xml", ".svg", ".html"))


def _local(data: bytes, paths: tuple[str, ...]) -> bool:
    return any(
        next(localsecrets.find(path, data[: 1 << 20].decode("utf-8", "replace")), None)
        for path in paths
        if versions.asked(path).local
    )


def _names(content: Content) -> tuple[bytes, bytes]:
    """For the memory: that all of it holds nothing, and that what is new in a version does not.

    Of the bytes as they were read and of the paths, since both decide.
    """
    paths = "\0".join(sorted(set(content.paths)))
    made = hashlib.blake2b(paths.encode("utf-8", "surrogateescape"), digest_size=32)
    made.update(b"\0\0")
    made.update(content.data)
    digest = made.digest()
    whole = memory.key("clean", _version(), digest)
    return whole, memory.key("clean version", _version(), digest)


@cache
def _version() -> bytes:
    """Of the code that decides, and of the engine."""
    here = Path(__file__).parent
    return memory.version([*here.glob("*.py"), here.parent / "mask.py"], scanner.identity())
