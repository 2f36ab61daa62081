"""The preview: the real template, bounded, and nothing left of it."""

import tempfile
from pathlib import Path

import pytest
from miniature import FILES, write_templates

from scaffolder.errors import UsageError
from scaffolder.journeys import preview


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.usefixtures("templates")
def test_every_file_is_seen_and_nothing_is_left(tmp_path: Path, scratch: Path) -> None:
    found = preview.preview("tiny", tmp_path / "Rules", {"problem": "[/] lost"})
    texts = {made.path: made.text for made in found.files}
    assert texts["README.md"] == "# Rules\n[/] lost\n"
    assert ".scaffold/template.lock" in texts
    assert found.answers["package"] == "rules"
    assert not (tmp_path / "Rules").exists()
    assert list(scratch.iterdir()) == []


def test_a_large_or_binary_file_is_bounded(tmp_path: Path, templates: Path) -> None:
    large = "line\n" * 5_000
    write_templates(templates, FILES | {"large.txt": large, "wide.txt": "x" * 99_999, "b": b"\xff"})
    found = {made.path: made for made in preview.preview("tiny", tmp_path / "p", {}).files}
    assert (found["large.txt"].lines, found["large.txt"].cut) == (5_000, True)
    assert len((found["large.txt"].text or "").splitlines()) == preview.MAX_LINES
    assert len(found["wide.txt"].text or "") == preview.MAX_CHARACTERS
    assert found["b"].text is None


@pytest.mark.usefixtures("templates")
def test_a_bad_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="package"):
        preview.preview("tiny", tmp_path / "p", {"package": "json"})
