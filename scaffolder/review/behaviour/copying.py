"""Copies of a project that a stranger's commands may run in.

Invariant: a copy holds regular files that were read through the view, no link and no pipe; its
repository is made from nothing, without any configuration of this machine; the original is only
read, and no path of a copy is ever followed through a link.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scaffolder.errors import EnvironmentProblem
from scaffolder.review.files.tree import Tree, why
from scaffolder.review.view import RepoView

MAX_FILE = 256 * 1024 * 1024
"""Bytes of one file that is copied; a larger one is left out, and that is told."""

MAX_ENTRIES = 100_000
"""Files and folders of a copy that are listed: commands could make any number of them."""

MAX_DEPTH = 100
"""Folders below each other in a copy that are listed."""

IGNORED = frozenset({".git", ".venv", "__pycache__"})
"""What a command leaves that is not its work."""

_GIT_SECONDS = 120
_GIT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "example",
    "GIT_AUTHOR_EMAIL": "example@localhost",
    "GIT_COMMITTER_NAME": "example",
    "GIT_COMMITTER_EMAIL": "example@localhost",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
    "HOME": os.devnull,
    "LC_ALL": "C",
}
_COMMIT = (
    ("init", "-q", "--template=", "--initial-branch=main"),
    ("add", "--all", "--force"),
    ("commit", "-q", "--no-verify", "--allow-empty", "-m", "A copy to try"),
)
_QUIET = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "core.autocrlf=false", "gc.auto=0")


@dataclass(frozen=True)
class Copied:
    """What a copy holds: how many files, and the paths that were left out with their reason."""

    files: int
    left_out: dict[str, str]


def made(view: RepoView, target: Path) -> Copied:
    """Copies what git tracks, as it is in the folder now, and commits it; all, without git.

    EnvironmentProblem where there is no git that works.
    """
    target.mkdir(mode=0o700)
    left_out: dict[str, str] = {}
    tree = Tree(view.root)
    try:
        for path in view.files:
            reason = _why_not(view, path) or _copy(tree, path, target)
            if reason:
                left_out[path] = reason
    finally:
        tree.close()
    commit(target)
    return Copied(len(view.files) - len(left_out), left_out)


def commit(folder: Path) -> None:
    """Makes a repository with one commit of everything in `folder`."""
    for words in _COMMIT:
        _git(folder, *words)
    exclude = folder / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text("".join(f"{name}\n" for name in sorted(IGNORED - {".git"})), "utf-8")


def duplicate(source: Path, target: Path) -> None:
    """Copies a copy: its folders and regular files, and nothing else that a command made."""
    target.mkdir(mode=0o700)
    for path, entry in _entries(source, frozenset({".venv", "__pycache__"})):
        if entry.is_dir(follow_symlinks=False):
            (target / path).mkdir()
        elif entry.is_file(follow_symlinks=False):
            shutil.copy2(entry.path, target / path, follow_symlinks=False)


def listed(root: Path) -> dict[str, tuple[int, int, int]]:
    """Every regular file of a copy: size, time of its last change (ns) and inode."""
    found = {}
    for path, entry in _entries(root, IGNORED):
        if entry.is_file(follow_symlinks=False):
            status = entry.stat(follow_symlinks=False)
            found[path] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return found


def changed(
    before: dict[str, tuple[int, int, int]], after: dict[str, tuple[int, int, int]]
) -> tuple[str, ...]:
    """The files that are new, or not as they were."""
    return tuple(sorted(path for path, status in after.items() if before.get(path) != status))


def read(root: Path, path: str, limit: int) -> bytes | None:
    """The first `limit` bytes of a file that a command may have made; None where it is none."""
    tree = Tree(root)
    try:
        return tree.read(path, limit)[0]
    except (OSError, ValueError):
        return None
    finally:
        tree.close()


def put(root: Path, path: str, content: bytes) -> None:
    """Writes a file of a copy anew, also where a command made a link of it; OSError says why not.

    A folder that is a link is refused: what it leads to is no part of the copy.
    """
    place = root
    for part in Path(path).parts[:-1]:
        place /= part
        if place.is_symlink() or part == "..":
            raise OSError(0, "lies behind a link", path)
        place.mkdir(exist_ok=True)
    place /= Path(path).name
    place.unlink(missing_ok=True)
    with place.open("xb") as out:
        out.write(content)


def removed(folder: Path) -> None:
    """Removes a folder, whatever a command made of it."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        for words in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*words, "--", str(folder)], check=False, capture_output=True)


def _why_not(view: RepoView, path: str) -> str:
    if not view.tracked(path):
        return "is not known to git"
    if any(part.lower() == ".git" for part in path.split("/")):
        return "is part of a repository"
    if path.startswith(".venv/"):
        return "is part of the environment"
    return ""


def _copy(tree: Tree, path: str, target: Path) -> str:
    """Copies one file; why not, where it cannot be."""
    try:
        status = tree.status(path)
        if status.st_size > MAX_FILE:
            return f"is larger than {MAX_FILE // 1024**2} MB"
        content, _ = tree.read(path, MAX_FILE)
    except (OSError, ValueError) as error:
        return why(error)
    place = target / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    place.chmod(0o755 if status.st_mode & stat.S_IXUSR else 0o644)
    return ""


def _entries(root: Path, ignored: frozenset[str]) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """What is below `root`, a folder before what it holds; no link is entered."""
    waiting, count = [("", 0)], 0
    while waiting:
        above, depth = waiting.pop()
        for entry in _scanned(root / above):
            count += 1
            if entry.name in ignored or count > MAX_ENTRIES:
                continue
            path = f"{above}/{entry.name}" if above else entry.name
            yield path, entry
            if entry.is_dir(follow_symlinks=False) and depth < MAX_DEPTH:
                waiting.append((path, depth + 1))


def _scanned(folder: Path) -> "list[os.DirEntry[str]]":
    """The entries of a folder; none of one that a command has closed to us."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _git(folder: Path, *words: str) -> None:
    settings = [word for setting in _QUIET for word in ("-c", setting)]
    environment = {**_GIT, "PATH": os.environ.get("PATH", os.defpath)}
    try:
        subprocess.run(
            ["git", *settings, *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        raise EnvironmentProblem(
            f"git could not commit the copy to try: {said.decode('utf-8', 'replace').strip()}",
            "Install git 2.28 or newer; `scaffold doctor` says whether it is found.",
        ) from error
