"""Which command opens a file at a line, and which files are opened at all."""

import os
from pathlib import Path

import pytest

from scaffolder.errors import EnvironmentProblem, UsageError
from scaffolder.journeys import edit


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one file, and a machine that has every editor."""
    monkeypatch.setattr(edit.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.py").write_text("a = 1\n", "utf-8")
    return tmp_path / "notes"


@pytest.mark.parametrize(
    ("editor", "words", "in_terminal"),
    [
        ("vim", "vim +7 {}", True),
        ("/usr/local/bin/nvim -u NONE", "/usr/local/bin/nvim -u NONE +7 {}", True),
        ("hx", "hx {}:7", True),
        ("code --wait", "code -g {}:7", False),
        ("subl -w", "subl {}:7", False),
        ("idea", "idea --line 7 {}", False),
        ("ed", "ed {}", True),
    ],
)
def test_the_line_is_given_as_the_editor_wants_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, editor: str, words: str, in_terminal: bool
) -> None:
    monkeypatch.setenv("EDITOR", editor)
    opening = edit.command(project / "a.py", 7, project)
    assert " ".join(opening.argv) == words.format(project / "a.py")
    assert opening.takes_terminal is in_terminal


def test_visual_comes_before_editor_and_none_is_said(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EnvironmentProblem, match="VISUAL or EDITOR"):
        edit.command(project / "a.py", 1, project)
    monkeypatch.setenv("EDITOR", "nano")
    monkeypatch.setenv("VISUAL", "vi 'unended")
    with pytest.raises(EnvironmentProblem, match="unended"):
        edit.command(project / "a.py", 1, project)


def test_what_leads_out_or_is_no_file_is_not_opened(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "vi")
    (tmp_path / "secret").write_text("x", "utf-8")
    (project / "link").symlink_to(tmp_path / "secret")
    (project / "inner").symlink_to("a.py")
    os.mkfifo(project / "pipe")
    for path in ("link", "../secret", "pipe", ".", "gone", "a\0b"):
        with pytest.raises(UsageError):
            edit.command(project / path, 1, project)
    assert edit.command(project / "inner", None, project).argv == ("vi", str(project / "a.py"))
