"""A row says which commit made it, and whether the files that can change a row were in it."""

import os
import shutil
import subprocess

import pytest
from small_corpus import ROOT, open_index, run_command, settings_in

from pytopics.evaluation.golden import load
from pytopics.evaluation.rows import read, write
from pytopics.evaluation.run import SYSTEMS, measure_retriever
from pytopics.evaluation.stamp import Stamp, stamp_of

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with no repository above it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "app" / "src").mkdir(parents=True)
    (tmp_path / "app" / "src" / "a.py").write_text("one\n", encoding="utf-8")
    return settings_in(tmp_path / "app")


def git(folder, *words):
    who = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


def commit(folder):
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")


def test_a_committed_project_names_its_commit_and_its_tree(project):
    commit(project.root)
    tree = git(project.root, "rev-parse", "HEAD^{tree}")[:12]
    assert stamp_of(project) == Stamp(git(project.root, "rev-parse", "--short", "HEAD"), tree)


def test_a_folder_of_a_repository_has_the_tree_of_a_repository_of_its_own(project, tmp_path):
    commit(tmp_path)
    inside = stamp_of(project)
    shutil.rmtree(tmp_path / ".git")
    commit(project.root)
    alone = stamp_of(project)
    assert inside.tree == alone.tree != ""
    assert inside.commit != alone.commit


@pytest.mark.parametrize(
    "name", ["src/a.py", "src/new.py", "prompts/answer.md", "config.toml", "corpus/lift.md"]
)
def test_a_file_that_can_change_a_row_makes_it_dirty(project, tmp_path, name):
    commit(tmp_path)
    with (project.root / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert stamp_of(project).changed == (name,)
    assert stamp_of(project).commit.endswith("-dirty")


def test_what_eval_and_its_reader_write_makes_no_row_dirty(project):
    commit(project.root)
    for name in ("README.md", "scaffold.toml", "evals/results/hybrid.jsonl", "docs/why.md"):
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_text("changed\n", encoding="utf-8")
    assert stamp_of(project).changed == ()


def test_where_no_commit_holds_the_project_none_is_named(project, tmp_path, monkeypatch):
    assert stamp_of(project) == Stamp("none", "")
    (tmp_path / "other.txt").write_text("x", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "other.txt")
    git(tmp_path, "commit", "-q", "-m", "another project")
    assert stamp_of(project) == Stamp("none", "")
    monkeypatch.setenv("PATH", "")
    assert stamp_of(project) == Stamp("none", "")


def test_eval_says_which_file_is_not_committed(project, monkeypatch, capsys):
    commit(project.root)
    command = run_command("eval", project, monkeypatch, capsys)
    assert "-dirty" not in command("--system", "lexical")[2]
    (project.root / "src" / "a.py").unlink()
    err = command("--system", "lexical")[2]
    assert "src/a.py differs from the last commit" in err
    assert err.count("commit first and run eval again") == 1
    row = read(project.results / "lexical.jsonl")[0]
    assert row.commit.endswith("-dirty")
    assert row.tree == git(project.root, "rev-parse", "HEAD^{tree}")[:12]


def test_rows_without_a_tree_are_still_read(project, tmp_path):
    measured = measure_retriever(load(project.questions), open_index(project), project, "lexical")
    write(tmp_path / "rows.jsonl", measured)
    text = (tmp_path / "rows.jsonl").read_text(encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text(text.replace('"tree": "", ', ""), encoding="utf-8")
    assert read(tmp_path / "rows.jsonl") == measured


def test_the_rows_of_this_project_can_be_read():
    results = ROOT / "evals" / "results"
    for path in (results / f"{system}.jsonl" for system in SYSTEMS):
        assert not path.exists() or read(path)
