"""What is published: frozen, scanned, or refused with the way forward."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from publishing import (
    SECRET,
    bare,
    commit,
    git,
    planned,
    refs,
    report_on,
    repository,
    scanned,
)

from scaffolder.errors import UsageError
from scaffolder.journeys import publish as journey
from scaffolder.journeys.review import review_repo
from scaffolder.publish import remotes
from scaffolder.publish.model import Refused
from scaffolder.review.model import Status

MAIL = "maria.lopez@hospital-norte.es"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12\n"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare(tmp_path / "remote.git")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "rulebook")


def refused(project: Path) -> Refused:
    with pytest.raises(Refused) as caught:
        scanned(project)
    assert caught.value.exit_code == 1
    return caught.value


def test_a_clean_history_is_counted_and_its_authors_are_shown(project: Path) -> None:
    found = scanned(project)
    assert (found.sha, found.commits) == (git(project, "rev-parse", "HEAD"), 1)
    assert found.authors == ["ada@mail.test"]
    assert found.objects == 3


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bare-folder").mkdir()
    (tmp_path / "bare-folder" / "a.txt").write_text("one\n")
    assert "git init" in refused(tmp_path / "bare-folder").hint


def test_a_repository_without_commits_is_refused(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "-q", "-b", "main")
    (tmp_path / "new" / "a.txt").write_text("one\n")
    assert "no commits" in refused(tmp_path / "new").message


def test_a_folder_of_a_larger_repository_is_refused_with_subtree_split(project: Path) -> None:
    commit(project, {"part/README.md": "# Part\n"})
    assert "git subtree split --prefix=part" in refused(project / "part").hint


def test_a_shallow_clone_is_refused(project: Path, tmp_path: Path) -> None:
    commit(project, {"a.txt": "two\n"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{project}", "shallow")
    assert "git fetch --unshallow" in refused(tmp_path / "shallow").hint


@pytest.mark.parametrize("name", ["README.md", "new.txt"])
def test_what_is_not_committed_is_refused(project: Path, name: str) -> None:
    (project / name).write_text("not committed\n")
    assert "only commits are published" in refused(project).message


def test_ignored_files_are_nobodys_business(tmp_path: Path) -> None:
    project = repository(tmp_path / "ignoring", {".gitignore": "*.log\n"})
    (project / "a.log").write_text(SECRET)
    assert scanned(project)


def test_a_detached_head_is_named(project: Path, remote: Path) -> None:
    git(project, "checkout", "-q", "--detach")
    frozen = planned(project, remote).frozen
    assert frozen.branch == "main"
    assert "on no branch" in frozen.note


def test_a_secret_that_was_removed_again_is_refused(project: Path, remote: Path) -> None:
    commit(project, {"settings.py": f'KEY = "{SECRET}"\n'})
    commit(project, {"settings.py": None})
    found = refused(project)
    assert "COM-18" in found.message
    assert "settings.py:1" in found.message
    assert SECRET not in found.message + found.hint
    assert "Revoke" in found.hint
    assert refs(remote) == {}


@pytest.mark.parametrize("where", ["message", "tag"])
def test_a_secret_in_a_message_is_refused_where_it_is_pushed(project: Path, where: str) -> None:
    """A tag is not pushed, so it is not in the way."""
    if where == "tag":
        git(project, "tag", "-a", "v1", "-m", f"key {SECRET}")
        assert scanned(project)
        return
    commit(project, {"a.txt": "x\n"}, f"use {SECRET}")
    assert "COM-18" in refused(project).message


def test_a_secret_on_another_branch_is_not_pushed(project: Path) -> None:
    git(project, "checkout", "-q", "-b", "other")
    commit(project, {"settings.py": f'KEY = "{SECRET}"\n'})
    git(project, "checkout", "-q", "main")
    assert scanned(project)


def test_an_allow_comment_or_attribute_silences_nothing(project: Path) -> None:
    commit(
        project,
        {
            ".gitattributes": "*.py -diff linguist-generated\n",
            ".gitleaksignore": "settings.py\n",
            "settings.py": f'KEY = "{SECRET}"  # gitleaks:allow nosec noqa\n',
        },
    )
    assert "COM-18" in refused(project).message


def test_a_secret_as_the_name_of_the_branch_is_refused(project: Path) -> None:
    git(project, "checkout", "-q", "-b", SECRET)
    found = refused(project)
    assert "name of the branch" in found.message
    assert SECRET not in found.message


def large(project: Path, megabytes: int) -> None:
    with (project / "model.bin").open("wb") as file:
        file.truncate(megabytes * 1024**2)
    commit(project, {})
    (project / "model.bin").unlink()
    commit(project, {})


def test_a_file_of_more_than_100_mb_anywhere_in_the_history_is_refused(project: Path) -> None:
    large(project, 101)
    assert "model.bin (101 MB)" in refused(project).message


def test_a_large_file_is_told(project: Path) -> None:
    large(project, 51)
    assert "model.bin (51 MB) is large" in " ".join(scanned(project).warnings)


def test_a_pointer_of_git_lfs_is_refused_with_the_command(project: Path) -> None:
    commit(project, {"weights.bin": POINTER})
    found = refused(project)
    assert "weights.bin" in found.message
    assert "git lfs push" in found.hint


def test_personal_data_in_the_history_is_refused(project: Path) -> None:
    commit(project, {"data/rows.csv": f"name,mail\nMaria,{MAIL}\n"})
    commit(project, {"data/rows.csv": "name\nsomebody\n"})
    found = refused(project)
    assert "data/rows.csv:2" in found.message
    assert "COM-15" in found.message
    assert MAIL not in found.message


@pytest.mark.parametrize(
    ("status", "is_accepted"), [("waived", True), ("pass", True), ("fail", False)]
)
def test_personal_data_is_accepted_where_com_15_speaks_of_it(
    project: Path, remote: Path, status: str, is_accepted: bool
) -> None:
    commit(project, {"data/rows.csv": f"name,mail\nMaria,{MAIL}\n"})
    report = review_repo(project, only=["COM-15"])
    report = replace(report, items=tuple(replace(i, status=Status(status)) for i in report.items))
    plan = planned(project, remote)
    if is_accepted:
        assert [e.path for e in journey.examine(plan, report).accepted] == ["data/rows.csv"]
    else:
        with pytest.raises(Refused):
            journey.examine(plan, report)


def test_a_commit_since_the_review_is_refused(project: Path, remote: Path) -> None:
    report = report_on(project)
    commit(project, {"a.txt": "two\n"})
    with pytest.raises(Refused, match="changed while it was looked at"):
        journey.plan(project, report, journey.place(project, str(remote)))


@pytest.mark.parametrize(
    "typed",
    [
        "https://github.com/ada/x.git",
        "ssh://git@github.com:22/ada/x",
        "git@github.com:ada/x.git",
    ],
)
def test_an_address_is_taken_as_it_is(typed: str, project: Path) -> None:
    assert remotes.parse(typed, project).address == typed


@pytest.mark.parametrize(
    "typed",
    [
        "http://github.com/ada/x.git",
        "git://github.com/ada/x.git",
        "file:///tmp/x",
        "ext::sh -c true",
        "https://ada:password@github.com/ada/x.git",
        "https://token@github.com/ada/x.git",
        "https://github.com/ada/x.git?a=b",
        "ssh://-oProxyCommand=true/x",
        "-oProxyCommand=true:x",
        "--upload-pack=true",
        "https://github.com/\nada",
        "nothing-here",
        "",
    ],
)
def test_any_other_address_is_refused(typed: str, project: Path) -> None:
    with pytest.raises(UsageError) as caught:
        remotes.parse(typed, project)
    assert "password@" not in caught.value.message


def test_the_project_itself_is_no_remote(project: Path) -> None:
    with pytest.raises(UsageError, match="in the project itself"):
        remotes.parse(str(project), project)


def test_a_folder_that_is_no_repository_is_no_remote(project: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="not a git repository"):
        remotes.parse(str(tmp_path / "empty"), project)


def test_a_partial_clone_is_refused(project: Path, tmp_path: Path) -> None:
    commit(project, {"a.txt": "two\n"})
    git(project, "config", "uploadpack.allowFilter", "true")
    subprocess.run(
        ["git", "clone", "-q", "--filter=blob:none", f"file://{project}", tmp_path / "partial"],
        check=True,
    )
    assert "not whole" in refused(tmp_path / "partial").message
