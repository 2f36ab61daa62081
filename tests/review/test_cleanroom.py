"""The git side of ordinary repositories, of every shape that people have."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import hostile_git as hostile
import pytest
from hostile_git import commit, git, repository

from scaffolder.errors import EnvironmentProblem
from scaffolder.review.cleanroom import Repository, Stored, opened
from scaffolder.review.git import gitcommits, gitroom


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return tmp_path / "repo"


def by_path(repository_: Repository) -> dict[str, Stored]:
    return {o.path: o for o in repository_.objects() if o.kind == "blob"}


def test_an_ordinary_repository_is_read_and_nothing_is_noticed(where: Path) -> None:
    repository(where)
    git(where, "remote", "add", "origin", "https://example.org/ada/repo.git")
    second = commit(where, {"a.txt": "one\ntwo\n"}, "Say more\n\nBecause.")
    (where / "new.txt").write_text("x")
    with opened(where) as ordinary:
        history = ordinary.history
        objects = list(ordinary.objects())
        assert ordinary.added_lines() == {history.commits[0].id: 1, history.commits[1].id: 2}
    assert (history.available, history.note, history.complete) == (True, "", True)
    assert (history.head, history.branch, history.dirty) == (second, "main", False)
    assert history.tracked == {"a.txt", "src/b.py"}
    assert history.untracked == ("new.txt",)
    assert (history.notices, history.skipped) == ((), ())
    assert [c.message for c in history.commits] == ["Say more\n\nBecause.\n", "A commit\n"]
    assert {c.author for c in history.commits} == {"Ada"}
    assert abs(history.commits[0].when - datetime.now(UTC)).total_seconds() < 60
    assert {o.reach for o in objects} == {"head"}
    assert sorted(o.kind for o in objects) == ["blob"] * 3 + ["commit"] * 2 + ["tree"] * 3


def test_ignored_files_are_left_out(where: Path) -> None:
    repository(where, {".gitignore": "*.log\n"})
    for name in ("a.log", "b.tmp", "c.txt"):
        (where / name).write_text("x")
    (where / ".git" / "info").mkdir(exist_ok=True)
    (where / ".git" / "info" / "exclude").write_text("*.tmp\n")
    with opened(where) as found:
        assert found.history.untracked == ("c.txt",)


@pytest.mark.parametrize("change", ["content", "same size", "removed", "staged", "conflict"])
def test_a_change_makes_it_dirty(where: Path, change: str) -> None:
    repository(where)
    if change == "removed":
        (where / "a.txt").unlink()
    elif change == "conflict":
        name = git(where, "rev-parse", "HEAD:a.txt")
        rows = "".join(f"100644 {name} {n}\tb.txt\n" for n in (1, 2, 3))
        git(where, "update-index", "--index-info", stdin=rows)
    else:
        (where / "a.txt").write_text("two\n" if change == "same size" else "longer\n")
    if change == "staged":
        git(where, "add", "a.txt")
    with opened(where) as found:
        assert found.history.dirty is True


def test_a_touched_file_is_not_dirty(where: Path) -> None:
    repository(where)
    os.utime(where / "a.txt", (1, 1))
    with opened(where) as found:
        assert found.history.dirty is False


def test_a_folder_without_git_has_no_history(tmp_path: Path) -> None:
    with opened(tmp_path) as found:
        assert not found.history.available
        assert "not a git repository" in found.history.note
        assert list(found.objects()) == []
        assert found.added_lines() == {}


def test_a_folder_in_a_repository_has_the_history_of_its_path(where: Path) -> None:
    repository(where, {"top.txt": "x\n", "sub/a.txt": "one\n", "subway.txt": "y\n"})
    inside = commit(where, {"sub/b/c.txt": "two\n"}, "Inside")
    head = commit(where, {"top.txt": "z\n"}, "Outside")
    (where / "sub" / "new.txt").write_text("new")
    with opened(where / "sub") as found:
        history = found.history
        blobs = by_path(found)
        kinds = [o.kind for o in found.objects()]
        assert found.introduced([blobs["b/c.txt"].id]) == {blobs["b/c.txt"].id: (inside, "b/c.txt")}
        assert found.added_lines() == {c.id: 1 for c in history.commits}
    assert (history.head, history.prefix, history.dirty) == (head, "sub/", False)
    assert [c.message for c in history.commits] == ["Inside\n", "A commit\n"]
    assert history.tracked == {"a.txt", "b/c.txt"}
    assert history.untracked == ("new.txt",)
    assert set(blobs) == {"a.txt", "b/c.txt"}
    assert kinds.count("commit") == 2


def test_a_folder_with_a_strange_name_is_taken_by_that_name(where: Path) -> None:
    repository(where, {":(top)*/a.txt": "one\n", "b.txt": "two\n"})
    with opened(where / ":(top)*") as found:
        assert found.history.tracked == {"a.txt"}
        assert set(by_path(found)) == {"a.txt"}


def test_a_folder_that_the_repository_around_does_not_track_has_no_history(where: Path) -> None:
    repository(where)
    (where / "own").mkdir()
    (where / "own" / "a.txt").write_text("x")
    with opened(where / "own") as found:
        assert not found.history.available
        assert "tracks none of it" in found.history.note


def test_a_linked_working_tree_is_read(where: Path) -> None:
    repository(where)
    git(where, "worktree", "add", "-q", "-b", "side", "../side")
    with opened(where.parent / "side") as found:
        assert found.history.branch == "side"
        assert found.history.tracked == {"a.txt", "src/b.py"}
        assert (found.history.notices, found.history.dirty) == ((), False)


def test_a_submodule_is_listed_and_read_by_itself(where: Path) -> None:
    repository(where.parent / "library", {"lib.py": "x = 1\n"})
    repository(where)
    allowed = ("-c", "protocol.file.allow=always")
    git(where, *allowed, "submodule", "add", "-q", "../library", "lib")
    commit(where, {})
    with opened(where) as found:
        assert "lib" not in found.history.tracked
        told = [s.reason for s in found.history.skipped]
        assert told == ["a submodule (../library): not entered"]
        assert found.history.complete
    with opened(where / "lib") as found:
        assert found.history.tracked == {"lib.py"}
        assert found.history.notices == ()


def test_a_bare_repository_has_only_a_history(where: Path) -> None:
    repository(where)
    git(where, "clone", "-q", "--bare", ".", "../bare.git")
    with opened(where.parent / "bare.git") as found:
        assert len(found.history.commits) == 1
        assert (found.history.tracked, found.history.untracked) == (frozenset(), ())
        assert (found.history.dirty, found.history.notices) == (None, ())
        assert "bare" in found.history.note
        assert set(by_path(found)) == {"a.txt", "src/b.py"}


def test_a_detached_head_is_named_by_its_commit(where: Path) -> None:
    repository(where)
    git(where, "checkout", "-q", "--detach")
    with opened(where) as found:
        assert found.history.head == git(where, "rev-parse", "HEAD")
        assert found.history.branch is None


def test_an_unborn_branch_has_no_commits(where: Path) -> None:
    where.mkdir()
    git(where, "init", "-q", "-b", "main", ".")
    (where / "a.txt").write_text("x")
    with opened(where) as found:
        assert found.history.available
        assert "no commits yet" in found.history.note
        assert found.history.untracked == ("a.txt",)
        assert list(found.objects()) == []


def test_sha256_works(where: Path) -> None:
    repository(where, None, "--object-format=sha256")
    with opened(where) as found:
        assert len(found.history.head or "") == 64
        assert found.history.dirty is False
        assert [c for _, c in found.contents(o.id for o in by_path(found).values())]


def test_a_shallow_clone_says_where_it_starts(where: Path) -> None:
    repository(where)
    commit(where, {"a.txt": "two\n"})
    git(where.parent, "clone", "-q", "--depth=1", f"file://{where}", "shallow")
    with opened(where.parent / "shallow") as found:
        assert len(found.history.commits) == 1
        assert not found.history.complete
        assert "what was before" in found.history.skipped[0].reason


def test_borrowed_objects_are_read_where_a_reference_reaches_them(where: Path) -> None:
    repository(where)
    git(where, "hash-object", "-w", "--stdin", stdin="somebody else's\n")
    git(where.parent, "clone", "-q", "--shared", str(where), "borrower")
    with opened(where.parent / "borrower") as found:
        assert set(by_path(found)) == {"a.txt", "src/b.py"}
        assert [n.path for n in found.history.notices] == [".git/objects/info/alternates"]


def test_every_object_says_what_reaches_it(where: Path) -> None:
    head = git(repository(where), "rev-parse", "HEAD")
    git(where, "checkout", "-q", "--orphan", "side")
    commit(where, {"side.txt": "side\n"})
    commit(where, {"pull.txt": "pull\n"})
    git(where, "update-ref", "refs/pull/1/head", "HEAD")
    git(where, "reset", "-q", "--hard", "HEAD~")
    git(where, "checkout", "-q", "main")
    (where / "a.txt").write_text("stashed\n")
    git(where, "stash", "-q")
    git(where, "tag", "-a", "-m", "A tag", "v1", head)
    git(where, "notes", "add", "-m", "A note", head)
    git(where, "hash-object", "-w", "--stdin", stdin="dangling\n")
    with opened(where) as found:
        objects = {o.id: o for o in found.objects()}
        blobs = {
            content.decode(): objects[name].reach
            for name, content in found.contents(objects)
            if objects[name].kind == "blob"
        }
    assert blobs == {
        "one\n": "head",
        "x = 1\n": "head",
        "side\n": "ref",
        "stashed\n": "ref",
        "A note\n": "ref",
        "pull\n": "none",
        "dangling\n": "none",
    }
    assert [o.reach for o in objects.values() if o.kind == "tag"] == ["ref"]


def test_what_only_a_merge_brings_is_traced_to_it(where: Path) -> None:
    repository(where)
    git(where, "checkout", "-q", "-b", "side")
    commit(where, {"side.txt": "side\n"})
    git(where, "checkout", "-q", "main")
    commit(where, {"main.txt": "main\n"})
    git(where, "merge", "-q", "--no-commit", "side")
    merge = commit(where, {"evil.txt": "evil\n"}, "Merge")
    with opened(where) as found:
        evil = by_path(found)["evil.txt"].id
        assert found.introduced([evil, "0" * 40]) == {evil: (merge, "evil.txt")}
        assert found.history.commits[0].parents == 2


def test_the_oldest_commit_is_the_one_that_is_named(where: Path) -> None:
    first = git(repository(where), "rev-parse", "HEAD")
    commit(where, {"copy.txt": "one\n"})
    with opened(where) as found:
        name = by_path(found)["a.txt"].id
        assert found.introduced([name]) == {name: (first, "a.txt")}


def test_contents_come_in_the_order_asked_and_large_ones_not(where: Path) -> None:
    repository(where, {"nul": "\0", "a": "a", "empty": "", "large": "x" * (20 * 1024**2 + 1)})
    with opened(where) as found:
        blobs = by_path(found)
        asked = [blobs[n].id for n in ("nul", "large", "empty", "a")]
        assert [c for _, c in found.contents(asked)] == [b"\0", b"", b"a"]
        assert blobs["large"].size > 20 * 1024**2


def test_names_that_are_no_ids_are_asked_of_nobody(where: Path) -> None:
    repository(where)
    with opened(where) as found:
        assert list(found.contents(["HEAD", "--help", "0" * 40])) == []
        assert not found.history.complete


def test_odd_names_are_kept_as_they_are(where: Path) -> None:
    names = {b"caf\xe9", b"a\nb", b"--help", "naïve".encode(), "naïve".encode()}
    repository(where)
    for name in names:
        Path(os.fsdecode(os.fsencode(where) + b"/" + name)).write_text("x")
    git(where, "add", "-A")
    git(where, "commit", "-q", "-m", "Odd")
    Path(os.fsdecode(os.fsencode(where) + b"/new\n\xff")).write_text("x")
    with opened(where) as found:
        assert {os.fsencode(n) for n in found.history.tracked} >= names
        assert [os.fsencode(n) for n in found.history.untracked] == [b"new\n\xff"]
        assert found.history.dirty is False


def test_a_long_history_is_cut_and_says_so(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitcommits, "MAX_COMMITS", 2)
    repository(where)
    for n in range(3):
        commit(where, {"a.txt": f"{n}\n"})
    with opened(where) as found:
        assert len(found.history.commits) == 2
        assert not found.history.complete
        assert "only the newest 2 commits" in found.history.skipped[0].reason


def test_a_commit_that_is_not_well_formed_is_read_as_far_as_it_goes() -> None:
    raw = b"tree 0\nauthor Zo\xeb <z> 99999999999 +0000\nencoding latin-1\n\nCaf\xe9\n"
    found = gitcommits.parse("1", raw)
    assert (found.author, found.message) == ("Zoë", "Café\n")
    assert gitcommits.parse("1", b"").when.year == 1970
    assert gitcommits.parse("1", b"author x\nencoding idna\n\nx").message == "x"


def test_the_room_is_private_and_gone_afterwards(where: Path, home: Path) -> None:
    repository(where)
    base = home / ".cache" / "scaffold"

    def interrupted() -> None:
        with opened(where):
            (made,) = base.iterdir()
            assert made.stat().st_mode & 0o777 == 0o700
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(base.iterdir()) == []


def test_what_a_killed_review_left_is_swept(where: Path, home: Path) -> None:
    repository(where)
    old = home / ".cache" / "scaffold" / f"{gitroom.PREFIX}999999999-x"
    own = home / ".cache" / "scaffold" / f"{gitroom.PREFIX}{os.getpid()}-x"
    young = home / ".cache" / "scaffold" / f"{gitroom.PREFIX}999999999-y"
    for folder in (old, own, young):
        folder.mkdir(parents=True)
    for folder in (old, own):
        os.utime(folder, (time.time() - 7200,) * 2)
    with opened(where):
        assert not old.exists()
        assert own.exists()
        assert young.exists()


def test_without_a_home_the_room_is_elsewhere_and_never_in_the_target(
    where: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(where)
    before = hostile.git(where, "status", "--porcelain")
    (home / ".cache").write_text("not a folder")
    monkeypatch.setenv("TMPDIR", str(where))
    with opened(where) as found:
        assert len(found.history.commits) == 1
        assert sorted(p.name for p in where.iterdir()) == [".git", "a.txt", "src"]
    assert hostile.git(where, "status", "--porcelain") == before


def test_a_git_folder_that_may_not_be_read_is_no_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    real = os.lstat

    def lstat(path: Path) -> os.stat_result:
        if Path(path).parent.name == ".git":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "lstat", lstat)
    with pytest.raises(EnvironmentProblem, match="may not be read"), opened(tmp_path):
        pass
