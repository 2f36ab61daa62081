"""What is inside a container: archives, compressed streams, pictures, documents, databases.

Invariant: it happens in memory, no member is written under its name or any other; a `Budget`
bounds bytes and members, and what it refused is said.
"""

import bz2
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

MEMBER = 8 * 1024 * 1024
"""Bytes of one member that are read."""

_RATIO = 200
"""A member that grows more than this is a bomb: deflate of text stays below 20, of zeros is 1,000.
Small ones may (their bytes do not matter)."""

_FREE = 1024 * 1024


@dataclass
class Budget:
    """What the readings of one object may still make; `refused` holds why some were not made."""

    bytes: int = 64 * 1024 * 1024
    members: int = 2000
    refused: list[str] = field(default_factory=list)

    def take(self, count: int) -> bool:
        """Whether one more piece of `count` bytes may be read; it is counted."""
        self.bytes -= count
        self.members -= 1
        if self.bytes < 0 or self.members < 0:
            self.refuse("it unpacks to more than is examined")
        return self.bytes >= 0 and self.members >= 0

    def refuse(self, reason: str) -> None:
        """Notes a reason once."""
        if reason not in self.refused:
            self.refused.append(reason)


Member = tuple[str, bytes]


def container(data: bytes) -> bool:
    """Whether `data` begins like a container that `members` opens."""
    return _opener(data) is not None


def members(data: bytes, name: str, budget: Budget) -> Iterator[Member]:
    """The name and the bytes of each member, as far as it can be read."""
    opener = _opener(data)
    if opener is None:
        return
    try:
        for inner, content in opener(data, budget):
            yield (f"{name}!{inner}" if inner else name), content
    except Exception as error:  # a broken container raises nearly anything; it is said, not hidden
        if opener is not _zlib:  # two bytes begin a stream of zlib, and many a text
            budget.refuse(f"it cannot be unpacked: {type(error).__name__}")


def _opener(data: bytes) -> Callable[[bytes, Budget], Iterator[Member]] | None:
    for offset, magic, opener in _OPENERS:
        if data.startswith(magic, offset):
            return opener
    if data[:2] in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"):
        return _zlib
    if len(data) > 22 and b"PK\x05\x06" in data[-(22 + 65536) :]:
        return _zip
    return None


def _zip(data: bytes, budget: Budget) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                budget.refuse("a member of its archive is encrypted")
            elif info.file_size > max(_RATIO * info.compress_size, _FREE):
                budget.refuse("a member of its archive grows like a bomb")
            elif budget.members <= 0 or budget.bytes <= 0:
                budget.refuse("it unpacks to more than is examined")
                return
            else:
                with archive.open(info) as file:
                    yield info.filename, _capped(file.read(MEMBER + 1), budget)
        yield "", archive.comment


def _tar(data: bytes, budget: Budget) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if budget.members <= 0 or budget.bytes <= 0:
                budget.refuse("it unpacks to more than is examined")
                return
            file = archive.extractfile(info) if info.isreg() else None
            if file:
                yield info.name, _capped(file.read(MEMBER + 1), budget)
            else:
                yield "", f"{info.name}\n{info.linkname}".encode("utf-8", "surrogateescape")


def _stream(new: Callable[[], object]) -> Callable[[bytes, Budget], Iterator[Member]]:
    """An opener of one compressed stream; a tar in it is opened at once: the two are one layer."""

    def opened(data: bytes, budget: Budget) -> Iterator[Member]:
        content = _inflated(new(), data, budget)
        if content.startswith(b"ustar", 257):
            yield from _tar(content, budget)
        else:
            yield "", content

    return opened


def _inflated(decoder: object, data: bytes, budget: Budget) -> bytes:
    limit = min(max(_RATIO * len(data), _FREE), 4 * MEMBER)
    content: bytes = decoder.decompress(data, limit)  # type: ignore[attr-defined]
    if len(content) >= limit:
        budget.refuse("a member of its archive grows like a bomb")
    return content


def _capped(content: bytes, budget: Budget) -> bytes:
    if len(content) > MEMBER:
        budget.refuse(f"a member is larger than {MEMBER // 1024**2} MB")
    return content[:MEMBER]


def _gunzip() -> object:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


_zlib = _stream(zlib.decompressobj)


def _png(data: bytes, budget: Budget) -> Iterator[Member]:
    """The text chunks of a picture: tEXt as it is, zTXt and iTXt inflated."""
    at = 8
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        at += 12 + size
        if kind in (b"tEXt", b"iTXt", b"eXIf"):
            yield "", body
        if kind in (b"zTXt", b"iTXt"):
            packed = body.find(b"x", body.find(b"\0"))
            if packed >= 0 and container(body[packed:]):
                yield "", _inflated(zlib.decompressobj(), body[packed:], budget)


_PDF_STREAM = re.compile(rb"stream\r?\n")


def _pdf(data: bytes, budget: Budget) -> Iterator[Member]:
    """The deflated streams of a document that inflate."""
    for found in _PDF_STREAM.finditer(data):
        if budget.members <= 0 or budget.bytes <= 0:
            return
        start = found.end()
        if data[start : start + 1] == b"x":
            end = data.find(b"endstream", start)
            try:
                yield "", _inflated(zlib.decompressobj(), data[start : max(end, start)], budget)
            except zlib.error:
                budget.refuse("a stream of its document cannot be read")


def _sqlite(data: bytes, budget: Budget) -> Iterator[Member]:
    """The rows of each table, read from a copy in memory; no trigger or function of it is run."""
    import sqlite3

    with closing(sqlite3.connect(":memory:")) as database:
        if hasattr(database, "deserialize"):
            database.deserialize(data)
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_progress_handler(_patience(2000), 10_000)
            tables = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
            ).fetchall()
            for (table,) in tables[:200]:
                yield str(table), _rows(database, str(table), budget)


def _rows(database: object, table: str, budget: Budget) -> bytes:
    quoted = table.replace('"', '""')
    rows = database.execute(f'SELECT * FROM "{quoted}"')  # type: ignore[attr-defined]
    out = bytearray()
    for row in rows:
        for value in row:
            out += value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
            out += b"\n"
        if len(out) > MEMBER:
            budget.refuse(f"a table is larger than {MEMBER // 1024**2} MB")
            break
    return bytes(out)


def _patience(ticks: int) -> Callable[[], int]:
    left = iter(range(ticks))
    return lambda: 0 if next(left, None) is not None else 1


_OPENERS: tuple[tuple[int, bytes, Callable[[bytes, Budget], Iterator[Member]]], ...] = (
    (0, b"PK\x03\x04", _zip),
    (0, b"\x1f\x8b\x08", _stream(_gunzip)),
    (0, b"BZh", _stream(bz2.BZ2Decompressor)),
    (0, b"\xfd7zXZ\0", _stream(lzma.LZMADecompressor)),
    (257, b"ustar", _tar),
    (0, b"\x89PNG\r\n\x1a\n", _png),
    (0, b"%PDF-", _pdf),
    (0, b"SQLite format 3\0", _sqlite),
)
