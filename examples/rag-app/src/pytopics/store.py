"""The index file: its tables, how it is opened, and its manifest.

Invariant: a change of the file is one transaction, so a process that dies half-way leaves the
old content. The file is derived data: deleting it loses nothing but the time to build it.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from .errors import ProjectError

FORMAT = "1"
TABLES = {
    "manifest": "TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "documents": "TABLE documents (source TEXT PRIMARY KEY, digest TEXT NOT NULL)",
    "chunks": """TABLE chunks (
        id INTEGER PRIMARY KEY, chunk_id TEXT NOT NULL UNIQUE, source TEXT NOT NULL,
        position INTEGER NOT NULL, access TEXT NOT NULL, digest TEXT NOT NULL,
        heading TEXT NOT NULL, text TEXT NOT NULL,
        UNIQUE (source, position), UNIQUE (access, id))""",
    "words": "VIRTUAL TABLE words USING fts5 (text, tokenize = 'porter unicode61')",
    "vectors": "TABLE vectors (digest TEXT PRIMARY KEY, vector BLOB NOT NULL)",
}
_BUSY_S = 30.0
_OTHER_TABLES = re.compile(r"no such (table|column)|has (no|\d+) column|[Vv]ector")


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """What SQLite refuses, as an error that names the file and the way out."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # A lock or a full disk is an OperationalError too, and a rebuild would not help it.
        if isinstance(error, sqlite3.OperationalError) and not _OTHER_TABLES.search(str(error)):
            raise ProjectError(f"cannot use the index {path}: {error}") from error
        raise damaged(path, str(error)) from error


def damaged(path: Path, what: str) -> ProjectError:
    """The error for an index that holds something else than `ingest` writes."""
    hint = "it can be rebuilt: delete the file and run `ingest`"
    return ProjectError(f"the index {path} is damaged: {what}", hint)


def connect(path: Path) -> sqlite3.Connection:
    """The index file at `path`, made with its folder if missing; threads may share it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(f"cannot make {path.parent}: {error.strerror}") from error
    with database_errors(path):
        return sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection on which either everything is written or nothing; one writer at a time."""
    connection = connect(path)
    try:
        with database_errors(path):
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
    finally:
        connection.close()


def create_tables(connection: sqlite3.Connection, keep_vectors: bool) -> None:
    """Empty tables; the vectors of texts that may come back are kept if they are still valid."""
    for name, definition in TABLES.items():
        if name == "vectors" and keep_vectors:
            continue
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.execute(f"CREATE {definition}")


def read_manifest(connection: sqlite3.Connection) -> dict[str, str]:
    """What the index was built from and with; empty if nothing was built yet."""
    made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'manifest'").fetchone()
    return dict(connection.execute("SELECT key, value FROM manifest")) if made else {}


def load_sqlite_vec(connection: sqlite3.Connection) -> bool:
    """Whether sqlite-vec could be loaded: not on every Python, and only with the extra `vec`."""
    if not hasattr(connection, "enable_load_extension"):
        return False
    try:
        sqlite_vec = import_module("sqlite_vec")
    except ImportError:
        return False
    connection.enable_load_extension(True)
    sqlite_vec.load(connection)
    connection.enable_load_extension(False)
    return True
