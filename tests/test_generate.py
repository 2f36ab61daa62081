"""Generation: whole or not at all, nothing of the user's touched, data never a template."""

import os
import subprocess
from pathlib import Path

import pytest
from miniature import FILES, write_templates

from scaffolder import generate, gitrepo, skills, staging
from scaffolder.errors import BrokenTemplate, CannotWrite, EnvironmentProblem, UsageError

ANSWERS = {
    "project_name": "Rules",
    "package": "rules",
    "author": "Ada",
    "problem": "",
    "skill": "tiny",
    "template_version": "1.0.0",
}


def new(target: Path, **answers: str) -> generate.Generated:
    return generate.generate(skills.find("tiny"), target, ANSWERS | answers)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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


@pytest.mark.usefixtures("templates")
def test_an_answer_is_data_not_a_template(tmp_path: Path) -> None:
    text = '{{ 7 * 7 }} {% raw %} "quoted" \\ ünï'
    made = new(tmp_path / "p", problem=text)
    assert text in (made.path / "README.md").read_text("utf-8")


@pytest.mark.usefixtures("templates")
def test_a_later_layer_replaces_a_file_and_fills_a_part(tmp_path: Path, templates: Path) -> None:
    for layer, text in (("_base", "base"), ("tiny", "tiny")):
        (templates / layer / "template").mkdir(exist_ok=True)
        (templates / layer / "parts").mkdir()
        (templates / layer / "template" / "same.txt").write_text(text)
        (templates / layer / "parts" / "part.md").write_text(f"part of {text}")
    (templates / "_base" / "template" / "whole.md.jinja").write_text(
        '{% include "parts/part.md" %}'
    )
    made = new(tmp_path / "p")
    assert (made.path / "same.txt").read_text() == "tiny"
    assert (made.path / "whole.md").read_text() == "part of tiny"
    assert not (made.path / "parts").exists()


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("kind", ["file", "full", "link", "below a file"])
def test_a_taken_destination_is_refused_and_left(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "p"
    if kind == "full":
        target.mkdir()
        (target / "mine.txt").write_text("keep")
    elif kind == "link":
        (tmp_path / "real").mkdir()
        target.symlink_to(tmp_path / "real")
    else:
        target.write_text("keep")
    before = sorted(map(str, tmp_path.rglob("*")))
    with pytest.raises(UsageError):
        new(target / "deeper" if kind == "below a file" else target)
    assert sorted(map(str, tmp_path.rglob("*"))) == before


@pytest.mark.usefixtures("templates")
def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    assert new(tmp_path / "p").commit


@pytest.mark.usefixtures("templates")
def test_a_destination_inside_a_repository_is_said(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert any("inside the repository" in notice for notice in new(tmp_path / "p").notices)


@pytest.mark.usefixtures("templates")
def test_no_git_is_one_sentence_and_no_git_is_an_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "git", None)
    with pytest.raises(EnvironmentProblem, match="git is not installed"):
        new(tmp_path / "p")
    made = generate.generate(skills.find("tiny"), tmp_path / "p", ANSWERS, with_git=False)
    assert made.commit is None
    assert not (made.path / ".git").exists()


@pytest.mark.usefixtures("templates")
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(generate, "lock_text", full)
    with pytest.raises(CannotWrite, match="No space left"):
        new(tmp_path / "a" / "b")
    assert names(tmp_path) == ["templates"]


@pytest.mark.usefixtures("templates")
def test_of_two_runs_the_first_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_first(tree: Path, target: Path, move: object = staging.move) -> None:
        target.mkdir()
        (target / "theirs.txt").write_text("keep")
        move(tree, target)  # type: ignore[operator]

    monkeypatch.setattr(staging, "move", other_first)
    with pytest.raises(UsageError, match="meanwhile"):
        new(tmp_path / "p")
    assert names(tmp_path / "p") == ["theirs.txt"]


def test_a_dead_stage_is_swept_and_a_live_or_foreign_one_is_not(tmp_path: Path) -> None:
    dead, young, live, foreign = (tmp_path / f"{staging.PREFIX}{n}" for n in "abcd")
    for folder, owner in (
        (dead, (2**22 + 1, "")),
        (young, (2**22 + 1, "")),
        (live, (os.getpid(), "")),
    ):
        folder.mkdir()
        started = staging._started(owner[0])
        (folder / "owner.json").write_text(f'{{"pid": {owner[0]}, "started": "{started}"}}')
    foreign.mkdir()
    for folder in (dead, live, foreign):
        os.utime(folder, (0, 0))
    staging.sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([young, live, foreign])


@pytest.mark.parametrize(
    "files",
    [
        {"{{ '.GIT' }}/config": "x"},
        {"git~1/config": "x"},
        {".gitmodules": "x"},
        {"big.bin": b"x" * 5_000_001},
        {"a.txt.jinja": "{{ nobody_asked }}"},
        {"a.txt.jinja": "{% if %}"},
        {"{{ '..' }}/out.txt": "x"},
    ],
    ids=lambda files: next(iter(files)),
)
def test_a_bad_template_makes_nothing(
    tmp_path: Path, templates: Path, files: dict[str, str]
) -> None:
    write_templates(templates, FILES | files)
    with pytest.raises(BrokenTemplate):
        new(tmp_path / "x" / "p")
    assert not (tmp_path / "x").exists()


def test_what_an_installer_compiled_is_no_part_of_a_template(
    tmp_path: Path, templates: Path
) -> None:
    write_templates(templates, FILES | {"src/__pycache__/a.cpython-311.pyc": b"\x00"})
    assert not list(new(tmp_path / "p").path.rglob("*.pyc"))


def test_a_template_cannot_write_hooks(tmp_path: Path, templates: Path) -> None:
    write_templates(templates, FILES | {"{{ '.git' }}/hooks/post-commit": "x"})
    assert not (new(tmp_path / "p").path / ".git" / "hooks").exists()


def test_a_link_in_a_template_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link.md").symlink_to("/etc/passwd")
    with pytest.raises(BrokenTemplate, match="not a file"):
        generate.gate(tmp_path / "tree")


def test_an_enclosing_repository_is_found(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert gitrepo.enclosing_repository(tmp_path / "a" / "b") == tmp_path
