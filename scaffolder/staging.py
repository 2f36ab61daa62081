"""The stage beside a destination: where a project is built before one rename puts it in place.

Invariant: a stage carries its owner's process id and start time, so that what a killed run left
behind is swept by a later run, and nobody else's work ever is.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".scaffold-stage-"
STALE_SECONDS = 3_600
"""A stage younger than this is never swept: its owner may live where we cannot see it."""

_OWNER = "owner.json"


@contextmanager
def stage(target: Path) -> Iterator[Path]:
    """An empty folder on the destination's file system, gone afterwards whatever happens."""
    made = _make_parents(target.parent)
    sweep(target.parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=target.parent))
    try:
        owner = {"pid": os.getpid(), "started": _started(os.getpid())}
        (folder / _OWNER).write_text(json.dumps(owner), "utf-8")
        tree = folder / "tree"
        tree.mkdir()
        yield tree
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_empty(made)


def move(tree: Path, target: Path) -> None:
    """Puts `tree` at `target` in one step; OSError if something is there by now.

    rename(2) replaces an empty folder and refuses a full one, so the first of two runs wins.
    """
    tree.chmod(0o777 & ~_umask())
    if os.name == "nt" and target.is_dir():
        target.rmdir()
    tree.rename(target)
    _sync(target.parent)


def sweep(folder: Path) -> None:
    """Removes stages in `folder` whose owner is dead and which are older than an hour."""
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            owner = json.loads((left / _OWNER).read_text("utf-8"))
            old = time.time() - left.stat().st_mtime > STALE_SECONDS
            if old and not left.is_symlink() and not _alive(owner["pid"], owner["started"]):
                shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int, started: str) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return _started(pid) == started


def _started(pid: int) -> str:
    """The start time of a process in clock ticks, "" where /proc does not say."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _make_parents(folder: Path) -> list[Path]:
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _sync(folder: Path) -> None:
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
