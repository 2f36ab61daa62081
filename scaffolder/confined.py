"""Runs a stranger's command in a box until it ends or has used up what it may use.

Invariant: when `run` returns, nothing that the command started runs on; what is held of its output
is bounded, whatever it prints.
"""

import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from typing import IO

from scaffolder import runner
from scaffolder.runner import Child
from scaffolder.sandbox import Box, Room, confined

MAX_KEPT = 4 * 1024 * 1024
"""Bytes of each stream that are kept: its end, where the one result of a command stands."""

MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes of output after which a command is ended: ten times the longest test log we know of."""

MAX_ADDRESSES = 8 * 1024**3
"""Bytes of addresses of one process: numpy and torch reserve some 4 GiB and use little of it."""

MAX_RESIDENT = 4 * 1024**3
"""Bytes of memory that all processes of a command may really use."""

MAX_PROCESSES = 512
"""Processes of a command at once; a test run with a worker for each core has some dozens."""

MAX_FILE = 256 * 1024**2
"""Bytes of a file that a command may write."""

MAX_OPEN = 4096
"""Files that one process may hold open."""

LOOK_SECONDS = 0.2
"""How often it is looked what a command uses."""

GRACE_SECONDS = 1.0
"""How long the pipes of a command that has ended are still read."""

_CHUNK = 64 * 1024
_SHELL = "/bin/sh"


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    `exit_code` is negative where a signal ended it; `why` is what we ended it for ("time",
    "memory", "processes", "output", "stopped"), "" where it ended by itself. Of very long output
    the end is kept; `sha256` is of all of stdout.
    """

    exit_code: int
    seconds: float
    stdout: str
    stderr: str
    sha256: str
    why: str = ""


class _Reader:
    """Reads a pipe to its end in a thread of its own, and keeps the last of it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self.pipe = pipe
        self.digest = hashlib.sha256()
        self.size = 0
        self._kept: deque[bytes] = deque()
        self._held = 0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def finish(self) -> str:
        """What was printed, with plain line ends; of very much the end."""
        self.thread.join(GRACE_SECONDS)
        if not self.thread.is_alive():
            self.pipe.close()
        content = b"".join(list(self._kept))[-MAX_KEPT:]
        return content.decode("utf-8", "replace").replace("\r\n", "\n")

    def _read(self) -> None:
        while chunk := os.read(self.pipe.fileno(), _CHUNK):
            self.digest.update(chunk)
            self.size += len(chunk)
            self._kept.append(chunk)
            self._held += len(chunk)
            while self._held - len(self._kept[0]) >= MAX_KEPT:
                self._held -= len(self._kept.popleft())


def run(
    box: Box,
    room: Room,
    command: Sequence[str],
    seconds: float,
    is_stopped: Callable[[], bool] | None = None,
) -> Ended:
    """Runs `command` in the box for at most `seconds` of wall-clock time.

    EnvironmentProblem where the box cannot be started; a command that is not there ends with 127.
    """
    started = time.monotonic()
    folder, env = (Path("/"), {}) if box.is_closed else (room.copy, dict(room.variables))
    child = runner.start(confined(box, room, _limited(box, command)), folder, env)
    readers = _readers(child)
    try:
        why = _watch(child, readers, started + seconds, is_stopped)
    finally:
        runner.kill(child)
    took = time.monotonic() - started
    out, aside = (reader.finish() for reader in readers)
    return Ended(_code(child, box), took, out, aside, readers[0].digest.hexdigest(), why)


def _readers(child: Child) -> tuple[_Reader, _Reader]:
    if child.stdout is None or child.stderr is None:
        raise ValueError("the command was not started with pipes")
    return _Reader(child.stdout), _Reader(child.stderr)


def _limited(box: Box, command: Sequence[str]) -> list[str]:
    """The command behind a shell that sets its limits; one that a system has not is left out.

    The number of processes counts those of a user, so it can be limited where the user is new.
    """
    limits = [f"-v {MAX_ADDRESSES // 1024}", f"-f {MAX_FILE // 512}", f"-n {MAX_OPEN}", "-c 0"]
    words = [f"ulimit {limit} 2>/dev/null;" for limit in limits]
    if box.is_closed:
        most = MAX_PROCESSES
        words.append(f"ulimit -u {most} 2>/dev/null || ulimit -p {most} 2>/dev/null;")
    return [_SHELL, "-c", " ".join([*words, 'exec "$@"']), "sh", *command]


def _watch(
    child: Child,
    readers: Sequence[_Reader],
    deadline: float,
    is_stopped: Callable[[], bool] | None,
) -> str:
    """Waits for the end; why it must be ended, "" where it ended by itself."""
    looked = time.monotonic()
    while True:
        with suppress(TimeoutExpired):
            child.wait(runner.POLL_SECONDS)
            return ""
        if is_stopped and is_stopped():
            return "stopped"
        if time.monotonic() > deadline:
            return "time"
        if sum(reader.size for reader in readers) > MAX_OUTPUT:
            return "output"
        if time.monotonic() - looked > LOOK_SECONDS:
            if why := _too_much(child.pid):
                return why
            looked = time.monotonic()


def _too_much(pid: int) -> str:
    """What all processes of a command together use too much of, where the system tells it."""
    family = _family(pid)
    if len(family) > MAX_PROCESSES:
        return "processes"
    if sum(family) * _page() > MAX_RESIDENT:
        return "memory"
    return ""


def _page() -> int:
    return os.sysconf("SC_PAGE_SIZE")


def _family(pid: int) -> list[int]:
    """The pages that each descendant of a process holds in memory."""
    above: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            above[int(entry.name)] = (int(fields[1]), int(fields[21]))
    children: dict[int, list[int]] = {}
    for each, (parent, _) in above.items():
        children.setdefault(parent, []).append(each)
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        found.append(above[each][1] if each in above else 0)
        waiting += children.get(each, [])
    return found


def _code(child: Child, box: Box) -> int:
    """The exit code; the sandbox tells a signal as a shell does, as 128 and its number."""
    code = child.returncode
    return 128 - code if box.is_closed and 128 < code <= 128 + 64 else code
