"""The program in a terminal of its own: keys go in, every byte that comes out is kept.

Nothing here sleeps to wait for the program: it waits for what the program writes, or for its end.
"""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
READY = b"(RAG)"
"""A word of the list of skills, which is drawn last: what is kept is read in a thread."""

ON, OFF = b"h", b"l"
MODES = {
    b"1049": OFF,  # the alternate screen
    b"1000": OFF,  # the mouse
    b"1003": OFF,
    b"1006": OFF,
    b"1015": OFF,
    b"1016": OFF,
    b"1004": OFF,  # focus
    b"2004": OFF,  # pasting
    b"2048": OFF,  # sizes
    b"25": ON,  # the cursor
    b"7": ON,  # wrapping
}
"""How each mode has to stand when the program is over."""

_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_CANONICAL = termios.ECHO | termios.ICANON | termios.ISIG


class Terminal:
    """`python -m scaffolder` (or what `words` say) with a terminal of `size`, read to its end."""

    def __init__(
        self,
        *words: str,
        size: tuple[int, int] = (80, 24),
        variables: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stderr: int | None = None,
    ) -> None:
        self.master, self.slave = os.openpty()
        self.resize(*size)
        self.written = b""
        self._mark = 0
        self.child = subprocess.Popen(
            [sys.executable, *(words or ("-m", "scaffolder"))],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave if stderr is None else stderr,
            cwd=folder,
            env=environment(variables or {}),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        self.hang_up()

    def resize(self, columns: int, rows: int) -> None:
        """Another size; the program is told."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for(self, wanted: bytes = READY) -> bytes:
        """What was written since the last wait, as soon as `wanted` is in it."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.written[self._mark :]:
            assert self.child.poll() is None, f"it ended: {self.written[-2000:]!r}"
            assert time.monotonic() < deadline, f"no {wanted!r}: {self.written[-2000:]!r}"
            time.sleep(0.01)
        new, self._mark = self.written[self._mark :], len(self.written)
        return new

    def type(self, keys: bytes) -> None:
        """Types; what was written before is not waited for any more."""
        self._mark = len(self.written)
        os.write(self.master, keys)

    def quiet(self, seconds: float = 0.4) -> None:
        """Waits until nothing more is written for a while: all work that was begun is shown."""
        deadline, last, since = time.monotonic() + PATIENCE, -1, time.monotonic()
        while time.monotonic() < min(deadline, since + seconds):
            if len(self.written) != last:
                last, since = len(self.written), time.monotonic()
            time.sleep(0.01)

    def ends(self) -> int:
        """The exit code, with all that was written read."""
        code = self.child.wait(PATIENCE)
        self._ended = True
        self._reader.join(PATIENCE)
        return code

    def hang_up(self) -> None:
        """The terminal is closed."""
        self._ended = True
        self._reader.join(PATIENCE)
        for descriptor in (self.slave, self.master):
            with suppress(OSError):
                os.close(descriptor)
        self.slave = self.master = -1

    def faults(self) -> list[str]:
        """What is not as it was before the program ran."""
        left = dict(MODES)
        found = {}
        for match in _MODE.finditer(self.written):
            for mode in match[1].split(b";"):
                found[mode] = match[2]
        faults = [f"mode {m.decode()}" for m, want in left.items() if found.get(m, want) != want]
        if termios.tcgetattr(self.slave)[3] & _CANONICAL != _CANONICAL:
            faults.append("no echo, or not line by line")
        if self.written.count(b"\x1b[<u") < len(re.findall(rb"\x1b\[>\d+u", self.written)):
            faults.append("the keyboard protocol")
        return faults

    def said(self) -> bytes:
        """What was written after the alternate screen was left, without modes."""
        after = self.written.rpartition(b"\x1b[?1049l")[2]
        return re.sub(rb"\x1b\[[?<>]?[\d;]*[a-zA-Z]|\x1b\]22;[a-z]*\x07", b"", after).strip()

    def _read(self) -> None:
        while True:
            # Asked before looking: what is written in between is read in the next round.
            ended = self._ended
            ready = select.select([self.master], [], [], 0.02)[0]
            if not ready:
                if ended:
                    return
                continue
            try:
                data = os.read(self.master, 65_536)
            except OSError:
                return
            if not data:
                return
            self.written += data


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """That of a common terminal, with what the test sets."""
    kept = {n: v for n, v in os.environ.items() if n not in ("NO_COLOR", "COLORFGBG", "TMUX")}
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)])
    return {**kept, "TERM": "xterm-256color", "PYTHONPATH": paths, **variables}


def survivors(home: Path) -> Sequence[str]:
    """Processes that still run with this home: children that were left behind."""
    deadline = time.monotonic() + 3
    while (found := _running(home)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def _running(home: Path) -> Sequence[str]:
    mark, found = f"HOME={home}".encode(), []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes().split(b"\0") and place.name != _me():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def _me() -> str:
    return str(os.getpid())
