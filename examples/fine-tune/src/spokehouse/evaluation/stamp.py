"""What a row was made from: the commit that was checked out, and the tree of this project in it.

Invariant: a row names a commit without "-dirty" only if all that can change a row was in it.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TREE_DIGITS = 12


@dataclass(frozen=True)
class Stamp:
    """`commit` is a short id with "-dirty" after it where `changed` files are not in it.

    `tree` is git's id of the project folder in that commit: the same in a repository of its own
    and as a folder of a larger one. Without a commit that holds the folder: "none" and "".
    """

    commit: str
    tree: str
    changed: tuple[str, ...] = ()


def stamp_of(root: Path, data: Sequence[Path]) -> Stamp:
    """The stamp of the rows that a run makes now; `data` are the files it measures on."""
    tree = _git(root, "rev-parse", "HEAD:./").strip()
    commit = _git(root, "rev-parse", "--short", "HEAD").strip()
    if not tree or not commit:
        return Stamp("none", "")
    changed = _changed(root, data)
    return Stamp(commit + "-dirty" * bool(changed), tree[:TREE_DIGITS], changed)


def _changed(root: Path, data: Sequence[Path]) -> tuple[str, ...]:
    """Files that can change a row and are not as committed, from the project's folder.

    Neither results nor README are among them: `eval` itself writes those.
    """
    inputs = [root / "src", root / "prompts", root / "config.toml", *data]
    within = [path.relative_to(root).as_posix() for path in inputs if path.is_relative_to(root)]
    names = ("--name-only", "--no-renames", "--relative", "-z")
    edited = _git(root, "diff", *names, "HEAD", "--", *within)
    added = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", *within)
    return tuple(name for name in sorted({*edited.split("\0"), *added.split("\0")}) if name)


def _git(root: Path, *words: str) -> str:
    """What git says; "" where there is no git, no repository or nothing such in it."""
    command: Sequence[str] = ("git", "--literal-pathspecs", *words)
    try:
        found = subprocess.run(command, cwd=root, capture_output=True, check=False)
    except OSError:
        return ""
    said = found.stdout if found.returncode == 0 else b""
    return said.decode("utf-8", "replace")
