"""Makes and removes the folder that git is given in the place of theirs.

Invariant: it is ours alone, never inside of the folder that is reviewed, and gone when the review
ends; what a killed review left behind goes with a later one.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from scaffolder import stopping
from scaffolder.errors import EnvironmentProblem
from scaffolder.regularfile import read_regular
from scaffolder.review.git.gitdir import MAX_INDEX, Place, control
from scaffolder.review.git.gitindex import is_sparse
from scaffolder.review.git.gitrun import Git

PREFIX = "cleanroom-"
STALE_SECONDS = 3600
"""A folder that a dead process left is removed after this long."""

_CONFIG = """[core]
\trepositoryformatversion = 1
\tbare = true
\tcommitGraph = false
\tmultiPackIndex = false
\tuntrackedCache = false
\tfsmonitor = false
\tquotePath = false
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\thooksPath = /dev/null
[pack]
\treadReverseIndex = false
[extensions]
\tobjectFormat = {format}
"""
_SHARED = re.compile(r"sharedindex\.[0-9a-f]{40,64}")
_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@contextmanager
def room(avoid: Path) -> Iterator[Path]:
    """An empty folder for a review of `avoid`. EnvironmentProblem where none can be made."""
    tried: list[Path] = []
    try:
        yield _made(avoid, tried)
    finally:
        with stopping.held():
            for folder in tried:
                shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Furnished:
    """What was put in: `written` is when their index was, in nanoseconds, None without one.

    `sound` is whether git may read it, `cut` how many commits the history is cut off at.
    """

    written: int | None
    sound: bool
    cut: int


def furnish(git: Git, place: Place, object_format: str) -> Furnished:
    """Puts in what git needs of theirs: index, ignored names, where a history is cut off."""
    (git.gitdir / "objects").mkdir(parents=True)
    (git.gitdir / "refs").mkdir()
    (git.gitdir / "info").mkdir()
    (git.gitdir / "config").write_text(_CONFIG.format(format=object_format), "utf-8")
    (git.gitdir / "HEAD").write_text("ref: refs/heads/none\n", "utf-8")
    _copy_ignored(git, place)
    index = None if place.top is None else control(place.gitdir / "index", MAX_INDEX)
    cut = _copy_shallow(git, place)
    if index is None:
        return Furnished(None, True, cut)
    _copy_index(git, place, index)
    written = (place.gitdir / "index").lstat().st_mtime_ns
    return Furnished(written, _is_sound(index, object_format), cut)


def drop_index(git: Git) -> None:
    """Takes an index out that git cannot read, so that it can go on without."""
    for path in (git.gitdir / "index", *git.gitdir.glob("sharedindex.*")):
        path.unlink(missing_ok=True)


def _made(avoid: Path, tried: list[Path]) -> Path:
    """A new folder; it is in `tried` before it is there, so that no signal can leave it behind."""
    for base in _bases():
        if Path(os.path.realpath(base)).is_relative_to(avoid):
            continue
        with suppress(OSError):
            base.mkdir(parents=True, exist_ok=True)
            _sweep(base)
            tried.append(base / f"{PREFIX}{os.getpid()}-{os.urandom(8).hex()}")
            tried[-1].mkdir(mode=0o700)
            return tried[-1]
    raise EnvironmentProblem(
        f"there is nowhere to write outside of {avoid}", "Set TMPDIR to a folder elsewhere."
    )


def _bases() -> Iterator[Path]:
    from platformdirs import user_cache_path

    yield user_cache_path("scaffold", appauthor=False)
    # Not tempfile.gettempdir(): it tries TMPDIR by writing there, and that may be the target.
    yield from (Path(p) for p in (os.environ.get("TMPDIR"), "/tmp", "/var/tmp") if p)


def _sweep(base: Path) -> None:
    for left in base.glob(f"{PREFIX}*"):
        with suppress(OSError):
            old = time.time() - left.lstat().st_mtime > STALE_SECONDS
            if old and not left.is_symlink() and not _alive(left.name.split("-")[1]):
                shutil.rmtree(left, ignore_errors=True)


def _alive(pid: str) -> bool:
    if not re.fullmatch(r"[1-9]\d{0,8}", pid):
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _copy_index(git: Git, place: Place, content: bytes) -> None:
    (git.gitdir / "index").write_bytes(content)
    if b"link" in content:
        parts = (p for p in place.gitdir.iterdir() if _SHARED.fullmatch(p.name))
        for shared in sorted(parts)[:4]:
            part = control(shared, MAX_INDEX) or b""
            if not is_sparse(part, (len(shared.name) - len("sharedindex.")) // 2):
                (git.gitdir / shared.name).write_bytes(part)


def _is_sound(index: bytes, object_format: str) -> bool:
    """Whether the checksum at the end is right, and no entry is a whole folder.

    Git no longer looks at the checksum, and may leave it zero.
    """
    width = 20 if object_format == "sha1" else 32
    if is_sparse(index, width):
        return False
    found = hashlib.new(object_format, index[:-width], usedforsecurity=False).digest()
    return index[-width:] in (found, bytes(width))


def _copy_shallow(git: Git, place: Place) -> int:
    lines = (control(place.common / "shallow") or b"").split()
    ids = [line for line in lines if _ID.fullmatch(line)]
    if ids:
        (git.gitdir / "shallow").write_bytes(b"".join(i + b"\n" for i in ids))
    return len(ids)


def _copy_ignored(git: Git, place: Place) -> None:
    info = place.common / "info"
    try:
        if info.is_symlink():
            return
        content = read_regular(info / "exclude", 1024 * 1024)
    except OSError:
        return  # it only says which untracked files are of no interest
    (git.gitdir / "info" / "exclude").write_bytes(content)
