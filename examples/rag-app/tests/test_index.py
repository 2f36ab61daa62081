"""An open index is whole and matches its settings, or says why it cannot be used."""

import sqlite3
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_corpus import TOPICS, settings_in

from pytopics.embedding import load_embedder
from pytopics.errors import ProjectError, UsageError
from pytopics.index import Index
from pytopics.ingest import ingest
from pytopics.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def test_the_first_opening_builds_the_configured_corpus_and_says_so(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    index = Index.open(settings)
    assert index.sources() == sorted(f"{name}.md" for name in TOPICS)
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert "building the index of small" in output.err
    Index.open(settings)
    assert capsys.readouterr().err == ""


def test_the_manifest_records_corpus_and_versions(settings: Settings) -> None:
    index = Index.open(settings)
    assert index.corpus == "small"
    assert index.corpus_root == str(settings.corpus_path)
    assert index.manifest["root"] == "corpus"
    assert index.manifest["embedding"].startswith("wordllama ")
    assert "180 words" not in Index.open(replace(settings, chunk_words=90)).manifest["chunking"]


def test_other_settings_rebuild_from_the_recorded_folder(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "only.md").write_text("Only this.")
    ingest(settings, other)
    index = Index.open(replace(settings, chunk_words=50, chunk_overlap=0))
    assert (index.corpus, index.sources()) == ("other", ["only.md"])
    assert "chunking was" in capsys.readouterr().err


def test_a_recorded_folder_that_is_gone_is_an_error_and_not_an_empty_index(
    settings: Settings,
) -> None:
    Index.open(settings).close()
    settings.corpus_path.rename(settings.root / "moved")
    with pytest.raises(UsageError, match="is not a folder"):
        Index.open(replace(settings, chunk_words=50, chunk_overlap=0))


def test_chunks_are_found_by_id_and_by_source(settings: Settings) -> None:
    index = Index.open(settings)
    (chunk,) = index.chunks("bees.md")
    assert index.chunk(chunk.chunk_id) == chunk
    assert len(index.chunks()) == len(TOPICS)
    with pytest.raises(UsageError, match="no chunk nothing"):
        index.chunk("nothing")


def test_vectors_are_unit_rows_in_reading_order(settings: Settings) -> None:
    index = Index.open(settings)
    vectors = index.vectors()
    assert vectors.chunk_ids == tuple(chunk.chunk_id for chunk in index.chunks())
    assert vectors.matrix.shape == (len(TOPICS), 256)
    assert np.allclose(np.linalg.norm(vectors.matrix, axis=1), 1, atol=1e-5)


def test_an_open_index_sees_what_another_process_ingested(settings: Settings) -> None:
    index = Index.open(settings)
    before = index.vectors()
    assert index.vectors() is before
    (settings.corpus_path / "new.md").write_text("Something new.")
    ingest(settings)
    assert len(index.vectors().chunk_ids) == len(before.chunk_ids) + 1


def test_a_damaged_file_is_named_with_the_way_out(settings: Settings) -> None:
    settings.index_path.parent.mkdir()
    settings.index_path.write_bytes(b"not a database, but long enough to look at" * 50)
    with pytest.raises(ProjectError, match="is damaged") as error:
        Index.open(settings)
    assert "delete the file" in error.value.hint


def change(settings: Settings, statement: str) -> None:
    """Build the index and do to it what `ingest` never would."""
    Index.open(settings).close()
    with sqlite3.connect(settings.index_path) as db:
        db.execute(statement)


@pytest.mark.parametrize("key", ["root", "corpus", "corpus_hash"])
def test_a_manifest_that_lacks_a_key_is_rebuilt_from_the_configured_corpus(
    settings: Settings, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    change(settings, f"DELETE FROM manifest WHERE key = '{key}'")
    capsys.readouterr()
    assert Index.open(settings).corpus_root == str(settings.corpus_path)
    assert "its manifest was damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vectors SET vector = x'00'",
        "UPDATE vectors SET vector = substr(vector, 1, 512)",
        "DROP TABLE vectors",
        "ALTER TABLE chunks RENAME COLUMN access TO reader",
    ],
)
def test_tables_of_another_shape_are_named_with_the_way_out(
    settings: Settings, statement: str
) -> None:
    change(settings, statement)
    with pytest.raises(ProjectError, match="is damaged") as error:
        Index.open(settings).vectors()
    assert "delete the file" in error.value.hint


def test_one_long_text_does_not_blow_up_the_memory_of_its_batch() -> None:
    embedder = load_embedder("wordllama")
    texts = [*(f"short text {n}" for n in range(63)), "x " * 5_000]
    tracemalloc.start()
    together = embedder.embed(texts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000
    assert all((together[i] == embedder.embed([texts[i]])[0]).all() for i in (0, 62, 63))
