"""Whether a folder has changed since it was looked at."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.journeys import watch
from scaffolder.journeys.watch import fingerprint


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("one\n")
    (tmp_path / ".venv" / "lib").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return tmp_path


def _save(root: Path) -> None:
    (root / "src" / "a.py").write_text("other\n")


def _save_with_equal_size(root: Path) -> None:
    (root / "src" / "a.py").write_text("two\n")
    os.utime(root / "src" / "a.py", ns=(1, 1))


def _add(root: Path) -> None:
    (root / "src" / "b.py").touch()


def _take_out(root: Path) -> None:
    (root / "src" / "a.py").unlink()


def _commit(root: Path) -> None:
    (root / ".git" / "index").write_bytes(b"DIRC")


@pytest.mark.parametrize("change", [_save, _save_with_equal_size, _add, _take_out, _commit])
def test_a_change_is_seen(root: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint(root)
    assert fingerprint(root) == before
    change(root)
    assert fingerprint(root) != before


def test_environments_and_caches_are_not_looked_at(root: Path) -> None:
    before = fingerprint(root)
    (root / ".venv" / "lib" / "x.py").touch()
    (root / "src" / "__pycache__").mkdir()
    seen = fingerprint(root)
    (root / "src" / "__pycache__" / "a.pyc").touch()
    assert fingerprint(root) == seen == before


def test_no_link_is_followed_and_nothing_is_waited_on(root: Path) -> None:
    (root / "up").symlink_to(root)
    os.mkfifo(root / "pipe")
    assert fingerprint(root).entries < 10


def test_a_large_folder_is_looked_at_in_part(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "MOST", 50)
    for number in range(200):
        (root / "src" / f"{number}.txt").touch()
    assert fingerprint(root).entries < 60


def test_a_folder_that_is_gone_has_a_print_of_its_own(tmp_path: Path) -> None:
    assert fingerprint(tmp_path / "gone").entries == 0
