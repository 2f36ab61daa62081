"""Which files a view examines, and what it says of those that it does not."""

import os
import unicodedata
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from hostile_files import CANARY, deep, irregular, links, names, undeep

from scaffolder.errors import EnvironmentProblem
from scaffolder.review import view
from scaffolder.review.cleanroom import History, Repository
from scaffolder.review.files import listing
from scaffolder.review.files.skips import Skips
from scaffolder.review.view import RepoView


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def bare_view(root: Path) -> RepoView:
    """The view of a folder without git."""
    return RepoView(root, Repository(root, History(False)))


def git_view(root: Path, *tracked: str, untracked: tuple[str, ...] = ()) -> RepoView:
    """The view of a folder whose index holds `tracked`."""
    history = History(True, complete=True, tracked=frozenset(tracked), untracked=untracked)
    return RepoView(root, Repository(root, history))


def reasons(seen: RepoView) -> dict[str, str]:
    return {s.path: s.reason for s in seen.skipped}


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n")


@pytest.mark.parametrize("with_git", [True, False])
def test_links_are_told_and_never_followed(root: Path, with_git: bool) -> None:
    links(root)
    seen = git_view(root, *(p.name for p in root.iterdir())) if with_git else bare_view(root)
    assert seen.files == ("main.py",)
    assert reasons(seen)["README.md"] == "is a link to ../outside/secret (not followed)"
    assert len(seen.skipped) == 6
    assert seen.raw("README.md") == seen.raw("docs/secret") == b""
    assert seen.readme is None
    assert CANARY not in str(seen.skipped)


@pytest.mark.parametrize("with_git", [True, False])
def test_what_is_no_file_is_told_at_once(root: Path, with_git: bool) -> None:
    irregular(root)
    seen = git_view(root, *(p.name for p in root.iterdir())) if with_git else bare_view(root)
    assert seen.files == ()
    assert "pipe" in reasons(seen)["pyproject.toml"]
    assert "socket" in reasons(seen)["requirements.txt"]
    assert "link to /dev/zero" in reasons(seen)["config.yaml"]


def test_a_link_with_a_hostile_target_is_shown_clean_and_cut(root: Path) -> None:
    (root / "x").symlink_to("\x1b]0;owned\x07" + "y" * 500)
    [told] = bare_view(root).skipped
    assert "\x1b" not in told.reason
    assert len(told.reason) < 160


def test_folders_too_deep_are_told(root: Path) -> None:
    deep(root, 1_000)
    try:
        put(root, "a.py")
        seen = bare_view(root)
        assert seen.files == ("a.py",)
        assert [s.reason for s in seen.skipped] == ["lies deeper than 200 folders"]
        tracked = git_view(root, "a.py", "d/" * 1_000 + "bottom.py")
        assert tracked.files == ("a.py",)
        assert len(tracked.skipped) == 1
    finally:
        undeep(root)


def test_strange_names_work_by_their_real_name(root: Path) -> None:
    made = names(root)
    seen = bare_view(root)
    assert {os.fsencode(f) for f in seen.files} == set(made)
    assert {seen.text(f) for f in seen.files} == {"x = 1\n"}
    assert len(seen.python) == len(made)


def test_names_that_another_system_confuses_are_examined_and_noticed(root: Path) -> None:
    twins = [unicodedata.normalize(form, "caf\xe9.py") for form in ("NFC", "NFD")]
    put(root, "Model.py", "model.py", *twins, "aux.txt", "ends.", "plain.py")
    seen = bare_view(root)
    assert len(seen.files) == 7
    noticed = {n.path: n.text for n in seen.notices}
    assert len(noticed) == 4
    assert noticed["aux.txt"] == noticed["ends."] == "this name cannot exist on Windows"
    assert "differs from Model.py only by case" in noticed["model.py"]


def test_the_index_is_believed_about_names_only(root: Path) -> None:
    put(root, "a.py", "b.py", "sub/x.py")
    (root.parent / "secret").write_text(CANARY)
    wanted = ("a.py", "gone.py", "sub", "../secret", "/etc/passwd", "a\0b", "\ud800", "a.py/x")
    seen = git_view(root, *wanted, untracked=("b.py", "other/"))
    assert seen.files == ("a.py", "b.py")
    told = reasons(seen)
    assert told["gone.py"] == "is in the index, not in the folder"
    assert "submodule" in told["sub"]
    assert told["other/"] == "holds a repository of its own (not entered)"
    assert told["../secret"] == told["/etc/passwd"] == "has a name that lies outside of the folder"
    assert len(told) == 8
    assert seen.raw("../secret") == b""


def test_environments_are_counted_and_not_entered(root: Path) -> None:
    inside = [".venv/lib/a.py", "app/node_modules/b/c.js", "mine/pyvenv.cfg", "mine/lib/d.py"]
    put(root, "app/main.py", "env/own.py", *inside)
    for seen in (
        bare_view(root),
        git_view(root, "app/main.py", "env/own.py", untracked=(*inside,)),
    ):
        assert seen.files == ("app/main.py", "env/own.py")
        assert sorted(reasons(seen)) == [".venv", "app/node_modules", "mine"]
        assert "looks like an environment" in reasons(seen)["mine"]


def test_a_committed_environment_is_examined_but_is_no_code_of_the_project(root: Path) -> None:
    put(root, "main.py", "venv/lib/a.py", "venv/lib/b.py")
    seen = git_view(root, "main.py", "venv/lib/a.py", "venv/lib/b.py")
    assert len(seen.files) == 3
    assert [f.path for f in seen.python] == ["main.py"]
    assert reasons(seen)["venv/"].endswith("project's own: 2")


def test_a_bare_repository_has_no_files(root: Path) -> None:
    put(root, "HEAD", "objects/x", "refs/y")
    seen = git_view(root)
    assert seen.files == ()
    assert "bare repository" in reasons(seen)["."]
    assert git_view(root, "HEAD").files == ("HEAD",)


def test_many_of_one_kind_are_one_entry_with_their_number(root: Path) -> None:
    for number in range(1_500):
        (root / f"l{number}").symlink_to(f"t{number}")
    seen = bare_view(root)
    assert len(seen.skipped) == 51
    assert seen.skipped[-1].reason == "and 1,450 more of the same: is a link (not followed)"


def test_too_many_files_are_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_ENTRIES", 10)
    put(root, *(f"f{n}" for n in range(15)))
    assert len(bare_view(root).files) == 10
    seen = git_view(root, *(f"f{n}" for n in range(15)))
    assert len(seen.files) == 10
    assert reasons(seen)["."] == "5 files beyond the first 10"


def test_a_file_that_goes_away_is_told(root: Path) -> None:
    put(root, "a.py", "b.py")
    seen = bare_view(root)
    (root / "a.py").unlink()
    assert seen.text("a.py") == ""
    assert seen.size("a.py") == 0
    assert reasons(seen) == {"a.py": "is not there"}
    (root / "b.py").unlink()
    (root / "b.py").symlink_to("/etc/passwd")
    assert seen.text("b.py") == ""
    assert reasons(seen)["b.py"] == "is a link (not followed)"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_what_may_not_be_read_is_told(root: Path) -> None:
    put(root, "a.py", "closed/b.py")
    (root / "a.py").chmod(0)
    (root / "closed").chmod(0)
    seen = bare_view(root)
    assert seen.text("a.py") == ""
    (root / "closed").chmod(0o700)
    assert reasons(seen) == {"a.py": "may not be read", "closed": "may not be read"}


def test_the_root_itself_may_be_a_link(root: Path) -> None:
    put(root, "a.py")
    (root.parent / "here").symlink_to(root)
    with view.opened(root.parent / "here") as seen:
        assert seen.files == ("a.py",)
        assert replace(seen.history).available is False


def test_what_is_skipped_again_is_counted_once() -> None:
    skips = Skips()
    for _ in range(6):
        for number in range(51):
            skips.add(f"{number}.md", "is a link")
    assert skips.entries[-1].reason == "and 1 more of the same: is a link"


def test_a_folder_that_may_not_be_read_is_not_reviewed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Mock(side_effect=PermissionError(13, "Permission denied"))
    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(EnvironmentProblem, match="may not be read"):
        bare_view(root)
