"""Starts or clones a repository in a folder we just made. The only user of GitPython.

Invariant: git runs here only on folders that hold nothing but our own output, or a clone that we
made of this very repository, with the caller's
GIT_* variables removed (but those that choose the configuration), hooks and template hooks off,
and no prompt possible.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder import stopping
from scaffolder.errors import EnvironmentProblem

if TYPE_CHECKING:
    import git

_SECONDS = 60
_CHOOSES_CONFIGURATION = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}
_QUIET = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.safecrlf=false",
    "commit.gpgSign=false",
    "commit.template=",
    "gc.auto=0",
]

_NOBODY = ["user.name=example", "user.email=example@localhost"]


@dataclass(frozen=True)
class Identity:
    """Who commits: a name and an e-mail address, neither of them empty."""

    name: str
    email: str


def identity(folder: Path) -> Identity | None:
    """Who git would commit as in `folder`: as configured, else as GIT_AUTHOR_* say; else None."""
    with _clean_environment():
        asked = ["git", "config", "--get-regexp", r"^user\.(name|email)$"]
        said = _git(folder).execute(asked, with_exceptions=False)
    found = dict(line.partition(" ")[::2] for line in str(said).splitlines())
    configured = _identity(found.get("user.name"), found.get("user.email"))
    return configured or _identity(
        os.environ.get("GIT_AUTHOR_NAME"), os.environ.get("GIT_AUTHOR_EMAIL")
    )


def require_git() -> None:
    """Raises `EnvironmentProblem` where there is no working git to start a repository with."""
    with _clean_environment():
        _run(Path(os.sep), [], "version")


def first_commit(folder: Path, message: str, author: Identity) -> str:
    """Starts a repository in `folder` and commits everything in it; returns the commit's id.

    `author` is used for this commit only. Raises EnvironmentProblem with what git said.
    """
    as_author = [f"user.name={author.name}", f"user.email={author.email}"]
    with _clean_environment():
        _run(folder, [], "init", "-q", "--template=", "--initial-branch=main")
        _run(folder, as_author, "add", "--all", "--force")
        _run(folder, as_author, "commit", "-q", "--no-verify", "-m", message)
        return _head(folder)


def committed(folder: Path, message: str, when: datetime) -> str:
    """Commits everything in `folder`, a repository from then on, as of `when`; returns the id."""
    stamp = when.isoformat(timespec="seconds")
    with _clean_environment():
        if not (folder / ".git").exists():
            _run(folder, [], "init", "-q", "--template=", "--initial-branch=main")
        _run(folder, [], "add", "--all", "--force")
        os.environ["GIT_COMMITTER_DATE"] = stamp
        try:
            words = ["-q", "--no-verify", "--allow-empty", f"--date={stamp}", "-m", message]
            _run(folder, _NOBODY, "commit", *words)
        finally:
            del os.environ["GIT_COMMITTER_DATE"]
        return _head(folder)


def cloned(source: Path, folder: Path) -> datetime:
    """A copy of what is committed at `source`, with its history, in `folder`; nothing is shared.

    Returns when its last commit was made. EnvironmentProblem where `source` is no repository.
    """
    with _clean_environment():
        words = ("clone", "-q", "--no-hardlinks", "--template=", str(source), str(folder))
        _run(source, ["protocol.file.allow=always"], *words)
        _run(folder, [], "checkout", "-q", "-B", "main")
        return datetime.fromisoformat(_run(folder, [], "log", "-1", "--format=%cI"))


def applied(repository: Path, place: str, patch: Path) -> None:
    """Applies a diff whose paths begin at the folder `place` of a clone that we made.

    EnvironmentProblem where it does not fit, and then nothing is changed.
    """
    with _clean_environment():
        _run(repository, [], "apply", f"--directory={place}", str(patch))


def tree_id(repository: Path, place: str) -> str:
    """The id of a folder as it is in the last commit."""
    with _clean_environment():
        return _run(repository, [], "rev-parse", f"HEAD:{place}")


def enclosing_repository(path: Path) -> Path | None:
    """The nearest folder above `path` that is a git repository."""
    return next((parent for parent in path.parents if (parent / ".git").exists()), None)


def _identity(name: str | None, email: str | None) -> Identity | None:
    return Identity(name, email) if name and email else None


def _head(folder: Path) -> str:
    """The commit's id; a file unless git keeps its references in another form."""
    loose = folder / ".git" / "refs" / "heads" / "main"
    return (
        loose.read_text("ascii").strip()
        if loose.is_file()
        else _run(folder, [], "rev-parse", "HEAD")
    )


def _run(folder: Path, settings: list[str], *words: str) -> str:
    options = [word for setting in (*_QUIET, *settings) for word in ("-c", setting)]
    with stopping.held():  # or git would go on writing where we tidy up
        code, said, complaint = _git(folder).execute(
            ["git", *options, *words],
            with_extended_output=True,
            with_exceptions=False,
            kill_after_timeout=_SECONDS,
        )
    if "No space left on device" in str(complaint):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if code:
        why = str(complaint).strip().splitlines() or [f"exit code {code}"]
        raise EnvironmentProblem(
            f"git {words[0]} did not work: {why[-1]}", "Mend that, or use --no-git."
        )
    return str(said).strip()


def _git(folder: Path) -> "git.Git":
    if shutil.which("git") is None:
        raise EnvironmentProblem(
            "git is not installed or not on PATH", "Install git, or use --no-git."
        )
    import git

    return git.Git(str(folder))


@contextmanager
def _clean_environment() -> Iterator[None]:
    """The environment without GIT_* (a hook that calls us leaks GIT_DIR) and without prompts.

    GIT_PYTHON_REFRESH: a git that does not work is found out by its use, not by an import.
    """
    named = {name for name in os.environ if name.startswith("GIT_")} - _CHOOSES_CONFIGURATION
    saved = {name: os.environ[name] for name in named}
    for name in saved:
        del os.environ[name]
    ours = {"GIT_TERMINAL_PROMPT": "0", "GIT_PYTHON_REFRESH": "quiet"}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]
        os.environ.update(saved)
