"""The stage beside a destination: where a project is built before one rename puts it in place.

Invariant: a stage carries its owner's process and machine, so that what a killed run left behind
is swept by a later run, and nobody else's work ever is. What an `owner.json` says may be anybody's
words: it is read bounded, and what makes no sense in it leaves its folder alone.
"""

import json
import os
import platform
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scaffolder import stopping
from scaffolder.regularfile import read_regular

PREFIX = ".scaffold-stage-"
STALE_SECONDS = 3_600
"""A stage from elsewhere is left alone for this long: its owner may live where we cannot see it."""

_OWNER = "owner.json"
_OWNER_LIMIT = 4096
_MAX_PID = 2**31 - 1


@contextmanager
def stage(target: Path) -> Iterator[Path]:
    """An empty folder on the destination's file system, gone afterwards whatever happens.

    Neither its making nor its clearing away is left half done by a signal.
    """
    parents: list[Path] = []
    stages: list[Path] = []
    try:
        with stopping.held():
            _make_parents(target.parent, parents)
            tree = _make(target.parent, stages)
        yield tree
    finally:
        with stopping.held():
            _clear(stages, parents)


def _make(parent: Path, stages: list[Path]) -> Path:
    sweep(parent)
    stages.append(Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)))
    owner = {"pid": os.getpid(), "started": _started(os.getpid()), **_machine()}
    (stages[0] / _OWNER).write_text(json.dumps(owner), "utf-8")
    tree = stages[0] / "tree"
    tree.mkdir()
    return tree


def _clear(stages: list[Path], parents: list[Path]) -> None:
    for folder in stages:
        shutil.rmtree(folder, ignore_errors=True)
    for folder in parents:
        with suppress(OSError):
            folder.rmdir()


def move(tree: Path, target: Path) -> None:
    """Puts `tree` at `target` in one step; OSError if something is there by now.

    rename(2) replaces an empty folder and refuses a full one, so the first of two runs wins. An
    empty folder that was there keeps its permissions.
    """
    there = target.is_dir()
    tree.chmod(stat.S_IMODE(target.stat().st_mode) if there else 0o777 & ~_umask())
    if os.name == "nt" and target.is_dir():
        target.rmdir()
    tree.rename(target)
    _sync(target.parent)


def sweep(folder: Path) -> None:
    """Removes stages in `folder` whose owner is dead; one from elsewhere only after an hour."""
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError, TypeError, RecursionError):
            if not left.is_symlink() and _is_abandoned(left):
                shutil.rmtree(left, ignore_errors=True)


def _is_abandoned(left: Path) -> bool:
    owner = json.loads(read_regular(left / _OWNER, _OWNER_LIMIT))
    if not isinstance(owner, dict):
        return False
    pid, started = owner.get("pid"), owner.get("started")
    if type(pid) is not int or not 0 < pid <= _MAX_PID or not isinstance(started, str):
        return False
    here = _machine()
    ours = all(here.values()) and all(owner.get(name) == value for name, value in here.items())
    old = time.time() - left.stat().st_mtime > STALE_SECONDS
    return (ours or old) and not _alive(pid, started)


def _machine() -> dict[str, str]:
    """What must agree before a process id means the same process; "" where it is not known.

    Containers of one host share its boot and may share its name, never the PID namespace.
    """
    boot = pids = ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        pids = str(Path("/proc/self/ns/pid").readlink())
    return {"host": platform.node(), "boot": boot, "pids": pids}


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


def _make_parents(folder: Path, made: list[Path]) -> None:
    made += [p for p in (folder, *folder.parents) if not p.exists()]
    folder.mkdir(parents=True, exist_ok=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _sync(folder: Path) -> None:
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
