"""Starts a repository in a folder we just made. The only user of GitPython.

Invariant: git runs here only on folders that hold nothing but our own output, with the caller's
GIT_* variables removed, hooks and template hooks off, and no prompt possible.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import EnvironmentProblem

if TYPE_CHECKING:
    import git

_SECONDS = 60
_QUIET = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "commit.gpgSign=false",
    "commit.template=",
    "gc.auto=0",
]


@dataclass(frozen=True)
class Identity:
    """Who commits; `email` may be empty only where nothing is configured."""

    name: str
    email: str


def identity(folder: Path) -> Identity | None:
    """The identity git is configured with as seen from `folder`, None without a whole one."""
    with _clean_environment():
        asked = ["git", "config", "--get-regexp", r"^user\.(name|email)$"]
        said = _git(folder).execute(asked, with_exceptions=False)
    found = dict(line.partition(" ")[::2] for line in str(said).splitlines())
    name, email = found.get("user.name", ""), found.get("user.email", "")
    return Identity(name, email) if name and email else None


def require_git() -> None:
    """Raises `EnvironmentProblem` where there is no git to start a repository with."""
    _git(Path.cwd())


def first_commit(folder: Path, message: str, author: Identity | None) -> str:
    """Starts a repository in `folder` and commits everything in it; returns the commit's id.

    `author` is used for this commit only; None means the configured identity.
    """
    as_author = [f"user.name={author.name}", f"user.email={author.email}"] if author else []
    with _clean_environment():
        _run(folder, [], "init", "-q", "--template=", "--initial-branch=main")
        _run(folder, as_author, "add", "--all", "--force")
        _run(folder, as_author, "commit", "-q", "--no-verify", "-m", message)
    return (folder / ".git" / "refs" / "heads" / "main").read_text("ascii").strip()


def enclosing_repository(path: Path) -> Path | None:
    """The nearest folder above `path` that is a git repository."""
    return next((parent for parent in path.parents if (parent / ".git").exists()), None)


def _run(folder: Path, settings: list[str], *words: str) -> str:
    options = [word for setting in (*_QUIET, *settings) for word in ("-c", setting)]
    said = _git(folder).execute(["git", *options, *words], kill_after_timeout=_SECONDS)
    return str(said)


def _git(folder: Path) -> "git.Git":
    try:
        import git
    except ImportError as error:
        raise EnvironmentProblem(
            "git is not installed or not on PATH", "Install git, or use --no-git."
        ) from error
    return git.Git(str(folder))


@contextmanager
def _clean_environment() -> Iterator[None]:
    """The environment without GIT_* (a hook that calls us leaks GIT_DIR) and without prompts."""
    saved = {name: value for name, value in os.environ.items() if name.startswith("GIT_")}
    for name in saved:
        del os.environ[name]
    os.environ["GIT_TERMINAL_PROMPT"] = "0"
    try:
        yield
    finally:
        del os.environ["GIT_TERMINAL_PROMPT"]
        os.environ.update(saved)
