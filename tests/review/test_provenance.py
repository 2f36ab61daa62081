"""A row leads back to the commit that made it, and says so where it cannot."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hostile_git import git
from numbered import FILES, GOLDEN, RESULTS, edit, read, rows, write, write_rows

from scaffolder.manifest import row_hash
from scaffolder.review import templatelock
from scaffolder.review.model import Answer


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository at the commit that is measured."""
    where = tmp_path / "desk"
    write(where, FILES)
    git(where, "init", "-q", "-b", "main")
    commit(where)
    return where


def commit(where: Path) -> str:
    git(where, "add", "-A")
    git(where, "commit", "-q", "-m", "A commit")
    return said(where, "rev-parse", "HEAD")


def said(where: Path, *words: str) -> str:
    return git(where, *words).strip()


def measured(where: Path, **more: str) -> None:
    """Writes and commits rows as a run makes them."""
    made = {
        "commit": said(where, "rev-parse", "--short", "HEAD"),
        "tree": said(where, "rev-parse", "HEAD:./")[:12],
    }
    write_rows(where, rows(**{**made, **more}))
    commit(where)


def test_rows_of_the_commit_before_are_as_they_should_be(project: Path) -> None:
    measured(project)
    assert read(project).answer is Answer.YES, read(project).reason


@pytest.mark.parametrize(
    ("commit_id", "told"),
    [
        ("none", "do not say which commit"),
        ("", "do not say which commit"),
        ("deadbeef", "no commit of this repository: they name deadbeef"),
        ("abc", "no commit of this repository: they name abc"),
        ("0" * 40, "no commit of this repository: they name 0000"),
    ],
)
def test_a_commit_that_is_missing_or_was_never_here_is_noticed(
    project: Path, commit_id: str, told: str
) -> None:
    measured(project, commit=commit_id, tree="")
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert told in found.reason


BESIDE = "evals/results/super.jsonl"
BY_NONE = "and no commit of this repository made them"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, f"{BESIDE} holds graded rows, {BY_NONE}: they name none."),
        ({"commit": "unknown"}, f"{BESIDE} holds graded rows, {BY_NONE}: they name none."),
        ({"commit": "deadbeef"}, f"{BY_NONE}: they name deadbeef, which its history does not"),
        ({"commit": "template"}, f"{BY_NONE}: they name template"),
        ({"grades": {}, "label_ranks": [1], "ranked": [["a.md", "c"]]}, f"{BY_NONE}: they name"),
    ],
)
def test_graded_rows_that_no_claim_rests_on_come_from_somewhere_too(
    project: Path, fields: dict[str, Any], told: str
) -> None:
    measured(project)
    write_rows(project, [{**r, "system": "super", **fields} for r in rows()], BESIDE)
    commit(project)
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert told in found.reason
    assert found.evidence[0].path == BESIDE


def test_of_a_file_in_part_without_origin_those_rows_are_named(project: Path) -> None:
    measured(project)
    made = [{**r, "commit": said(project, "rev-parse", "HEAD")} for r in rows()]
    write_rows(project, [*made[:9], *rows()[9:]], BESIDE)
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert f"holds 3 graded rows of 12, the first in line 10, {BY_NONE}" in found.reason
    write_rows(project, made, BESIDE)
    assert read(project).answer is Answer.YES, read(project).reason


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("evals/results/before/headings/super.jsonl", {}),
        ("evals/labels.jsonl", {}),
        ("evals/results/failures.jsonl", {"system": ""}),
        ("evals/results/latency.jsonl", {"grades": {}}),
    ],
    ids=["of before", "outside of the results", "of no system", "ungraded"],
)
def test_other_rows_beside_the_claimed_ones_are_let_be(
    project: Path, name: str, fields: dict[str, Any]
) -> None:
    measured(project)
    write_rows(project, [{**r, **fields} for r in rows()], name)
    assert read(project).answer is Answer.YES, read(project).reason


def test_unclaimed_rows_of_the_template_are_let_be(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(project)
    brought = [{**r, "system": "super", "commit": "template"} for r in rows()]
    write_rows(project, brought, BESIDE)
    lines = (project / BESIDE).read_text("utf-8").splitlines()
    known = frozenset(map(row_hash, lines))
    monkeypatch.setattr(templatelock, "known", lambda _: known)
    assert read(project).answer is Answer.YES, read(project).reason


def test_the_tree_is_enough_where_the_commit_was_written_anew(project: Path) -> None:
    measured(project, commit="deadbeef")
    assert read(project).answer is Answer.YES, read(project).reason


def test_a_tree_that_was_never_here_is_no_better_than_a_commit(project: Path) -> None:
    measured(project, tree="0123456789ab")
    assert read(project).answer is Answer.PARTIAL


def test_uncommitted_changes_are_asked_to_be_committed(project: Path) -> None:
    measured(project, commit=said(project, "rev-parse", "--short", "HEAD") + "-dirty")
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "-dirty): commit them, run the evaluation again" in found.reason


@pytest.mark.parametrize(
    "name",
    ["src/desk/search.py", "config.toml", "prompts/answer.md", "data/corpus/leave.md", GOLDEN],
)
@pytest.mark.parametrize("committed", [True, False])
def test_what_changed_since_is_named(project: Path, name: str, committed: bool) -> None:
    measured(project)
    write(project, {name: FILES[name] + "\n"})
    if committed:
        commit(project)
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert f"{name} changed after that: run the evaluation again" in found.reason


def kept(where: Path) -> None:
    """A change of which both sides were kept, and a claim of its difference."""
    text = "accuracy of model after headings minus model before headings, test split"
    before = "evals/results/before/headings/model.jsonl"
    after = "evals/results/before/headings/after/model.jsonl"
    claimed = (
        f'\n[[claims]]\ntext = "{text}"\nmetric = "accuracy difference"\nvalue = 0.0\nn = 12\n'
        f'results = "{after}"\nbaseline = "{before}"\n'
    )
    edit(where, "scaffold.toml", "[[claims]]", claimed.lstrip() + "\n[[claims]]")
    commit_id = said(where, "rev-parse", "--short", "HEAD")
    for name in (before, after):
        write_rows(where, rows(commit=commit_id), name)
    commit(where)


def test_rows_of_a_kept_change_are_of_the_past_and_not_stale(project: Path) -> None:
    kept(project)
    write(project, {"src/desk/search.py": "LIMIT = 7\n"})
    commit(project)
    measured(project)
    assert read(project).answer is Answer.YES, read(project).reason


def test_rows_of_a_kept_change_come_from_somewhere(project: Path) -> None:
    kept(project)
    measured(project)
    name = "evals/results/before/headings/after/model.jsonl"
    write_rows(project, rows(commit="deadbeef"), name)
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "they name deadbeef" in found.reason


def test_a_document_that_went_away_or_came_new_is_a_change(project: Path) -> None:
    measured(project)
    write(project, {"data/corpus/new.md": "Seven weeks.\n"})
    assert "data/corpus/new.md changed after that" in read(project).reason
    (project / "data/corpus/new.md").unlink()
    (project / "data/corpus/leave.md").unlink()
    assert "data/corpus/leave.md changed after that" in read(project).reason


def test_what_cannot_change_a_row_makes_none_stale(project: Path) -> None:
    measured(project)
    others = ("README.md", "tests/test_search.py", "docs/why.md", "scaffold.toml", ".github/a.yml")
    for name in others:
        write(project, {name: FILES.get(name, "") + "\n"})
    write(project, {"pyproject.toml": "\n", "src/desk/web/page.js": "\n"})
    commit(project)
    assert read(project).answer is Answer.YES, read(project).reason


def test_a_prompt_changes_no_row_that_names_none(project: Path) -> None:
    measured(project, prompt="", model="")
    write(project, {"prompts/answer.md": "Answer well.\n"})
    assert read(project).answer is Answer.YES, read(project).reason


def test_rows_that_were_there_before_the_commit_they_name_are_made_by_hand(project: Path) -> None:
    measured(project, commit="none", tree="")
    measured(project)
    found = read(project)
    assert found.answer is Answer.NO
    assert "holds the same rows already, with the same times" in found.reason


def test_a_second_run_with_the_same_grades_is_a_run(project: Path) -> None:
    measured(project)
    write(project, {"README.md": FILES["README.md"] + "More.\n"})
    head = commit(project)
    write_rows(
        project, [{**r, "latency_ms": 1.5 * n, "commit": head} for n, r in enumerate(rows())]
    )
    assert read(project).answer is Answer.YES, read(project).reason


def test_a_folder_of_a_repository_is_judged_by_the_whole_history(
    project: Path, tmp_path: Path
) -> None:
    shutil.rmtree(project / ".git")
    write(tmp_path, {"other.md": "x\n"})
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    write(tmp_path, {"other.md": "y\n"})
    commit(tmp_path)
    measured(project)
    assert read(project).answer is Answer.YES, read(project).reason
    write(tmp_path, {"other.md": "z\n"})
    commit(tmp_path)
    assert read(project).answer is Answer.YES, read(project).reason
    edit(project, "config.toml", "5", "6")
    commit(project)
    assert "config.toml changed after that" in read(project).reason
    write_rows(project, rows(commit="deadbeef"))
    assert "they name deadbeef" in read(project).reason


def test_a_project_that_left_its_repository_is_known_by_its_tree(
    project: Path, tmp_path: Path
) -> None:
    shutil.rmtree(project / ".git")
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path)
    tree = said(project, "rev-parse", "HEAD:./")[:12]
    shutil.rmtree(tmp_path / ".git")
    git(project, "init", "-q", "-b", "main")
    commit(project)
    measured(project, commit="1234567", tree=tree)
    assert read(project).answer is Answer.YES, read(project).reason


def test_a_short_history_accuses_nobody(project: Path, tmp_path: Path) -> None:
    measured(project, commit="deadbeef", tree="")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{project}", str(tmp_path / "shallow"))
    assert read(tmp_path / "shallow").answer is Answer.YES


def test_questions_without_a_row_are_no_oversight_where_nothing_changed(project: Path) -> None:
    measured(project)
    text = (project / RESULTS).read_text("utf-8").splitlines(keepends=True)
    write(project, {RESULTS: "".join(text[3:])})
    edit(project, "scaffold.toml", "0.75\nn = 12\nci = [0.47", "1.00\nn = 9\nci = [0.70")
    write(project, {"README.md": "# Desk\n\nThe accuracy of model is 1.00, n = 9.\n"})
    commit(project)
    found = read(project)
    assert found.answer is Answer.NO
    assert "no row for 3 of the 12 questions" in found.reason
