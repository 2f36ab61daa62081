"""The first commit: by the right person, of the files as they are, with no git of the user's."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from miniature import ANSWERS, FILES, names, new, write_templates

from scaffolder import generate, gitrepo, skills
from scaffolder.errors import EnvironmentProblem


def git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", folder, *words], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.usefixtures("templates")
def test_a_project_is_one_commit_and_a_clean_tree(tmp_path: Path) -> None:
    made = new(tmp_path / "p")
    assert git(made.path, "rev-list", "--count", "HEAD") == "1"
    assert git(made.path, "rev-parse", "HEAD") == made.commit
    assert git(made.path, "status", "--porcelain") == ""
    assert git(made.path, "branch", "--show-current") == "main"
    assert names(tmp_path) == ["p", "templates"]


@pytest.mark.usefixtures("templates")
def test_without_an_identity_the_author_of_the_answers_commits_once(tmp_path: Path) -> None:
    made = new(tmp_path / "p")
    assert git(made.path, "log", "-1", "--format=%an") == "Ada"
    assert any("first commit is by Ada" in notice for notice in made.notices)
    assert "user" not in (made.path / ".git" / "config").read_text()


@pytest.mark.usefixtures("templates")
def test_a_configured_identity_is_used(tmp_path: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\nname = Grace\nemail = g@x.example\n")
    made = new(tmp_path / "p")
    assert git(made.path, "log", "-1", "--format=%an <%ae>") == "Grace <g@x.example>"
    assert made.notices == []


@pytest.mark.usefixtures("templates")
def test_the_configuration_that_was_chosen_is_the_one_that_is_read(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "chosen").write_text("[user]\nname = Grace\nemail = g@x.example\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / "chosen"))
    assert git(new(tmp_path / "p").path, "log", "-1", "--format=%an") == "Grace"


@pytest.mark.usefixtures("templates")
def test_the_environments_identity_is_used_where_none_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "g@x.example")
    made = new(tmp_path / "p")
    assert git(made.path, "log", "-1", "--format=%an <%ae>") == "Grace <g@x.example>"
    assert made.notices == []


@pytest.mark.usefixtures("templates")
def test_nothing_of_the_users_git_runs(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "post-commit", "prepare-commit-msg", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/RAN\n")
        (hooks / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\nhooksPath = {hooks}\neditor = false\nautocrlf = true\n"
        f"[commit]\ngpgSign = true\ntemplate = {tmp_path}/none\n[init]\ntemplateDir = {hooks}\n"
        f"defaultBranch = a b\n"
    )
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    made = new(tmp_path / "p")
    assert not (tmp_path / "RAN").exists()
    assert not (tmp_path / "elsewhere").exists()
    assert not (made.path / ".git" / "hooks").exists()
    monkeypatch.delenv("GIT_DIR")
    assert git(made.path, "status", "--porcelain") == ""


def test_line_ends_that_git_would_refuse_are_committed_as_they_are(
    tmp_path: Path, templates: Path, home: Path
) -> None:
    write_templates(templates, FILES | {"a.txt": b"one\r\ntwo\n"})
    (home / ".gitconfig").write_text("[core]\nautocrlf = input\nsafecrlf = true\n")
    made = new(tmp_path / "p")
    assert (made.path / "a.txt").read_bytes() == b"one\r\ntwo\n"
    assert "i/mixed" in git(made.path, "ls-files", "--eol", "a.txt")


@pytest.mark.usefixtures("templates")
def test_no_git_is_one_sentence_and_no_git_is_an_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="git is not installed"):
        new(tmp_path / "p")
    made = generate.generate(skills.find("tiny"), tmp_path / "p", ANSWERS, with_git=False)
    assert made.commit is None
    assert not (made.path / ".git").exists()


@pytest.mark.usefixtures("templates")
def test_a_git_that_does_not_work_is_told_from_a_missing_one(tmp_path: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[user\n")
    with pytest.raises(EnvironmentProblem, match=r"version did not work: .*bad config line 1"):
        new(tmp_path / "p")
    assert names(tmp_path) == ["templates"]


def wrap_git(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `git` of our own before the real one, which is $GIT."""
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\nGIT={shutil.which('git')}\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("templates")
def test_what_git_says_when_it_fails_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        'case "$*" in *" add "*) echo first >&2; echo no room >&2; exit 3;; esac; exec $GIT "$@"'
    )
    wrap_git(tmp_path / "bin", script, monkeypatch)
    with pytest.raises(EnvironmentProblem, match="git add did not work: no room") as failed:
        new(tmp_path / "p")
    assert "--no-git" in failed.value.hint
    assert not (tmp_path / "p").exists()


@pytest.mark.usefixtures("templates")
def test_a_repository_without_loose_references_has_its_commit_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = '$GIT "$@" || exit; case "$*" in *" commit "*) $GIT pack-refs --all --prune;; esac'
    wrap_git(tmp_path / "bin", script, monkeypatch)
    made = new(tmp_path / "p")
    assert made.commit == git(made.path, "rev-parse", "HEAD")


def test_an_enclosing_repository_is_found(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert gitrepo.enclosing_repository(tmp_path / "a" / "b") == tmp_path
