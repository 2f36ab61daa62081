"""Runs git, and only git, over a folder of ours.

Invariant: git gets an environment from scratch, a configuration that we wrote and one of four
reading commands; it is stopped with its group when its time is over, and always waited for. What
it says on stderr is never shown: it may quote files that are none of our business.
"""

import os
import re
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from scaffolder import stopping
from scaffolder.errors import EnvironmentProblem

BUDGET = 60.0
"""Seconds that a review waits for git in all."""

STALL = 8.0
"""Seconds that one command may keep us waiting, unless it is given less."""

MEMORY = 1024**3
"""Bytes that one git may hold, where the system can enforce it (Linux)."""

OLDEST = (2, 32)
"""The git that brought GIT_CONFIG_GLOBAL, without which the user's own settings would be read."""

_ALLOWED = frozenset({"cat-file", "diff-tree", "ls-files", "rev-list"})
_CHUNK = 1 << 18
_LONGEST = 1 << 20
_VERSION = re.compile(rb"git version (\d+)\.(\d+)")


@dataclass
class Purse:
    """What is left of the time that a review waits for git."""

    left: float = BUDGET


@dataclass(frozen=True)
class Git:
    """A clean room: `folder` is ours and holds `git`, the folder that git takes for its own."""

    program: str
    folder: Path
    objects: Path
    purse: Purse = field(default_factory=Purse)

    @property
    def gitdir(self) -> Path:
        """The folder that is given to git in the place of theirs."""
        return self.folder / "git"


class Output:
    """What one git says. `ok` is known at the end: it ended by itself, in time, without error."""

    def __init__(self, process: subprocess.Popen[bytes], purse: Purse, seconds: float) -> None:
        self.ok = False
        self._process = process
        self._purse = purse
        self._left = seconds
        self._buffer = bytearray()
        assert process.stdout is not None
        self._pipe = process.stdout.fileno()

    def chunk(self) -> bytes:
        """The next bytes; b"" at the end, and where git keeps us waiting for too long."""
        if self._buffer:
            found, self._buffer = bytes(self._buffer), bytearray()
            return found
        return self._read()

    def pieces(self, end: bytes) -> Iterator[bytes]:
        """The parts that `end` ends; one that is not ended or very long is left out."""
        rest = b""
        while chunk := self.chunk():
            *whole, rest = (rest + chunk).split(end)
            yield from whole
            if len(rest) > _LONGEST:
                self.ok = False
                return

    def line(self) -> bytes:
        """The next line without its end; b"" at the end."""
        while (at := self._buffer.find(b"\n")) < 0:
            more = self._read()
            if not more or len(self._buffer) > _LONGEST:
                return b""
            self._buffer += more
        found = bytes(self._buffer[:at])
        del self._buffer[: at + 1]
        return found

    def exactly(self, size: int) -> bytes:
        """The next `size` bytes; fewer where git ended before."""
        while len(self._buffer) < size and (more := self._read()):
            self._buffer += more
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found

    def _read(self) -> bytes:
        wait = max(0.0, min(self._left, self._purse.left))
        begun = time.monotonic()
        ready, _, _ = select.select([self._pipe], [], [], wait)
        spent = time.monotonic() - begun
        self._left -= spent
        self._purse.left -= spent
        if not ready:
            return b""
        found = os.read(self._pipe, _CHUNK)
        if not found:
            with suppress(subprocess.TimeoutExpired):
                self.ok = self._process.wait(1) == 0
        return found


@contextmanager
def running(
    git: Git, *words: str, stdin: bytes = b"", top: Path | None = None, seconds: float = STALL
) -> Iterator[Output]:
    """One git command, its output read as it comes; `top` is the working tree where it needs one.

    `seconds` counts the time spent waiting for it. It is dead when the context ends.
    """
    assert words[0] in _ALLOWED, words[0]
    started: list[subprocess.Popen[bytes]] = []
    try:
        with stopping.held():
            started.append(_started(git, words, stdin, top))
        yield Output(started[0], git.purse, seconds)
    finally:
        for process in started:
            _end(process)


def _started(
    git: Git, words: Sequence[str], stdin: bytes, top: Path | None
) -> subprocess.Popen[bytes]:
    with tempfile.TemporaryFile(dir=git.folder) as given:
        given.write(stdin)
        given.seek(0)
        process = subprocess.Popen(
            [git.program, *words],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=git.folder,
            env=_environment(git, top),
            start_new_session=True,
        )
    _limit_memory(process.pid)
    return process


def ask(
    git: Git,
    *words: str,
    stdin: bytes = b"",
    top: Path | None = None,
    seconds: float = STALL,
    cap: int = 256 * 1024**2,
) -> tuple[bytes, bool]:
    """All that a command says, at most about `cap` bytes, and whether that is all there was."""
    found: list[bytes] = []
    with running(git, *words, stdin=stdin, top=top, seconds=seconds) as output:
        while cap > 0 and (chunk := output.chunk()):
            found.append(chunk)
            cap -= len(chunk)
        return b"".join(found), output.ok


def program(root: Path) -> str:
    """The absolute path of git, never one from inside `root`.

    EnvironmentProblem where there is none, or none that can be told to read no settings.
    """
    return _program(os.environ.get("PATH", os.defpath), root)


@lru_cache(maxsize=8)
def _program(search: str, root: Path) -> str:
    outside = [p for p in search.split(os.pathsep) if Path(p).is_absolute() and not _below(p, root)]
    import shutil

    found = shutil.which("git", path=os.pathsep.join(outside)) if outside else None
    if found is None:
        raise EnvironmentProblem("git is not installed, or not on PATH", "Install git.")
    version = _VERSION.match(_version(found))
    if version is None:
        raise EnvironmentProblem(f"{found} does not work as git", "Run: git --version")
    if (int(version[1]), int(version[2])) < OLDEST:
        raise EnvironmentProblem(
            f"{found} is git {int(version[1])}.{int(version[2])}; a review needs 2.32 or newer",
            "Update git.",
        )
    return found


def _version(found: str) -> bytes:
    try:
        return subprocess.run(
            [found, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={"PATH": os.defpath},
            timeout=10,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return b""


def _below(path: str, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(root)


def alone(git: Git) -> dict[str, str]:
    """The variables of a git that sees our folder, the project's objects and nobody's settings."""
    return {
        "PATH": os.defpath,
        "HOME": str(git.folder),
        "LC_ALL": "C.UTF-8",
        "GIT_DIR": str(git.gitdir),
        "GIT_OBJECT_DIRECTORY": str(git.objects),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_CEILING_DIRECTORIES": "/",
    }


def _environment(git: Git, top: Path | None) -> dict[str, str]:
    found = alone(git)
    return found if top is None else {**found, "GIT_WORK_TREE": str(top)}


def _limit_memory(pid: int) -> None:
    try:
        import resource

        resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))
    except (ImportError, AttributeError, OSError, ValueError):
        return  # not Linux, or git is done already: the deadline still holds


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
