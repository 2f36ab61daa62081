"""Ingest: a folder of documents becomes the content of the index.

Invariant: after `ingest` the index holds exactly the readable documents of one folder. Only
texts that were never embedded before are embedded; a second run on the same folder embeds none.
"""

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .chunking import Chunk, chunking_version, split
from .documents import (
    Document,
    Listing,
    ParseFailure,
    digest_of,
    find_documents,
    load,
    parse,
)
from .embedding import embedding_version, load_embedder
from .errors import UsageError
from .readers import READERS
from .settings import Settings
from .store import FORMAT, connect, create_tables, database_errors, read_manifest, transaction

_IDENTITY = frozenset({"corpus", "root", "corpus_hash"})


@dataclass(frozen=True)
class IngestReport:
    """What changed. The first four count documents; `embedded` counts newly embedded texts.

    `rebuilt` is the reason why everything was read again, or "". `failures` are the files that
    could not be read, `notes` what was doubtful in those that could, `ignored` counts files of
    other kinds, `ignored_kinds` by their ending.
    """

    corpus: str
    added: int
    updated: int
    deleted: int
    unchanged: int
    chunks: int
    embedded: int
    rebuilt: str
    failures: tuple[ParseFailure, ...]
    notes: tuple[str, ...]
    ignored: int
    ignored_kinds: Mapping[str, int]


@dataclass(frozen=True)
class _Reading:
    """The folder as it is now: documents that are new or changed, and every document's digest."""

    changed: tuple[Document, ...]
    digests: Mapping[str, str]
    failures: tuple[ParseFailure, ...]


def ingest(settings: Settings, path: Path | None = None, name: str | None = None) -> IngestReport:
    """Make the index hold the documents under `path` (the configured corpus by default).

    `name` is recorded as the corpus's name; by default the configured one for the configured
    folder and the folder's own name for another. Raises UsageError for a path that is no folder
    or holds no document and for a name of several lines, and leaves the index as it was.
    """
    root = (path or settings.corpus_path).resolve()
    if not os.path.isdir(root):  # unlike Path's, it has no error for a name that is too long
        raise UsageError(f"{root} is not a folder", "give the folder that holds the documents")
    configured = root == settings.corpus_path.resolve()
    corpus = name or (settings.corpus_name if configured else root.name)
    if not corpus.isprintable():
        raise UsageError(f"the name {corpus!r} is not one printable line", "give another: --name")
    listing = find_documents(root, exclude=settings.index_path.parent)
    with transaction(settings.index_path) as db:
        manifest = read_manifest(db)
        if not listing.files and settings.root / manifest.get("root", "") != root:
            raise UsageError(f"no documents in {root}", f"it reads {', '.join(READERS)}")
        return _update(db, settings, root, corpus, listing)


def why_stale(settings: Settings) -> str:
    """Why the index must be built before it can be used, or "" if it need not."""
    return _why_stale(_manifest(settings), settings)


def recorded_corpus(settings: Settings) -> tuple[Path, str]:
    """Folder and name of what is in the index, or the configured ones if it does not say."""
    manifest = _manifest(settings)
    if not manifest.keys() >= _IDENTITY:
        return settings.corpus_path, settings.corpus_name
    return settings.root / manifest["root"], manifest["corpus"]


def _manifest(settings: Settings) -> dict[str, str]:
    if not settings.index_path.exists():
        return {}
    connection = connect(settings.index_path)
    try:
        with database_errors(settings.index_path):
            return read_manifest(connection)
    finally:
        connection.close()


def _versions(settings: Settings) -> dict[str, str]:
    return {
        "format": FORMAT,
        "chunking": chunking_version(settings.chunk_words, settings.chunk_overlap),
        "embedding": embedding_version(settings.embedding),
    }


def _why_stale(manifest: Mapping[str, str], settings: Settings) -> str:
    if not manifest:
        return "there was no index"
    if not manifest.keys() >= _IDENTITY:
        return "its manifest was damaged"
    return "; ".join(
        f"{key} was {manifest.get(key)!r} and is {value!r}"
        for key, value in _versions(settings).items()
        if manifest.get(key) != value
    )


def _update(
    db: sqlite3.Connection, settings: Settings, root: Path, corpus: str, listing: Listing
) -> IngestReport:
    manifest = read_manifest(db)
    versions = _versions(settings)
    stale = _why_stale(manifest, settings)
    before = dict(db.execute("SELECT source, digest FROM documents")) if manifest else {}
    if stale:
        create_tables(db, keep_vectors=manifest.get("embedding") == versions["embedding"])
    reading = _read(listing, root, {} if stale else before)
    changed = {document.source for document in reading.changed}
    gone = before.keys() - reading.digests.keys()
    _remove(db, gone | changed)
    embedded = _add(db, settings, reading.changed)
    _record(db, versions | _identity(settings, root, corpus, reading.digests))
    unchanged = dict(reading.digests.items() & before.items())
    return IngestReport(
        corpus=corpus,
        added=len(reading.digests.keys() - before.keys()),
        updated=len((reading.digests.keys() & before.keys()) - unchanged.keys()),
        deleted=len(gone),
        unchanged=len(unchanged),
        chunks=db.execute("SELECT count(*) FROM chunks").fetchone()[0],
        embedded=embedded,
        rebuilt=stale if manifest else "",
        failures=(*listing.refused, *reading.failures),
        notes=_notes(reading.changed),
        ignored=sum(listing.ignored.values()),
        ignored_kinds=listing.ignored,
    )


def _notes(documents: Iterable[Document]) -> tuple[str, ...]:
    return tuple(
        f"{document.source}: not UTF-8, read as {document.meta['encoding']}"
        for document in documents
        if "encoding" in document.meta
    )


def _read(listing: Listing, root: Path, known: Mapping[str, str]) -> _Reading:
    """Parse the files whose digest is not the `known` one of their source."""
    changed: list[Document] = []
    digests: dict[str, str] = {}
    failures: list[ParseFailure] = []
    for path in listing.files:
        try:
            raw = load(path, root)
            source, digest = path.relative_to(root).as_posix(), digest_of(raw)
            if known.get(source) != digest:
                changed.append(parse(raw, path, root))
            digests[source] = digest
        except ParseFailure as failure:
            failures.append(failure)
    return _Reading(tuple(changed), digests, tuple(failures))


def _remove(db: sqlite3.Connection, sources: Iterable[str]) -> None:
    rows = [(source,) for source in sources]
    ids = "SELECT id FROM chunks WHERE source = ?"
    db.executemany(f"DELETE FROM words WHERE rowid IN ({ids})", rows)
    db.executemany("DELETE FROM chunks WHERE source = ?", rows)
    db.executemany("DELETE FROM documents WHERE source = ?", rows)


def _add(db: sqlite3.Connection, settings: Settings, documents: Sequence[Document]) -> int:
    """Insert the documents' chunks; returns how many texts had to be embedded."""
    chunks = [
        chunk
        for document in documents
        for chunk in split(document, settings.chunk_words, settings.chunk_overlap)
    ]
    digests = [digest_of(chunk.indexed_text.encode()) for chunk in chunks]
    db.executemany("INSERT INTO documents VALUES (?, ?)", [(d.source, d.digest) for d in documents])
    first = db.execute("SELECT coalesce(max(id), 0) + 1 FROM chunks").fetchone()[0]
    db.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (row, c.chunk_id, c.source, c.position, c.access, digest, c.heading, c.text)
            for row, (c, digest) in enumerate(zip(chunks, digests, strict=True), start=first)
        ],
    )
    db.executemany(
        "INSERT INTO words (rowid, text) VALUES (?, ?)",
        [(row, c.indexed_text) for row, c in enumerate(chunks, start=first)],
    )
    return _embed(db, settings, dict(zip(digests, chunks, strict=True)))


def _embed(db: sqlite3.Connection, settings: Settings, chunks: Mapping[str, Chunk]) -> int:
    """Give every digest of `chunks` a vector and forget vectors that no chunk has any more."""
    db.execute("DELETE FROM vectors WHERE digest NOT IN (SELECT digest FROM chunks)")
    have = {row[0] for row in db.execute("SELECT digest FROM vectors")}
    new = [digest for digest in chunks if digest not in have]
    if new:
        texts = [chunks[digest].indexed_text for digest in new]
        rows = load_embedder(settings.embedding).embed(texts)
        pairs = ((digest, row.tobytes()) for digest, row in zip(new, rows, strict=True))
        db.executemany("INSERT INTO vectors VALUES (?, ?)", pairs)
    return len(new)


def _identity(
    settings: Settings, root: Path, corpus: str, digests: Mapping[str, str]
) -> dict[str, str]:
    """Which corpus this is; a folder inside the project is recorded relative to it."""
    inside = root.is_relative_to(settings.root)
    listing = "".join(f"{source}\0{digest}\n" for source, digest in sorted(digests.items()))
    return {
        "corpus": corpus,
        "root": root.relative_to(settings.root).as_posix() if inside else str(root),
        "corpus_hash": digest_of(listing.encode()),
    }


def _record(db: sqlite3.Connection, manifest: Mapping[str, str]) -> None:
    db.executemany("INSERT OR REPLACE INTO manifest VALUES (?, ?)", manifest.items())
