"""What a review remembers of contents that it has read: a file in the user's cache folder.

Invariant: nothing depends on it. A file that is corrupt, locked, not ours alone or not writable is
no error: nothing is remembered then, and every content is read as the first time. It knows nothing
of what is kept: a value belongs to a kind, a version of the code that made it, and a content. Who
asks hashes the bytes that were read, and never trusts a name that a repository gives them.

SQLite without waiting for the disk: what a power cut spoils is thrown away and made again. One
transaction at the end; two processes read side by side, and the second writer waits a moment or
leaves it.
"""

import hashlib
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

MAX_BYTES = 128 * 1024 * 1024
"""What is kept; beyond it, the half that was not used for the longest time goes."""

_WAITING = 4 * 1024 * 1024
"""Bytes that are kept back for one transaction."""

_WAIT = 0.25
"""Seconds that a writer waits for another."""

_APPLICATION = 0x5CAF_0003
_FRESH_DAYS = 7
_DAY = 86_400
_CHECK = 8
_SIDES = ("", "-wal", "-shm", "-journal")
_TABLE = (
    "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER"
    " NOT NULL) WITHOUT ROWID"
)


@dataclass
class Memory:
    """An open memory; one without a connection finds nothing and keeps nothing."""

    connection: sqlite3.Connection | None = field(default=None, repr=False)
    new: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    waiting: int = 0
    seen: set[bytes] = field(default_factory=set, repr=False)


def key(kind: str, version: bytes, content: bytes) -> bytes:
    """The name of a value; `content` are the bytes it was made of, or a digest of them."""
    made = hashlib.blake2b(digest_size=16, person=kind.encode()[:16], salt=version[:16])
    made.update(content)
    return made.digest()


def version(files: Iterable[Path], *more: str) -> bytes:
    """A version for `key`: it changes with the bytes of the files, with Python, and with `more`."""
    made = hashlib.blake2b(repr((sys.version_info[:3], *more)).encode(), digest_size=16)
    for file in sorted(files):
        with suppress(OSError):
            made.update(hashlib.blake2b(file.read_bytes()).digest())
    return made.digest()


def get(memory: Memory, name: bytes) -> bytes | None:
    """The value that was put under `name`; None where there is none, or not whole."""
    if name in memory.new:
        return memory.new[name]
    if memory.connection is None:
        return None
    try:
        asked = "SELECT value, used FROM kept WHERE key = ?"
        row = memory.connection.execute(asked, (name,)).fetchone()
    except sqlite3.Error:
        return None
    if row is None or not isinstance(row[0], bytes) or row[0][:_CHECK] != _sum(row[0][_CHECK:]):
        return None
    if isinstance(row[1], int) and row[1] < _today() - _FRESH_DAYS:
        memory.seen.add(name)
    found: bytes = row[0][_CHECK:]
    return found


def put(memory: Memory, name: bytes, value: bytes = b"") -> None:
    """Keeps a value; it is written when the memory is closed, or much waits to be written."""
    if memory.connection is None:
        return
    memory.new[name] = value
    memory.waiting += len(value)
    if memory.waiting > _WAITING:
        _save(memory, memory.connection)


@contextmanager
def opened(folder: Path) -> Iterator[Memory]:
    """The memory in `folder`, which is made where it is not there."""
    memory = Memory(_connected(folder / "review.db"))
    try:
        yield memory
    finally:
        if memory.connection is not None:
            _close(memory.connection, memory, folder / "review.db")


def _connected(path: Path) -> sqlite3.Connection | None:
    try:
        if not _is_ours(path):
            return None
        return _opened(path)
    except sqlite3.OperationalError:  # locked, full, not writable
        return None
    except (sqlite3.Error, OSError):
        _forget(path)
        return None


def _is_ours(path: Path) -> bool:
    """Whether nobody else can write into the folder and nobody else can read the file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if not hasattr(os, "geteuid"):
        return True
    folder, file = path.parent.lstat(), path.lstat()
    mine = folder.st_uid == file.st_uid == os.geteuid()
    private = not folder.st_mode & 0o022 and not file.st_mode & 0o077
    return mine and private and stat.S_ISDIR(folder.st_mode) and stat.S_ISREG(file.st_mode)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
    try:
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        if owner != _APPLICATION:
            _begin(connection)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("SELECT key, value, used FROM kept LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(_TABLE)
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")


def _close(connection: sqlite3.Connection, memory: Memory, path: Path) -> None:
    corrupt = _save(memory, connection)
    with suppress(sqlite3.Error):
        connection.close()
    if corrupt:
        _forget(path)


def _save(memory: Memory, connection: sqlite3.Connection) -> bool:
    """Writes what waits, or lets it go; whether the file turns out to be broken."""
    try:
        if memory.new or memory.seen:
            _write(connection, memory)
    except sqlite3.OperationalError:  # another writes, or there is no room: it is made again
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        return True
    finally:
        memory.new.clear()
        memory.seen.clear()
        memory.waiting = 0
    return False


def _write(connection: sqlite3.Connection, memory: Memory) -> None:
    today = _today()
    rows = ((name, _sum(value) + value, today) for name, value in memory.new.items())
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
    connection.executemany(
        "UPDATE kept SET used = ? WHERE key = ?", ((today, name) for name in memory.seen)
    )
    connection.execute("COMMIT")
    if _size(connection) > MAX_BYTES:
        _prune(connection)


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(size)


def _prune(connection: sqlite3.Connection) -> None:
    (count,) = connection.execute("SELECT count(*) FROM kept").fetchone()
    oldest = "SELECT key FROM kept ORDER BY used LIMIT ?"
    connection.execute(f"DELETE FROM kept WHERE key IN ({oldest})", (count // 2 + 1,))
    connection.execute("VACUUM")


def _forget(path: Path) -> None:
    for side in _SIDES:
        with suppress(OSError):
            path.with_name(path.name + side).unlink()


def _sum(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_CHECK).digest()


def _today() -> int:
    return int(time.time()) // _DAY
