"""Generation: whole or not at all, nothing of the user's touched, data never a template."""

import json
import os
import shutil
import subprocess
import sys
import time
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
        (templates / layer / "parts").mkdir(exist_ok=True)
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
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("file", "is a file"),
        ("full", "is not empty"),
        ("link", "is a link"),
        ("below a file", "is a file, so"),
    ],
)
def test_a_taken_destination_is_refused_and_left(tmp_path: Path, kind: str, said: str) -> None:
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
    with pytest.raises(UsageError, match=said):
        new(target / "deeper" if kind == "below a file" else target)
    assert sorted(map(str, tmp_path.rglob("*"))) == before


@pytest.mark.usefixtures("templates")
def test_a_destination_that_cannot_be_looked_at_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="File name too long"):
        new(tmp_path / ("x" * 300))
    with pytest.raises(UsageError, match="no such user"):
        new(Path("~nosuchuser/x"))


@pytest.mark.usefixtures("templates")
def test_a_relative_destination_in_a_folder_that_is_gone_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(UsageError, match="started in is gone"):
        new(Path("p"))
    assert new(tmp_path / "p").commit


@pytest.mark.usefixtures("templates")
def test_the_environments_identity_is_used_where_none_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "g@x.example")
    made = new(tmp_path / "p")
    assert git(made.path, "log", "-1", "--format=%an <%ae>") == "Grace <g@x.example>"
    assert made.notices == []


def test_line_ends_that_git_would_refuse_are_committed_as_they_are(
    tmp_path: Path, templates: Path, home: Path
) -> None:
    write_templates(templates, FILES | {"a.txt": b"one\r\ntwo\n"})
    (home / ".gitconfig").write_text("[core]\nautocrlf = input\nsafecrlf = true\n")
    made = new(tmp_path / "p")
    assert (made.path / "a.txt").read_bytes() == b"one\r\ntwo\n"
    assert "i/mixed" in git(made.path, "ls-files", "--eol", "a.txt")


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
    monkeypatch.setenv("PATH", str(tmp_path))
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


def test_an_old_dead_stage_is_swept_and_a_live_or_foreign_one_is_not(tmp_path: Path) -> None:
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


DEMO = "demo = [" + FILES["scaffold.toml.jinja"].partition("demo = [")[2].partition("\n")[0] + "\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"{{ '.GIT' }}/config": "x"}, "git's own folder: .GIT"),
        ({"git~1/config": "x"}, "git's own folder: git~1"),
        ({".gitmodules": "x"}, "git's own folder: .gitmodules"),
        ({"big.bin": b"x" * 5_000_001}, "big.bin is larger"),
        ({"a.txt.jinja": "{{ nobody_asked }}"}, "'nobody_asked' is undefined"),
        ({"a.txt.jinja": "{% if %}"}, "does not render: Expected an expression"),
        ({"{{ '..' }}/out.txt": "x"}, "does not render: .* is forbidden"),
        ({"scaffold.toml.jinja": "[scaffold"}, "scaffold.toml is broken: .*not valid TOML"),
        (
            {"scaffold.toml.jinja": FILES["scaffold.toml.jinja"].replace(DEMO, "")},
            "scaffold.toml has no command: demo",
        ),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_a_bad_template_makes_nothing(
    tmp_path: Path, templates: Path, files: dict[str, str], said: str
) -> None:
    write_templates(templates, FILES | files)
    with pytest.raises(BrokenTemplate, match=said):
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


def planted(folder: Path, name: str, owner: str) -> Path:
    left = folder / f"{staging.PREFIX}{name}"
    left.mkdir()
    (left / "owner.json").write_text(owner)
    return left


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize(
    "owner",
    [
        f'{{"pid": {"9" * 400}, "started": ""}}',
        '{"pid": -1, "started": ""}',
        '{"pid": "1", "started": ""}',
        '{"pid": 1e300, "started": ""}',
        "[" * 4000,
        "[1]",
        "7",
        "x" * 100_000,
    ],
    ids=lambda owner: owner[:20],
)
def test_a_planted_owner_neither_stops_nor_loses_anything(tmp_path: Path, owner: str) -> None:
    left = planted(tmp_path, "planted", owner)
    os.utime(left, (0, 0))
    assert new(tmp_path / "p").commit
    assert (left / "owner.json").read_text() == owner


@pytest.mark.usefixtures("templates")
def test_a_planted_pipe_is_not_waited_for(tmp_path: Path) -> None:
    left = planted(tmp_path, "pipe", "")
    (left / "owner.json").unlink()
    os.mkfifo(left / "owner.json")
    os.utime(left, (0, 0))
    assert new(tmp_path / "p").commit


KILLED = """
import sys, time
from pathlib import Path
from scaffolder import staging
with staging.stage(Path(sys.argv[1]) / "q") as tree:
    print(tree.parent, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a boot id")
@pytest.mark.usefixtures("templates")
def test_a_stage_that_was_killed_here_is_swept_by_the_next_run(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as child:
        assert child.stdout is not None
        left = Path(child.stdout.readline().strip())
        new(tmp_path / "while-it-lives")
        assert left.is_dir()
        child.kill()
    new(tmp_path / "p")
    assert not left.exists()


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("name", ["host", "boot", "pids"])
def test_a_stage_of_another_machine_is_left_for_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    owners: list[str] = []
    with staging.stage(tmp_path / "q") as tree:
        owners.append((tree.parent / "owner.json").read_text())
    owner = {**json.loads(owners[0]), "pid": 2**22 + 1, name: "elsewhere"}
    left = planted(tmp_path, "foreign", json.dumps(owner))
    new(tmp_path / "p")
    assert left.exists()
    later = time.time() + 3_601
    monkeypatch.setattr(time, "time", lambda: later)
    new(tmp_path / "r")
    assert not left.exists()


@pytest.mark.usefixtures("templates")
def test_the_merged_template_lies_in_the_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def note(folders: list[Path], into: Path, merge: object = generate.merge) -> None:
        seen.append(into)
        merge(folders, into)  # type: ignore[operator]

    monkeypatch.setattr(generate, "merge", note)
    new(tmp_path / "p")
    assert seen[0].parent.parent == tmp_path
    assert seen[0].parent.name.startswith(staging.PREFIX)
    assert not seen[0].exists()
