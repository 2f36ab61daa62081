"""Git folders that nobody's git wrote: one builder each, made at test time."""

import hashlib
import os
import shutil
import struct
import zlib
from pathlib import Path

import hostile_git as hostile
from hostile_files import CANARY
from hostile_git import commit, damage, git, loose, repository

SIGNED = "author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n"


def secret_beside(root: Path) -> Path:
    """A repository of somebody else beside this one."""
    return repository(root.parent / "other", {"secret.txt": CANARY}) / ".git"


def stored(root: Path, kind: str, raw: bytes) -> str:
    """A loose object of any bytes; its id."""
    whole = f"{kind} {len(raw)}\0".encode() + raw
    name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    loose(root, name).parent.mkdir(exist_ok=True)
    if not loose(root, name).exists():
        loose(root, name).write_bytes(zlib.compress(whole, 1))
    return name


def head_is(root: Path, name: str) -> None:
    (root / ".git" / "refs" / "heads" / "main").write_text(f"{name}\n")


def committed(root: Path, raw: bytes) -> None:
    """A repository whose newest commit has these bytes; TREE stands for its tree."""
    tree = git(repository(root), "rev-parse", "HEAD^{tree}")
    head_is(root, stored(root, "commit", raw.replace(b"TREE", tree.encode())))


def commit_with_nul(root: Path) -> None:
    who = b"A\0\x1b[2J <a> 1 +0000\n"
    committed(root, b"tree TREE\nauthor " + who + b"committer " + who + b"\nx\0\x1b]0;y\x07\n")


def commit_without_author(root: Path) -> None:
    committed(root, b"tree TREE\n\nx")


def commit_of_nothing(root: Path) -> None:
    committed(root, b"garbage \x1b[2J")


def commits_at_odd_times(root: Path) -> None:
    repository(root)
    tree, parent = git(root, "rev-parse", "HEAD^{tree}"), ""
    times = ("9223372036854775807 +9999", "253402300799 -9999", "-62135596801 +0000", "-1 -1400")
    for when in (*times, "999999999999 +0000", "1e9 +0000", "\u0661 +0000"):
        who = f"A <a@b> {when}\n"
        raw = f"tree {tree}\n{parent}author {who}committer {who}\nx\n"
        parent = f"parent {stored(root, 'commit', raw.encode())}\n"
    head_is(root, parent.split()[1])


def commit_with_a_long_message(root: Path) -> None:
    long = b"a \x1b[2J" * 200_000
    committed(root, b"tree TREE\n" + SIGNED.encode() + long)


def commit_with_many_parents(root: Path) -> None:
    name = git(repository(root), "rev-parse", "HEAD")
    tree = git(root, "rev-parse", "HEAD^{tree}")
    raw = f"tree {tree}\n" + f"parent {name}\n" * 20_000 + SIGNED
    head_is(root, stored(root, "commit", raw.encode()))


def commit_in_a_strange_encoding(root: Path) -> None:
    who = b"Jos\xe9 \xff\xc2\x9b <a@b> 1 +0000\n"
    said = b"encoding \x1b[2Jutf-7\n\n+AGw-\xe9\xe2\x80\xae\n"
    committed(root, b"tree TREE\nauthor " + who + b"committer " + who + said)


def _head_at(root: Path, what: str) -> None:
    git(repository(root), "tag", "-a", "-m", "t", "v1")
    (root / ".git" / "HEAD").write_text(git(root, "rev-parse", what) + "\n")


def head_at_a_tag(root: Path) -> None:
    _head_at(root, "v1")


def head_at_a_tree(root: Path) -> None:
    _head_at(root, "HEAD^{tree}")


def head_at_a_blob(root: Path) -> None:
    _head_at(root, "HEAD:a.txt")


def tags_of_tags(root: Path) -> None:
    name, kind = git(repository(root), "rev-parse", "HEAD"), "commit"
    for number in range(1_000):
        raw = f"object {name}\ntype {kind}\ntag t{number}\ntagger A <a@b> 1 +0000\n\nx\n"
        name, kind = stored(root, "tag", raw.encode()), "tag"
    (root / ".git" / "refs" / "tags").mkdir(exist_ok=True)
    (root / ".git" / "refs" / "tags" / "deep").write_text(f"{name}\n")


def names_like_options(root: Path) -> None:
    name = git(repository(root), "rev-parse", "HEAD")
    odd = ("refs/heads/--exec=touch", "--all", "refs/heads/\x1b[2J", "refs/heads/[@click=app.quit]")
    rows = "".join(f"{name} {o}\n" for o in (*odd, "refs/../../x", "refs/heads/a\tb", "HEAD"))
    (root / ".git" / "packed-refs").write_text(f"# pack-refs\n{rows}")
    (root / ".git" / "HEAD").write_text("ref: refs/heads/--exec=touch\n")


def strange_reference_names(root: Path) -> None:
    name = git(repository(root), "rev-parse", "HEAD")
    for strange in ("a\nb", "\x1b[2J", "[@click=app.quit()]X[", "--upload-pack=x", "\u202ex"):
        (root / ".git" / "refs" / "heads" / strange).write_text(f"{name}\n")


def linked_references(root: Path) -> None:
    repository(root)
    (root / ".git" / "refs" / "heads" / "x").symlink_to("/etc/passwd")
    (root / ".git" / "refs" / "remotes").symlink_to("/etc")


def _borrowing(root: Path, folder: str) -> None:
    info = repository(root) / ".git" / "objects" / "info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(f"{folder}\n")


def borrows_from_a_fifo(root: Path) -> None:
    root.parent.mkdir(exist_ok=True)
    os.mkfifo(root.parent / "fifo")
    _borrowing(root, str(root.parent / "fifo"))


def borrows_by_a_fifo(root: Path) -> None:
    _borrowing(root, "x")
    path = root / ".git" / "objects" / "info" / "alternates"
    path.unlink()
    os.mkfifo(path)


def borrows_from_others(root: Path) -> None:
    _borrowing(root, str(secret_beside(root) / "objects"))


def borrows_from_devices(root: Path) -> None:
    _borrowing(root, "/dev\n../../..\n" + "x" * 5_000)


def _linked(root: Path, name: str, to: str) -> None:
    path = repository(root) / ".git" / name
    shutil.rmtree(path, ignore_errors=True)
    path.symlink_to(to)


def linked_objects(root: Path) -> None:
    _linked(root, "objects", str(secret_beside(root) / "objects"))


def linked_packs(root: Path) -> None:
    _linked(root, "objects/pack", "/etc")


def linked_info(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "attributes").write_text(f"{CANARY} filter=x\n")
    _linked(root, "info", str(outside))


def linked_hooks(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / CANARY).write_text("#!/bin/sh\n")
    (outside / CANARY).chmod(0o755)
    _linked(root, "hooks", str(outside))


def fifos_beside_a_pack(root: Path) -> None:
    git(repository(root), "gc", "-q")
    for pack in (root / ".git" / "objects" / "pack").glob("*.pack"):
        for end in (".bitmap", ".rev", ".keep", ".mtimes", ".promisor"):
            pack.with_suffix(end).unlink(missing_ok=True)
            os.mkfifo(pack.with_suffix(end))


def _git_file(root: Path, text: str) -> None:
    root.mkdir(parents=True)
    (root / "a.py").write_text("x = 1\n")
    (root / ".git").write_text(text)


def git_file_to_a_git_file(root: Path) -> None:
    _git_file(root, "gitdir: ../next\n")
    (root.parent / "next").write_text("gitdir: .\n")


def git_file_to_itself(root: Path) -> None:
    _git_file(root, "gitdir: .git\n")


def git_file_that_paints(root: Path) -> None:
    _git_file(root, "gitdir: \x1b]0;x\x07\u202e[/]\n")


def git_file_too_large(root: Path) -> None:
    _git_file(root, "gitdir: " + "x" * 9_000)


def git_is_a_fifo(root: Path) -> None:
    root.mkdir(parents=True)
    os.mkfifo(root / ".git")


def common_folder_elsewhere(root: Path) -> None:
    (repository(root) / ".git" / "commondir").write_text("../../../../../../etc\n")


def _entry(path: bytes, mode: int, name: str) -> bytes:
    head = struct.pack(">10I", 0, 0, 0, 0, 0, 0, mode, 0, 0, 3) + bytes.fromhex(name)
    whole = head + struct.pack(">H", min(len(path), 0xFFF)) + path
    return whole + bytes(8 - len(whole) % 8)


def _index(root: Path, *entries: tuple[bytes, int]) -> None:
    name = git(repository(root), "rev-parse", "HEAD:a.txt")
    raw = b"DIRC" + struct.pack(">II", 2, len(entries))
    raw += b"".join(_entry(path, mode, name) for path, mode in sorted(entries))
    damage(root / ".git" / "index", raw + hashlib.sha1(raw, usedforsecurity=False).digest())


def index_of_odd_names(root: Path) -> None:
    (root.parent / "outside").mkdir(parents=True)
    (root.parent / "outside" / "secret").write_text(CANARY)
    odd = (b"/etc/passwd", b"../outside/secret", b".git/config", b".GIT/config", b"a\x1bb", b"a//b")
    more = (b"a\n../x", b"C:\\x", b"a/./b", b"caf\xe9", b"a/.git")
    _index(root, *((name, 0o100644) for name in (*odd, *more)))


def index_of_odd_kinds(root: Path) -> None:
    _index(root, (b"a.txt", 0o160000), (b"b", 0o120000), (b"c", 0o40000), (b"d", 0o777))


def index_that_counts_wrong(root: Path) -> None:
    raw = b"DIRC" + struct.pack(">II", 2, 0xFFFFFFFF)
    whole = raw + hashlib.sha1(raw, usedforsecurity=False).digest()
    damage(repository(root) / ".git" / "index", whole)


def index_of_version_four(root: Path) -> None:
    repository(root, {f"a/b{n}.py": "x = 1\n" for n in range(5)})
    git(root, "update-index", "--index-version", "4")


def index_in_two_parts(root: Path) -> None:
    git(repository(root), "update-index", "--split-index")
    commit(root, {"c.txt": "x"})


def index_in_linked_parts(root: Path) -> None:
    index_in_two_parts(root)
    for part in (root / ".git").glob("sharedindex.*"):
        part.unlink()
        part.symlink_to("/etc/passwd")


def index_without_its_part(root: Path) -> None:
    index_in_two_parts(root)
    for part in (root / ".git").glob("sharedindex.*"):
        part.unlink()


def index_that_is_sparse(root: Path) -> None:
    repository(root, {"a/x.py": "x = 1\n", "b/y.py": "y = 1\n"})
    git(root, "sparse-checkout", "init", "--cone", "--sparse-index")
    git(root, "sparse-checkout", "set", "a")


def submodules_with_commands(root: Path) -> None:
    marker = root.parent / "marker"
    run = f"\turl = -u./payload\n\tupdate = !touch {marker}\n"
    ext = f"\tpath = sub\x1b\n\turl = ext::sh -c touch% {marker}\n"
    listing = f'[submodule "../../x"]\n\tpath = --upload-pack\n{run}[submodule "\x1b[2J"]\n{ext}'
    repository(root, {".gitmodules": listing})
    name = git(root, "rev-parse", "HEAD")
    for path in ("--upload-pack", "sub\x1b"):
        git(root, "update-index", "--add", "--cacheinfo", f"160000,{name},{path}")


def attributes_with_macros(root: Path) -> None:
    evil = "[attr]evil filter=x diff=x\n* evil\n*.py working-tree-encoding=UTF-16 export-subst\n"
    repository(root, {".gitattributes": evil})
    git(root, "config", "filter.x.clean", hostile.program(root))


def tree_of_odd_names(root: Path) -> None:
    name = git(repository(root), "rev-parse", "HEAD:a.txt")
    odd = (b"../x", b"/etc/passwd", b".git", b"..", b"a/b", b"\x1b[2J")
    rows = b"".join(b"100644 " + o + b"\0" + bytes.fromhex(name) for o in odd)
    tree = stored(root, "tree", rows + b"40000 gone\0" + bytes.fromhex("2" * 40))
    head_is(root, stored(root, "commit", f"tree {tree}\n{SIGNED}".encode()))


def tree_cut_short(root: Path) -> None:
    tree = stored(repository(root), "tree", b"100644 a\0abc")
    head_is(root, stored(root, "commit", f"tree {tree}\n{SIGNED}".encode()))


def blob_for_a_tree(root: Path) -> None:
    name = git(repository(root), "rev-parse", "HEAD:a.txt")
    head_is(root, stored(root, "commit", f"tree {name}\nparent {name}\n{SIGNED}".encode()))


def trees_without_end(root: Path) -> None:
    name, mode = git(repository(root), "rev-parse", "HEAD:a.txt"), b"100644 f\0"
    for _ in range(800):
        name, mode = stored(root, "tree", mode + bytes.fromhex(name)), b"40000 d\0"
    head_is(root, stored(root, "commit", f"tree {name}\n{SIGNED}".encode()))


def large_file_without_its_object(root: Path) -> None:
    """What git stores of a file is gone, and the file itself is too large to be read whole."""
    name = git(repository(root, {"big.bin": "x"}), "rev-parse", "HEAD:big.bin")
    loose(root, name).unlink()
    with (root / "big.bin").open("wb") as file:
        file.truncate(50 * 1024**2)


def configuration_of_junk(root: Path) -> None:
    junk = b"\xff\xfe\0[core\n\x1b]0;x\x07 = y\n[core]\n\tfsmonitor = \x1b[2J\xe2\x80\xae; x\n"
    (repository(root) / ".git" / "config").write_bytes(junk)


def configuration_of_another_format(root: Path) -> None:
    git(repository(root), "config", "extensions.objectformat", "\x1b[2Jmd5")


def reftable(root: Path) -> None:
    git(repository(root), "config", "extensions.refStorage", "reftable")


def shallow_of_junk(root: Path) -> None:
    (repository(root) / ".git" / "shallow").write_bytes(b"\x1b[2J\n" + b"0" * 40 + b"\n" * 5)


def ignoring_slowly(root: Path) -> None:
    repository(root, {".gitignore": ("*a" * 40 + "b\n") * 50 + "[[:alpha:\n"})
    (root / ("a" * 250)).write_text("x")


def ignoring_by_a_link(root: Path) -> None:
    (repository(root) / ".gitignore").symlink_to("/dev/zero")


def bare(root: Path) -> None:
    repository(root.parent / "first", {"a.txt": "one\n"})
    git(root.parent, "clone", "-q", "--bare", "first", str(root))


def repositories_inside(root: Path) -> None:
    """Nested git folders that would hold an ordinary git forever."""
    for name in ("one", "two", "three"):
        (repository(root) if name == "one" else root).joinpath(name).mkdir()
    (root / "one" / ".git").mkdir()
    os.mkfifo(root / "one" / ".git" / "HEAD")
    os.mkfifo(root / "two" / ".git")
    (root / "three" / ".git").symlink_to("/dev/zero")
