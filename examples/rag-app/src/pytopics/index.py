"""The open index: chunks, their order of reading, and their vectors.

Invariant: an `Index` holds one whole corpus, cut and embedded as the settings say; it is
rebuilt from the recorded folder before anything is read from one that was made otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chunking import Chunk
from .console import note
from .embedding import Embedder, load_embedder
from .errors import UsageError
from .ingest import ingest, recorded_corpus, why_stale
from .settings import Settings
from .store import connect, damaged, database_errors, load_sqlite_vec, read_manifest

_COLUMNS = "chunk_id, source, position, heading, text, access"


@dataclass(frozen=True)
class Vectors:
    """Row i of `matrix`, shape (chunks, dimensions), belongs to `chunk_ids[i]`.

    `by_access` maps every access label to the rows that carry it.
    """

    chunk_ids: tuple[str, ...]
    by_access: Mapping[str, NDArray[np.intp]]
    matrix: NDArray[np.float32]

    def visible_to(self, roles: Sequence[str]) -> NDArray[np.intp]:
        """The rows whose label is one of `roles`, in order."""
        rows = [self.by_access[role] for role in roles if role in self.by_access]
        return np.sort(np.concatenate(rows)) if rows else np.empty(0, dtype=np.intp)


class Index:
    """An open index. `corpus_root` is the absolute path of the ingested folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.connection = connect(settings.index_path)
        self.manifest: Mapping[str, str] = read_manifest(self.connection)
        self.corpus = self.manifest["corpus"]
        self.corpus_root = str(settings.root / self.manifest["root"])
        self.has_sqlite_vec = load_sqlite_vec(self.connection)
        self._loaded: tuple[int, Vectors] | None = None

    @classmethod
    def open(cls, settings: Settings) -> "Index":
        """The index of these settings, built first if there is none or it was made with others."""
        reason = why_stale(settings)
        if reason:
            path, name = recorded_corpus(settings)
            note(f"building the index of {name} from {path}: {reason}")
            ingest(settings, path, name)
        return cls(settings)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def chunk(self, chunk_id: str) -> Chunk:
        """The chunk of that id. Raises UsageError if there is none."""
        found = self.by_id([chunk_id])
        if not found:
            raise UsageError(f"no chunk {chunk_id} in the index", "`search` shows the ids")
        return found[chunk_id]

    def by_id(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        """The chunks of those ids, as far as the index has them."""
        marks = ", ".join("?" * len(chunk_ids))
        query = f"SELECT {_COLUMNS} FROM chunks WHERE chunk_id IN ({marks})"
        return {row[0]: Chunk(*row) for row in self.rows(query, *chunk_ids)}

    def chunks(self, source: str | None = None) -> list[Chunk]:
        """The chunks of one source, or of all, in reading order."""
        query = f"SELECT {_COLUMNS} FROM chunks WHERE ?1 IS NULL OR source = ?1"
        rows = self.rows(f"{query} ORDER BY source, position", source)
        return [Chunk(*row) for row in rows]

    def sources(self) -> list[str]:
        """The ingested documents, sorted."""
        return [source for (source,) in self.rows("SELECT source FROM documents ORDER BY source")]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query on the tables of `store.py`. Raises ProjectError if it fails."""
        with database_errors(self.settings.index_path):
            return self.connection.execute(query, values).fetchall()

    @cached_property
    def embedder(self) -> Embedder:
        """Loaded on first use: a lexical search needs no model."""
        return load_embedder(self.settings.embedding)

    def vectors(self) -> Vectors:
        """All vectors in reading order; read again when another process has changed the file."""
        version = self.rows("PRAGMA data_version")[0][0]
        if self._loaded is None or self._loaded[0] != version:
            self._loaded = version, self._read_vectors()
        return self._loaded[1]

    def _read_vectors(self) -> Vectors:
        rows = self.rows(
            "SELECT chunk_id, access, vector FROM chunks JOIN vectors USING (digest)"
            " ORDER BY source, position"
        )
        labels = np.array([row[1] for row in rows])
        dimensions = self.embedder.embed([""]).shape[1]
        if any(len(row[2]) != 4 * dimensions for row in rows):
            raise damaged(self.settings.index_path, "a vector has another length than the model's")
        matrix = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.float32)
        return Vectors(
            chunk_ids=tuple(row[0] for row in rows),
            by_access={str(label): np.flatnonzero(labels == label) for label in set(labels)},
            matrix=matrix.reshape(len(rows), dimensions),
        )
