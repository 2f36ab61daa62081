"""A repository that tries to act on its reader: nothing runs, nothing changes, it is told."""

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import hostile_git as hostile
import pytest
from hostile_git import Vector, commit, git, repository

from scaffolder.errors import EnvironmentProblem
from scaffolder.review.cleanroom import History, Stored, opened
from scaffolder.review.git import gitindex, gitobjects, gitrun

CANARY = "canary-7f1b"
_started: list[tuple[str, list[str]]] = []


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen":
        _started.append((str(args[0]), [str(a) for a in args[1]]))


sys.addaudithook(_watch)


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return tmp_path / "repo"


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        digest = hashlib.sha256(content).hexdigest()
        found[str(path.relative_to(folder))] = (state.st_mode, state.st_mtime_ns, digest)
    return found


def examine(root: Path) -> tuple[History, list[Stored], dict[str, bytes]]:
    """Everything that a review asks of the clean room."""
    with opened(root) as repository:
        objects = list(repository.objects())
        contents = dict(repository.contents([o.id for o in objects]))
        repository.introduced([o.id for o in objects if o.kind == "blob"][:5])
        repository.added_lines()
        return repository.history, objects, contents


def reasons(history: History) -> str:
    return "\n".join(f"{s.path}: {s.reason}" for s in history.skipped)


def refused(root: Path) -> str:
    begun = time.monotonic()
    with pytest.raises(EnvironmentProblem) as caught, opened(root):
        pass
    assert time.monotonic() - begun < 1
    assert caught.value.exit_code == 3
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("build", hostile.VECTORS, ids=lambda b: b.__name__)
def test_nothing_of_the_repository_is_run(build: Callable[[Path], Vector], where: Path) -> None:
    vector = build(where)
    marker = where.parent / "marker"
    before = snapshot(where)
    history, _, _ = examine(where)
    assert not marker.exists()
    assert snapshot(where) == before
    told = [(n.path, n.text) for n in history.notices]
    told += [(s.path, s.reason) for s in history.skipped]
    assert any(p == vector.path and vector.told in t for p, t in told), told
    git(where / vector.folder, *vector.control, check=False)
    assert marker.exists(), "an ordinary git does run it"


def test_only_git_is_started_and_only_to_read(where: Path) -> None:
    hostile.fsmonitor(where)
    _started.clear()
    examine(where)
    own = [(program, words) for program, words in _started if words[1:2] != ["--version"]]
    assert {program for program, _ in own} == {gitrun.program(where)}
    assert {words[1] for _, words in own} == {"cat-file", "diff-tree", "ls-files", "rev-list"}


def test_every_hook_is_told_and_no_sample(where: Path) -> None:
    repository(where)
    names = ["pre-commit", "post-checkout", "fsmonitor-watchman", "reference-transaction"]
    (where / ".git" / "hooks").mkdir(exist_ok=True)
    for name in [*names, "pre-push.sample"]:
        (where / ".git" / "hooks" / name).write_text("#!/bin/sh\n")
        (where / ".git" / "hooks" / name).chmod(0o755)
    (where / ".git" / "hooks" / "README").write_text("not executable")
    history, _, _ = examine(where)
    assert sorted(n.path for n in history.notices) == sorted(f".git/hooks/{n}" for n in names)


def test_a_missing_object_is_counted(where: Path) -> None:
    hostile.lazy_fetch(where)
    history, objects, _ = examine(where)
    assert not history.complete
    assert reasons(history).count("the object is not here") == 1
    assert {o.path for o in objects if o.kind == "blob"} == {"src/b.py"}
    with opened(where) as repository_:
        assert repository_.added_lines() is not None


@pytest.mark.parametrize("way", ["replace", "graft"])
def test_a_commit_that_is_hidden_is_found(where: Path, way: str) -> None:
    first = git(repository(where), "rev-parse", "HEAD")
    hidden = commit(where, {"key.txt": CANARY}, "Oops")
    (where / "key.txt").unlink()
    last = commit(where, {}, "Clean up")
    if way == "replace":
        git(where, "replace", "--graft", last, first)
        path = f".git/refs/replace/{last}"
    else:
        (where / ".git" / "info").mkdir(exist_ok=True)
        (where / ".git" / "info" / "grafts").write_text(f"{last} {first}\n")
        path = ".git/info/grafts"
    assert hidden not in git(where, "log", "--format=%H"), "an ordinary git does not show it"
    history, objects, contents = examine(where)
    assert hidden in {c.id for c in history.commits}
    assert CANARY.encode() in {contents[o.id] for o in objects if o.path == "key.txt"}
    assert path in {n.path for n in history.notices}


@pytest.mark.parametrize(
    ("settings", "control"),
    [
        ("[include]\n\tpath = {0}\n", ("status",)),
        ("[include]\n\tpath = config\n", ("status",)),
        ("[blame]\n\tignoreRevsFile = {0}\n", ("blame", "a.txt")),
    ],
)
def test_no_other_file_is_shown(where: Path, settings: str, control: tuple[str, ...]) -> None:
    repository(where)
    other = where.parent / "other"
    other.write_text(f"{CANARY}\n")
    with (where / ".git" / "config").open("a") as config:
        config.write(settings.format(other))
    said = git(where, *control, check=False)
    assert CANARY in said or "fatal" in said, "an ordinary git acts on it"
    history, _, _ = examine(where)
    assert [n.path for n in history.notices] == [".git/config"]
    assert "would read elsewhere" in history.notices[0].text
    assert CANARY not in repr(history)


def test_a_configuration_without_end_takes_no_time(where: Path) -> None:
    repository(where)
    with (where / ".git" / "config").open("a") as config:
        config.write("[a]\n\tb = c\n" * 300_000)
    begun = time.monotonic()
    history, _, _ = examine(where)
    assert time.monotonic() - begun < 1
    assert any("the rest was not examined" in n.text for n in history.notices)


def test_lies_about_the_working_tree_are_ignored(where: Path) -> None:
    repository(where)
    (where.parent / CANARY).mkdir()
    git(where, "config", "core.worktree", str(where.parent))
    (where / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (where / ".git" / "objects" / "info" / "commit-graph").write_bytes(b"CGPH\1\1\4\0" * 99)
    (where / ".git" / "objects" / "pack" / "multi-pack-index").write_bytes(b"MIDX\1\1" * 99)
    assert git(where, "rev-parse", "--show-toplevel") == str(where.parent)
    history, objects, _ = examine(where)
    assert history.tracked == {"a.txt", "src/b.py"}
    assert history.untracked == ()
    assert history.complete
    assert len(objects) == 5
    assert [n.path for n in history.notices] == [".git/config"]


def test_a_linked_git_folder_is_refused(where: Path) -> None:
    repository(where)
    (where / ".git").rename(where.parent / "elsewhere")
    (where / ".git").symlink_to(where.parent / "elsewhere")
    assert "it is a link" in refused(where)


@pytest.mark.parametrize("name", ["HEAD", "config", "packed-refs", "refs/heads/x", "index"])
def test_a_fifo_among_the_control_files_is_refused(where: Path, name: str) -> None:
    repository(where)
    (where / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(where / ".git" / name)
    assert "not a regular file" in refused(where)


def test_a_fifo_among_the_objects_is_refused(where: Path) -> None:
    repository(where)
    path = hostile.loose(where, git(where, "rev-parse", "HEAD:a.txt"))
    path.unlink()
    os.mkfifo(path)
    assert "not a regular file" in refused(where)
    path.unlink()
    os.mkfifo(where / ".git" / "objects" / "pack" / f"pack-{'0' * 40}.idx")
    assert "not a regular file" in refused(where)


def test_a_fifo_in_the_working_tree_keeps_nobody_waiting(
    where: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitindex, "UNTRACKED_SECONDS", 0.3)
    repository(where)
    os.mkfifo(where / ".gitignore")
    begun = time.monotonic()
    history, _, _ = examine(where)
    assert time.monotonic() - begun < 2
    assert history.tracked == {"a.txt", "src/b.py"}


@pytest.mark.parametrize(
    ("head", "note"),
    [
        ("ref: refs/heads/loop\n", "HEAD is a loop"),
        ("ref: ../../../../etc/passwd\n", 'HEAD is "ref: ../../../../etc/passwd"'),
        ("ref: refs/heads/\x1b]0;x\x07[/]\n", "HEAD is"),
        ("nonsense\n", "HEAD is 'nonsense'"),
    ],
)
def test_a_strange_head_is_a_note(where: Path, head: str, note: str) -> None:
    repository(where)
    (where / ".git" / "refs" / "heads" / "loop").write_text("ref: refs/heads/pool\n")
    (where / ".git" / "refs" / "heads" / "pool").write_text("ref: refs/heads/loop\n")
    (where / ".git" / "HEAD").write_text(head)
    history, objects, _ = examine(where)
    assert history.available
    assert history.note.startswith(note)
    assert "\x1b" not in history.note
    assert (history.head, history.commits, history.complete) == (None, (), False)
    assert {o.reach for o in objects} == {"ref"}


def test_a_strange_reference_name_is_one_more_name(where: Path) -> None:
    name = git(repository(where), "rev-parse", "HEAD")
    for strange in ("a\nb", "\x1b[2J", "[", "--upload-pack=x"):
        (where / ".git" / "refs" / "heads" / strange).write_text(f"{name}\n")
    history, objects, _ = examine(where)
    assert len(history.refs) == 5
    assert len(objects) == 5


@pytest.mark.parametrize("damage", [lambda i: i[:100], lambda i: i.replace(b"a.txt", b"b.txt")])
def test_a_damaged_index_is_counted(where: Path, damage: Callable[[bytes], bytes]) -> None:
    repository(where)
    path = where / ".git" / "index"
    hostile.damage(path, damage(path.read_bytes()))
    history, objects, _ = examine(where)
    assert ".git/index: it is damaged" in reasons(history)
    assert not history.complete
    assert history.dirty is None
    assert set(history.untracked) == {"a.txt", "src/b.py"}
    assert len(objects) == 5


@pytest.mark.parametrize("content", [b"", b"nonsense", b"x\x9c" + b"\0" * 40])
def test_a_damaged_object_costs_itself_alone(where: Path, content: bytes) -> None:
    repository(where)
    name = git(where, "rev-parse", "HEAD:a.txt")
    hostile.damage(hostile.loose(where, name), content)
    history, _, contents = examine(where)
    assert name in reasons(history)
    assert not history.complete
    assert b"x = 1\n" in contents.values()
    assert name not in contents


@pytest.mark.parametrize("claimed", ["2", "900", "99999999999", "-1"])
def test_a_false_size_costs_the_object_alone(where: Path, claimed: str) -> None:
    repository(where)
    name = hostile.store(where, claimed, b"twelve bytes")
    history, objects, contents = examine(where)
    assert name not in contents
    assert b"x = 1\n" in contents.values()
    assert name in reasons(history) or [o.size for o in objects if o.id == name] == [99999999999]


def test_a_cut_off_pack_is_counted(where: Path) -> None:
    repository(where, {f"{n}.txt": f"{n}\n" * 99 for n in range(20)})
    git(where, "gc", "-q")
    pack = next((where / ".git" / "objects" / "pack").glob("*.pack"))
    hostile.damage(pack, pack.read_bytes()[: pack.stat().st_size // 2])
    history, _, _ = examine(where)
    assert not history.complete
    assert reasons(history)


def test_names_that_lead_out_of_the_folder_are_not_followed(where: Path) -> None:
    repository(where, {"aa/secret": "x\n"})
    index = (where / ".git" / "index").read_bytes()
    forged = index[:-20].replace(b"aa/secret", b"../secret")
    hostile.damage(where / ".git" / "index", forged + hashlib.sha1(forged).digest())
    history, _, _ = examine(where)
    assert history.tracked == frozenset()
    assert "a tracked name that leads out of the folder" in reasons(history)


def test_a_name_longer_than_any_file_can_have_is_a_change(where: Path) -> None:
    repository(where)
    name = git(where, "rev-parse", "HEAD:a.txt")
    for path in ("d/" * 150 + "a" * 3000, "b" * 3000 + "/c"):
        git(where, "update-index", "--add", "--cacheinfo", f"100644,{name},{path}")
    git(where, "commit", "-q", "-m", "Long")
    history, _, _ = examine(where)
    assert len(history.tracked) == 4
    assert history.dirty is True


def test_a_linked_folder_is_not_looked_into(where: Path) -> None:
    repository(where)
    (where / "src").rename(where.parent / "elsewhere")
    (where / "src").symlink_to(where.parent / "elsewhere")
    history, _, _ = examine(where)
    assert history.dirty is True


def test_a_reference_to_nowhere_is_counted(where: Path) -> None:
    repository(where)
    head = commit(where, {"a.txt": "two\n"})
    (where / ".git" / "refs" / "heads" / "empty").write_text("")
    hostile.loose(where, head).unlink()
    history, objects, _ = examine(where)
    assert "refs/heads/empty: a link or no reference" in reasons(history)
    assert f"{head}: the history behind this commit cannot be read" in reasons(history)
    assert (history.commits, history.complete) == ((), False)
    assert len([o for o in objects if o.kind == "blob"]) == 3


def test_a_git_bomb_takes_no_time(where: Path) -> None:
    head = hostile.bomb(where)
    begun = time.monotonic()
    history, objects, contents = examine(where)
    assert time.monotonic() - begun < 2
    assert (history.head, history.complete) == (head, False)
    assert len(objects) == len(contents) == 12
    assert "stands for more than 1000000 paths" in reasons(history)


def test_a_git_bomb_of_long_ago_is_not_counted_to_its_end(
    where: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitobjects, "NUMSTAT_SECONDS", 0.5)
    hostile.bomb(where)
    commit(where, {"a.txt": "one\n"})
    with opened(where) as bombed:
        assert bombed.added_lines() is None


def test_a_reftable_is_refused_by_name(where: Path) -> None:
    repository(where)
    git(where, "config", "core.repositoryformatversion", "1")
    git(where, "config", "extensions.refStorage", "reftable")
    assert "reftable" in refused(where)


@pytest.fixture
def fake_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    def make(script: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        return folder

    yield make
    gitrun._program.cache_clear()


@pytest.mark.parametrize(
    ("script", "message"),
    [("echo git version 2.31.8", "2.32"), ("echo hello", "does not work"), ("exit 1", "not work")],
)
def test_a_git_that_will_not_do_is_named(
    where: Path, fake_git: Callable[[str], Path], script: str, message: str
) -> None:
    repository(where)
    fake_git(script)
    assert message in refused(where)


def test_a_git_inside_of_the_target_is_not_used(
    where: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(where)
    (where / "git").write_text(f"#!/bin/sh\ntouch {where.parent / 'marker'}\n")
    (where / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f".:{where}")
    monkeypatch.chdir(where)
    assert "git is not installed" in refused(where)
    assert not (where.parent / "marker").exists()


def test_a_git_that_hangs_is_ended(
    where: Path, fake_git: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(where)
    pids = where.parent / "pids"
    script = f'[ "$1" = --version ] && echo git version 2.40.0 && exit; echo $$ >> {pids}; '
    fake_git(script + "/bin/sleep 60")
    monkeypatch.setattr(gitrun, "BUDGET", 0.4)
    monkeypatch.setattr(gitrun.Purse, "__init__", lambda self: setattr(self, "left", 0.4))
    begun = time.monotonic()
    history, _, _ = examine(where)
    assert time.monotonic() - begun < 3
    assert not history.complete
    groups = set(pids.read_text().split())
    assert groups
    assert ended(groups)


def ended(groups: set[str], patience: float = 2.0) -> bool:
    """Whether none of the groups lives; on a busy machine what was killed takes a moment to go."""
    until = time.monotonic() + patience
    while any(group in groups and state != "Z" for state, group in processes()):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def processes() -> Iterator[tuple[str, str]]:
    """The state and the group of every process."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group = path.read_text().rpartition(")")[2].split()[:3]
            yield state, group
