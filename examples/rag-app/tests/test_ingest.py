"""After `ingest` the index holds exactly one folder, and nothing is embedded twice."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from small_corpus import settings_in

from pytopics.cli import main
from pytopics.errors import UsageError
from pytopics.index import Index
from pytopics.ingest import ingest
from pytopics.settings import Settings

TEXTS = {"a.md": "# Apples\n\nRed.", "b.txt": "Bread is baked at six.", "c.md": "Cherries."}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, TEXTS)


def texts(settings: Settings) -> dict[str, str]:
    index = Index.open(settings)
    found = {chunk.source: chunk.text for chunk in index.chunks()}
    index.close()
    return found


def test_second_run_changes_and_embeds_nothing(settings: Settings) -> None:
    first = ingest(settings)
    again = ingest(settings)
    assert (first.added, first.embedded, first.chunks) == (3, 3, 3)
    assert (again.unchanged, again.added, again.updated, again.deleted) == (3, 0, 0, 0)
    assert (again.embedded, again.chunks, again.rebuilt) == (0, 3, "")


def test_added_edited_and_deleted_documents_are_followed(settings: Settings) -> None:
    ingest(settings)
    (settings.corpus_path / "a.md").write_text("# Apples\n\nGreen.")
    (settings.corpus_path / "b.txt").unlink()
    (settings.corpus_path / "d.md").write_text("Dates.")
    report = ingest(settings)
    counts = (report.added, report.updated, report.deleted, report.unchanged, report.embedded)
    assert counts == (1, 1, 1, 1, 2)
    assert texts(settings) == {
        "a.md": "# Apples\n\nGreen.",
        "c.md": "Cherries.",
        "d.md": "Dates.",
    }


def test_incremental_and_fresh_index_are_the_same(settings: Settings, tmp_path: Path) -> None:
    (settings.corpus_path / "a.md").unlink()
    ingest(settings)
    (settings.corpus_path / "a.md").write_text(TEXTS["a.md"])
    ingest(settings)
    fresh = replace(settings, index_path=tmp_path / "fresh.sqlite")
    ingest(fresh)
    one, other = Index.open(settings), Index.open(fresh)
    assert one.chunks() == other.chunks()
    assert one.manifest == other.manifest
    assert (one.vectors().matrix == other.vectors().matrix).all()


def test_unreadable_files_are_listed_and_the_rest_is_ingested(settings: Settings) -> None:
    (settings.corpus_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (settings.corpus_path / "empty.md").write_bytes(b"")
    (settings.corpus_path / "old.txt").write_bytes("caf\u00e9".encode("cp1252"))
    (settings.corpus_path / "photo.jpg").write_bytes(b"\xff\xd8")
    (settings.corpus_path / "out.md").symlink_to(settings.root / "config.toml")
    report = ingest(settings)
    assert sorted(f.path for f in report.failures) == ["broken.pdf", "empty.md", "out.md"]
    assert report.notes == ("old.txt: not UTF-8, read as cp1252",)
    assert (report.added, report.ignored) == (4, 1)
    assert report.ignored_kinds == {".jpg": 1}


def test_a_document_that_becomes_unreadable_leaves_the_index(settings: Settings) -> None:
    ingest(settings)
    (settings.corpus_path / "a.md").write_bytes(b"\0")
    report = ingest(settings)
    assert (report.deleted, len(report.failures)) == (1, 1)
    assert "a.md" not in texts(settings)


def test_documents_of_a_folder_that_becomes_unreadable_go_with_a_reason(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.corpus_path / "hr").mkdir()
    (settings.corpus_path / "hr" / "pay.md").write_text("Pay day is the 25th.")
    ingest(settings)
    scandir = os.scandir
    forbidden = {"hr"}

    def guarded(folder: str) -> object:
        if Path(folder).name in forbidden:
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    report = ingest(settings)
    assert (report.deleted, [f.path for f in report.failures]) == (1, ["hr"])
    forbidden.add(settings.corpus_path.name)
    with pytest.raises(UsageError, match="cannot read"):
        ingest(settings)
    assert texts(settings).keys() == TEXTS.keys()


def test_another_folder_replaces_the_content_and_reuses_vectors(
    settings: Settings, tmp_path: Path
) -> None:
    ingest(settings)
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.md").write_text(TEXTS["c.md"])
    (other / "e.md").write_text("Elderberries.")
    report = ingest(settings, other)
    assert (report.corpus, report.added, report.deleted, report.embedded) == ("other", 1, 2, 1)
    assert texts(settings) == {"c.md": "Cherries.", "e.md": "Elderberries."}
    assert ingest(settings, other, "mine").corpus == "mine"


def test_the_command_names_the_corpus_that_left_and_the_labels_that_broke(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    ingest(settings)
    other = tmp_path / "other"
    other.mkdir()
    (other / "bees.md").write_text("The beehives are gone.")
    (other / "photo.png").write_bytes(b"")
    (other / "LICENCE").write_bytes(b"")
    read_settings = "pytopics.commands.ingest.load_settings"
    monkeypatch.setattr(read_settings, lambda: settings)
    assert main(["ingest", str(other), "--name", "small"]) == 0
    assert main(["ingest"]) == 0
    assert main(["ingest", str(other)]) == 0
    out = capsys.readouterr().out
    assert "3 of small left the index (files are untouched)" in out
    assert "2 files of other kinds ignored: .png 1, no ending 1" in out
    assert "labels that are in no passage now: bees boats" in out


def test_changed_chunking_rebuilds_and_says_why(settings: Settings) -> None:
    ingest(settings)
    report = ingest(replace(settings, chunk_words=50, chunk_overlap=5))
    assert "chunking" in report.rebuilt
    assert "50 words" in report.rebuilt
    assert (report.unchanged, report.embedded) == (3, 0)


def test_changed_embedding_rebuilds_and_embeds_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(settings)
    next_version = "pytopics.ingest.embedding_version"
    monkeypatch.setattr(next_version, lambda name: f"{name} next")
    report = ingest(settings)
    assert "embedding" in report.rebuilt
    assert report.embedded == 3


@pytest.mark.parametrize("path", ["missing", "corpus/a.md", "empty"])
def test_a_wrong_path_leaves_the_index_as_it_was(settings: Settings, path: str) -> None:
    (settings.root / "empty").mkdir()
    ingest(settings)
    with pytest.raises(UsageError):
        ingest(settings, settings.root / path)
    assert texts(settings).keys() == TEXTS.keys()


def test_an_emptied_corpus_empties_the_index(settings: Settings) -> None:
    ingest(settings)
    for name in TEXTS:
        (settings.corpus_path / name).unlink()
    assert ingest(settings).deleted == 3
    assert texts(settings) == {}


def test_a_killed_ingest_leaves_the_old_index(settings: Settings) -> None:
    ingest(settings)
    (settings.corpus_path / "a.md").write_text("Half-written.")
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from dataclasses import replace\n"
        "from pytopics import ingest, settings\n"
        "ingest._record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "found = settings.load_settings(Path(sys.argv[1]))\n"
        "ingest.ingest(replace(found, corpus_path=Path(sys.argv[2])))\n"
    )
    command = [sys.executable, "-c", script, str(settings.root), str(settings.corpus_path)]
    source = Path(sys.modules["pytopics"].__path__[0]).parent
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(source)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert texts(settings)["a.md"] == TEXTS["a.md"]
