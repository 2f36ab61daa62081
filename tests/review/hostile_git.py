"""Builds repositories that try to act on whoever reads them; nothing hostile is stored.

Each of the `VECTORS` makes one in an empty folder. Its `control` is what an ordinary git is asked
there, and `fires` says that this runs the program (which makes the marker file), so that a test
that sees no marker proves something.
"""

import hashlib
import os
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NAMED = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Vector:
    """What an ordinary git does with it, and what the review tells: a place and words."""

    control: tuple[str, ...]
    path: str
    told: str
    folder: str = "."


def git(where: Path, *words: str, stdin: str | bytes = "", check: bool = True) -> str:
    """Plain git, as the author of a repository would use it."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        ["git", *NAMED, *words],
        cwd=where,
        input=given,
        capture_output=True,
        check=False,
        timeout=20,
    )
    if check and done.returncode:
        raise AssertionError(f"git {words}: {done.stderr.decode()}")
    return (done.stdout + (b"" if check else done.stderr)).decode("utf-8", "replace").strip()


def repository(where: Path, files: dict[str, str] | None = None, *options: str) -> Path:
    """A repository with one commit."""
    where.mkdir(parents=True, exist_ok=True)
    git(where, "init", "-q", "-b", "main", *options, ".")
    commit(where, files or {"a.txt": "one\n", "src/b.py": "x = 1\n"})
    return where


def commit(where: Path, files: dict[str, str], message: str = "A commit") -> str:
    """Writes the files and commits all; the id."""
    for name, text in files.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text, "utf-8")
    git(where, "add", "-A")
    git(where, "commit", "-q", "--allow-empty", "-m", message)
    return git(where, "rev-parse", "HEAD")


def loose(where: Path, name: str) -> Path:
    """Where a loose object is stored."""
    return where / ".git" / "objects" / name[:2] / name[2:]


def store(where: Path, claimed: str, content: bytes) -> str:
    """A loose blob whose header says `claimed` bytes, whatever it holds."""
    raw = f"blob {claimed}\0".encode() + content
    name = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
    loose(where, name).parent.mkdir(exist_ok=True)
    loose(where, name).write_bytes(zlib.compress(raw))
    return name


def damage(path: Path, content: bytes) -> None:
    """Replaces a file that git wrote read-only."""
    path.unlink()
    path.write_bytes(content)


def program(where: Path, then: str = "cat") -> str:
    """A program that says on disk that it was run."""
    path = where.parent / "program"
    path.write_text(f"#!/bin/sh\ntouch {where.parent / 'marker'}\n{then}\n")
    path.chmod(0o755)
    return str(path)


def fsmonitor(where: Path) -> Vector:
    """T01"""
    repository(where)
    git(where, "config", "core.fsmonitor", program(where))
    return Vector(("status",), ".git/config", "core.fsmonitor")


def _filter(where: Path, key: str, control: tuple[str, ...], attributes: str) -> Vector:
    repository(where)
    git(where, "config", f"filter.x.{key}", program(where))
    (where / attributes).write_text("* filter=x\n")
    (where / "a.txt").write_text("two\n")
    return Vector(control, ".git/config", f"filter.x.{key}")


def clean_filter(where: Path) -> Vector:
    """T02"""
    return _filter(where, "clean", ("diff",), ".git/info/attributes")


def clean_filter_by_tracked_attributes(where: Path) -> Vector:
    """T02"""
    return _filter(where, "clean", ("diff",), ".gitattributes")


def smudge_filter(where: Path) -> Vector:
    """T02"""
    return _filter(where, "smudge", ("checkout", "-q", "--", "a.txt"), ".git/info/attributes")


def process_filter(where: Path) -> Vector:
    """T02"""
    return _filter(where, "process", ("diff",), ".git/info/attributes")


def _driver(where: Path, setting: str, control: tuple[str, ...]) -> Vector:
    repository(where)
    git(where, "config", setting, program(where))
    (where / ".git" / "info").mkdir(exist_ok=True)
    (where / ".git" / "info" / "attributes").write_text("* diff=x\n")
    (where / "a.txt").write_text("two\n")
    return Vector(control, ".git/config", setting)


def textconv(where: Path) -> Vector:
    """T03"""
    return _driver(where, "diff.x.textconv", ("log", "-p"))


def diff_command(where: Path) -> Vector:
    """T03"""
    return _driver(where, "diff.x.command", ("diff",))


def external_diff(where: Path) -> Vector:
    """T03"""
    return _driver(where, "diff.external", ("diff",))


def signature(where: Path) -> Vector:
    """T04"""
    repository(where)
    raw = git(where, "cat-file", "commit", "HEAD")
    forged = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n forged\n -----END PGP SIGNATURE-----\n"
    head, _, message = raw.partition("\n\n")
    signed = f"{head}\n{forged}\n{message}\n"
    name = git(where, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed)
    git(where, "update-ref", "refs/heads/main", name)
    git(where, "config", "log.showSignature", "true")
    git(where, "config", "gpg.program", program(where))
    return Vector(("log",), ".git/config", "gpg.program")


def hooks_path(where: Path) -> Vector:
    """T05"""
    repository(where)
    (where / "hooks").mkdir()
    Path(program(where)).rename(where / "hooks" / "post-index-change")
    git(where, "config", "core.hooksPath", str(where / "hooks"))
    os.utime(where / "a.txt", (1, 1))
    return Vector(("status",), ".git/config", "core.hookspath")


def hook(where: Path) -> Vector:
    """T05"""
    repository(where)
    (where / ".git" / "hooks").mkdir(exist_ok=True)
    Path(program(where)).rename(where / ".git" / "hooks" / "post-index-change")
    os.utime(where / "a.txt", (1, 1))
    return Vector(("status",), ".git/hooks/post-index-change", "post-index-change")


def _promisor(where: Path, url: str) -> None:
    repository(where)
    name = git(where, "rev-parse", "HEAD:a.txt")
    for key, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialclone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": url,
    }.items():
        git(where, "config", key, value)
    loose(where, name).unlink()


def lazy_fetch(where: Path) -> Vector:
    """T06"""
    repository(where.parent / "origin")
    _promisor(where, f"file://{where.parent / 'origin'}")
    git(where, "config", "remote.origin.uploadpack", program(where, "false"))
    return Vector(("cat-file", "-p", "HEAD:a.txt"), ".git/config", "remote.origin.uploadpack")


def lazy_fetch_by_helper(where: Path) -> Vector:
    """T06"""
    _promisor(where, f"ext::{program(where, 'false')}")
    git(where, "config", "protocol.ext.allow", "always")
    return Vector(("cat-file", "-p", "HEAD:a.txt"), ".git/config", "remote.origin.url = ext::")


def submodule(where: Path) -> Vector:
    """T07"""
    repository(where / "sub")
    git(where / "sub", "config", "core.fsmonitor", program(where))
    listing = '[submodule "sub"]\n\tpath = sub\n\turl = https://example.org/sub\n'
    repository(where, {"a.txt": "one\n", ".gitmodules": listing})
    (where.parent / "marker").unlink(missing_ok=True)
    return Vector(("status",), "sub", "https://example.org/sub")


def redirected_common(where: Path) -> Vector:
    """T11"""
    repository(where)
    fake = repository(where / "fake")
    (fake / ".git").rename(where / "fake" / "folder")
    git(where / "fake" / "folder", "config", "core.fsmonitor", program(where))
    (where / ".git" / "commondir").write_text("../fake/folder\n")
    return Vector(("status",), ".git/commondir", "outside of its usual place")


def redirected_folder(where: Path) -> Vector:
    """T11"""
    repository(where)
    git(where, "config", "core.fsmonitor", program(where))
    (where / ".git").rename(where / "docs")
    (where / ".git").write_text("gitdir: docs\n")
    return Vector(("status",), ".git", "outside of its usual place")


def worktree_config(where: Path) -> Vector:
    """T11"""
    repository(where)
    git(where, "config", "extensions.worktreeConfig", "true")
    settings = f"[core]\n\tfsmonitor = {program(where)}\n"
    (where / ".git" / "config.worktree").write_text(settings)
    return Vector(("status",), ".git/config.worktree", "core.fsmonitor")


def alias(where: Path) -> Vector:
    """Row 1 of the threats: anything else that a configuration runs"""
    repository(where)
    git(where, "config", "alias.st", f"!{program(where)}")
    return Vector(("st",), ".git/config", "alias.st")


VECTORS: tuple[Callable[[Path], Vector], ...] = (
    fsmonitor,
    clean_filter,
    clean_filter_by_tracked_attributes,
    smudge_filter,
    process_filter,
    textconv,
    diff_command,
    external_diff,
    signature,
    hooks_path,
    hook,
    lazy_fetch,
    lazy_fetch_by_helper,
    submodule,
    redirected_common,
    redirected_folder,
    worktree_config,
    alias,
)


def bomb(where: Path, levels: int = 10, width: int = 10) -> str:
    """T21: `width` to the power of `levels` paths, and one object a level. The commit's id."""
    where.mkdir(parents=True)
    git(where, "init", "-q", "-b", "main", ".")
    name, mode, kind = git(where, "hash-object", "-w", "--stdin", stdin="boom\n"), "100644", "blob"
    for _ in range(levels):
        rows = "".join(f"{mode} {kind} {name}\tf{n}\n" for n in range(width))
        name, mode, kind = git(where, "mktree", stdin=rows), "040000", "tree"
    commit_id = git(where, "commit-tree", "-m", "boom", name)
    git(where, "update-ref", "refs/heads/main", commit_id)
    return commit_id
