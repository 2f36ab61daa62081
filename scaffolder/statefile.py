"""A small SQLite file that outlives crashes, other versions of us, and whatever else befalls it.

Invariant: no byte that was found is ever deleted or overwritten. A file that cannot be used is
renamed to `<name>.kept-<n>` with its side files, and a fresh one takes its place whole: it is
built beside and linked in, so a half-made file is never seen. Nothing here knows what is stored.

Crash safety is SQLite's: `BEGIN IMMEDIATE`, `synchronous=FULL`, a write-ahead log where the file
system allows one and a rollback journal elsewhere. A lock on the folder, which ends with its
process, keeps two processes from both replacing a broken file.
"""

import contextlib
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

WAIT_SECONDS = 5.0
"""How long a second process waits for the first before it gives up."""

MAX_BYTES = 64 * 1024 * 1024
"""What we keep is some kilobytes; a file beyond this is not ours to read."""

SIDE_FILES = ("", "-wal", "-shm", "-journal")

_TROUBLE = {
    sqlite3.SQLITE_BUSY: "another scaffold is writing to it",
    sqlite3.SQLITE_LOCKED: "another scaffold is writing to it",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it, or its folder, is read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_PERM: "it may not be opened",
    sqlite3.SQLITE_IOERR: "the disk is full or reports an error",
    sqlite3.SQLITE_PROTOCOL: "it cannot be locked",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
}
"""SQLite's primary result codes that blame the machine; any other code blames the file."""


@dataclass(frozen=True)
class Layout:
    """What a file must look like. `migrations[n]` are the statements from version n to n + 1.

    `check` reads everything that is stored and raises ValueError, TypeError or sqlite3.Error where
    it makes no sense. `application_id` is SQLite's, telling our file from any other database.
    """

    application_id: int
    migrations: tuple[tuple[str, ...], ...]
    check: Callable[[sqlite3.Connection], object]

    @property
    def version(self) -> int:
        return len(self.migrations)


class _Unusable(Exception):
    """What the file is instead of one that this version can use."""


@contextlib.contextmanager
def opened(path: Path, layout: Layout, notices: list[str]) -> Iterator[sqlite3.Connection]:
    """The file at `path`, sound and at the current version; an uncommitted change is rolled back.

    Appends to `notices` what was kept aside. Raises OSError or sqlite3.Error where the machine
    does not let us: no room, no permission, another process that does not let go.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _folder_lock(path.parent):
        try:
            _examine(path, layout)
        except FileNotFoundError:
            _begin(path, layout, notices, "is gone but its journal is here")
        except _Unusable as reason:
            _begin(path, layout, notices, str(reason))
        with closing(_connect(path, "rw")) as connection:
            _migrate(connection, path, layout)
            yield connection


@contextlib.contextmanager
def opened_unwritable(path: Path, layout: Layout) -> Iterator[sqlite3.Connection]:
    """The file in a place where nothing can be written, not even SQLite's own side files.

    Raises OSError or sqlite3.Error; what is only in a write-ahead log is not seen.
    """
    with closing(_connect(path, "ro&immutable=1")) as connection:
        try:
            layout.check(connection)
        except (ValueError, TypeError) as error:
            raise sqlite3.DatabaseError("it holds something that was not written there") from error
        yield connection


def explain(error: OSError | sqlite3.Error, path: Path) -> str:
    """Why `path` could not be used, as half a sentence."""
    if isinstance(error, OSError):
        return f"{error.filename or path}: {error.strerror or error}"
    return f"{path}: {_TROUBLE.get(_code(error), error)}"


def _examine(path: Path, layout: Layout) -> None:
    """Raise _Unusable, without having changed a byte, unless `path` can be opened for writing."""
    _examine_header(path, layout)
    # A hot rollback journal can only be played back by a connection that may write.
    mode = "rw" if os.path.lexists(f"{path}-journal") else "ro"
    try:
        with closing(_connect(path, mode)) as connection:
            _examine_content(connection, layout)
    except sqlite3.Error as error:
        if _code(error) in _TROUBLE:
            raise
        raise _Unusable("is damaged") from error
    except (ValueError, TypeError) as error:
        raise _Unusable("holds something that was not written there") from error


def _examine_header(path: Path, layout: Layout) -> None:
    """The fields of SQLite's 100-byte header that it would read in another way than we do.

    Offsets from sqlite.org/fileformat.html: 18-19 journal mode, 60 user version, 68 application id.
    """
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise _Unusable("is not a regular file")
    if status.st_size > MAX_BYTES:
        raise _Unusable(f"is larger than {MAX_BYTES // 1024**2} MB")
    with path.open("rb") as file:
        header = file.read(100)
    ours = layout.application_id.to_bytes(4, "big")
    if header[:16] != b"SQLite format 3\0" or header[68:72] != ours:
        raise _Unusable("is not what scaffold wrote there")
    if header[18:20] not in (b"\1\1", b"\2\2"):
        raise _Unusable("is damaged")
    if int.from_bytes(header[60:64], "big") > layout.version:
        raise _Unusable("was written by a newer scaffold")


def _examine_content(connection: sqlite3.Connection, layout: Layout) -> None:
    version = _version(connection)
    if version > layout.version:
        raise _Unusable("was written by a newer scaffold")
    if version < 1 or connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _Unusable("is damaged")
    if version == layout.version:
        layout.check(connection)


def _begin(path: Path, layout: Layout, notices: list[str], reason: str) -> None:
    """Put a fresh file at `path`, after whatever stands there or beside it was kept aside."""
    kept = _set_aside(path)
    if kept:
        notices.append(
            f"{path} {reason}. It is kept, unchanged, as {kept}. A new one starts empty."
        )
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(_connect(fresh, "rw", journal="MEMORY")) as connection:
            connection.execute(f"PRAGMA application_id = {layout.application_id}")
            _apply(connection, layout)
        _publish(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _publish(fresh: Path, path: Path) -> None:
    """Give `fresh` its name. Where the folder could not be locked, the first process wins."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:
        fresh.rename(path)
    with contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _set_aside(path: Path) -> Path | None:
    """Rename `path` and its side files to the first free `.kept-<n>`; None if there are none."""
    found = [side for side in SIDE_FILES if os.path.lexists(f"{path}{side}")]
    if not found:
        return None
    kept = _free_name(path, "kept")
    for side in found:
        path.with_name(path.name + side).rename(f"{kept}{side}")
    return kept.with_name(kept.name + found[0])


def _free_name(path: Path, word: str) -> Path:
    number = 1
    while any(os.path.lexists(f"{path}.{word}-{number}{side}") for side in SIDE_FILES):
        number += 1
    return path.with_name(f"{path.name}.{word}-{number}")


def _connect(path: Path, mode: str, journal: str = "WAL") -> sqlite3.Connection:
    uri = f"{path.as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None)
    if mode == "rw":
        try:
            connection.execute(f"PRAGMA journal_mode = {journal}")
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path, layout: Layout) -> None:
    """Bring an older file up to date, after a copy of it was put beside it."""
    version = _version(connection)
    if version < layout.version:
        copy = _free_name(path, f"before-v{layout.version}")
        with closing(sqlite3.connect(copy)) as target:
            connection.backup(target)
        _apply(connection, layout)


def _apply(connection: sqlite3.Connection, layout: Layout) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statements in layout.migrations[_version(connection) :]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {layout.version}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextlib.contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """One process at a time, killed ones let go. Without folder locks SQLite's own remain."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _wait_for_lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, folder: Path) -> None:
    import fcntl

    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError(0, "another scaffold is writing there", str(folder)) from None
            time.sleep(0.001)
        except OSError:
            return None


def _code(error: sqlite3.Error) -> int:
    """The primary result code; Python's own complaints (text that is not UTF-8) carry none."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
