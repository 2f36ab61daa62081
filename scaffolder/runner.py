"""Runs a project's declared commands in the project's own environment.

Invariant: the environment is `.venv` in the project, made whole or not at all and reused by
everyone; commands see its `bin` first on PATH and no variable of the environment this program
runs in. A command is over when its process has ended, whatever it left running behind it; one that
is stopped takes all that it started with it. What is held of its output is bounded.
"""

import codecs
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scaffolder import stopping
from scaffolder.errors import EnvironmentProblem, Interrupted

GRACE_SECONDS = 2.0
"""How long the pipes of a command that has ended are still read: something may hold them open."""

STOP_SECONDS = 3.0
"""How long a command that was asked to end may take before it is killed."""

POLL_SECONDS = 0.05
"""How often it is looked whether a command is still wanted."""

MAX_KEPT = 8 * 1024 * 1024
"""Characters of stdout that are kept: its end, where the one result of a command stands."""

MAX_LINE = 16 * 1024
"""Characters of a line that are narrated; how many more there were is said."""

_CHUNK = 64 * 1024
_MARK = "SCAFFOLD_RUN"
_OURS = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PIP_REQUIRE_VIRTUALENV", "__PYVENV_LAUNCHER__")

Tell = Callable[[str], None]
Asked = Callable[[], bool]


@dataclass(frozen=True)
class Completed:
    """How a command ended: exit code, wall-clock seconds, what it printed on stdout.

    `cut` where stdout is only the end of what was printed; `stopped` where we ended it.
    """

    argv: Sequence[str]
    exit_code: int
    seconds: float
    stdout: str
    cut: bool = False
    stopped: bool = False


@dataclass(frozen=True)
class Executed:
    """How a program ended: exit code, wall-clock seconds, the end of what it printed."""

    exit_code: int
    seconds: float
    stdout: str
    stderr: str
    stopped: bool


class Child(subprocess.Popen[bytes]):
    """A command; `mark` is in its environment and in that of all that it starts."""

    mark = ""


class _Reader:
    """Reads a pipe to its end in a thread of its own: a full pipe would stop the command."""

    def __init__(self, pipe: IO[bytes], tell: Tell | None, passing: Tell | None) -> None:
        self.pipe = pipe
        self.tell = tell
        self.passing = passing
        self.failure: Exception | None = None
        self.cut = False
        self._kept: list[str] = []
        self._size = 0
        self._rest = ""
        self._over = 0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    @property
    def text(self) -> str:
        """What was printed, with plain line ends; of very much the end."""
        return "".join(self._kept)[-MAX_KEPT:].replace("\r\n", "\n")

    def finish(self) -> None:
        """Waits for the rest; raises what `tell` raised, and nothing is told after that."""
        self.thread.join(GRACE_SECONDS)
        if not self.thread.is_alive():
            self.pipe.close()
        self.tell = self.passing = None
        if self.failure:
            raise self.failure

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while chunk := os.read(self.pipe.fileno(), _CHUNK):
            self._take(decoder.decode(chunk))
        self._take(decoder.decode(b"", final=True))
        if self._rest:
            self._say(self.tell, self._line())

    def _take(self, text: str) -> None:
        self._keep(text)
        *whole, last = text.split("\n")
        for part in whole:
            self._add(part)
            self._say(self.tell, self._line())
        self._add(last)
        if self._rest:
            self._say(self.passing, _shown(self._rest))

    def _keep(self, text: str) -> None:
        self._kept.append(text)
        self._size += len(text)
        if self._size > 2 * MAX_KEPT:
            self._kept = ["".join(self._kept)[-MAX_KEPT:]]
            self._size, self.cut = MAX_KEPT, True

    def _add(self, part: str) -> None:
        """More of the line that is not ended yet; what a carriage return begins again is new."""
        joined = self._rest + part
        if "\r" in joined.rstrip("\r"):
            joined, self._over = _shown(joined) + joined[len(joined.rstrip("\r")) :], 0
        self._rest = joined[:MAX_LINE]
        self._over += len(joined) - len(self._rest)

    def _line(self) -> str:
        more = f"… (+{self._over} characters)" if self._over else ""
        line = _shown(self._rest) + more
        self._rest, self._over = "", 0
        return line

    def _say(self, tell: Tell | None, line: str) -> None:
        try:
            if tell and not self.failure:
                tell(line)
        except Exception as error:
            self.failure = error


def ensure_environment(project: Path, narrate: Tell, is_stopped: Asked | None = None) -> Path:
    """The project's `.venv`, made where it is missing; returns its `bin` folder.

    EnvironmentProblem if it cannot be made, Interrupted if it was stopped; half of one is not
    left behind.
    """
    venv = project / ".venv"
    if not (venv / "pyvenv.cfg").exists():
        narrate("making the project's environment in .venv")
        was_there = venv.exists()
        try:
            _make(venv, is_stopped)
            (venv / ".gitignore").write_text("*\n")  # as venv itself does from Python 3.13 on
        except BaseException:
            if not was_there:
                shutil.rmtree(venv, ignore_errors=True)
            raise
    return venv / ("Scripts" if os.name == "nt" else "bin")


def _make(venv: Path, is_stopped: Asked | None) -> None:
    child = start([sys.executable, "-I", "-m", "venv", str(venv)], venv.parent, os.environ)
    readers = _readers(child, None, None, None)
    if _follow(child, readers, is_stopped):
        raise Interrupted("stopped while the environment was being made; none is left behind.")
    if child.returncode:
        said = [r.text.strip() for r in readers if r.text.strip()][-1:] or ["it did not say why"]
        raise EnvironmentProblem(
            f"no environment could be made in {venv}: {said[0].splitlines()[-1]}",
            "This Python may have no working `venv` module (Debian: apt install python3-venv).",
        )


def run(
    project: Path,
    argv: Sequence[str],
    narrate: Tell,
    out: Tell | None = None,
    passing: Tell | None = None,
    is_stopped: Asked | None = None,
) -> Completed:
    """Runs `argv` from the project's root, narrating its lines as they come, in other threads.

    `out` gets the lines of stdout; without it they are narrated, except for the one JSON object
    that a `--json` command prints, which is its result. `passing` gets what stands on a line that
    is not ended yet, such as a progress bar. `is_stopped` is asked whether to end it.
    """
    started = time.monotonic()
    try:
        bin_folder = ensure_environment(project, narrate, is_stopped)
    except Interrupted:
        return Completed(tuple(argv), -1, time.monotonic() - started, "", stopped=True)
    started = time.monotonic()
    child = start([_in(bin_folder, argv[0]), *argv[1:]], project, _environment(bin_folder))
    readers = _readers(child, out or (None if "--json" in argv else narrate), narrate, passing)
    stopped = _follow(child, readers, is_stopped)
    seconds, said = time.monotonic() - started, readers[0]
    return Completed(tuple(argv), child.returncode, seconds, said.text, said.cut, stopped)


def execute(
    argv: Sequence[str], folder: Path, env: Mapping[str, str], is_stopped: Asked | None = None
) -> Executed:
    """Runs `argv` in `folder` with `env` as its whole environment; nothing is narrated."""
    started = time.monotonic()
    child = start(argv, folder, env)
    readers = _readers(child, None, None, None)
    stopped = _follow(child, readers, is_stopped)
    seconds, (out, aside) = time.monotonic() - started, readers
    return Executed(child.returncode, seconds, out.text, aside.text, stopped)


def start(argv: Sequence[str], folder: Path, env: Mapping[str, str]) -> Child:
    """In a session of its own: a signal reaches it and all that it started, and nobody else."""
    mark = secrets.token_hex(8)
    try:
        with stopping.held():
            child = Child(
                argv,
                cwd=folder,
                env={**env, _MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            child.mark = mark
            return child
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"`{Path(argv[0]).name}` cannot be started: "
            f"{getattr(error, 'strerror', None) or error}",
            "Run the project's setup first.",
        ) from error


def _readers(
    child: Child, out: Tell | None, aside: Tell | None, passing: Tell | None
) -> tuple[_Reader, _Reader]:
    if child.stdout is None or child.stderr is None:
        raise ValueError("the command was not started with pipes")
    shown = passing if out else None
    return _Reader(child.stdout, out, shown), _Reader(child.stderr, aside, passing)


def _follow(child: Child, readers: Sequence[_Reader], is_stopped: Asked | None) -> bool:
    """Waits for the end; whether it was stopped."""
    try:
        stopped = not _ended(child, is_stopped)
        if stopped:
            _end(child)
        for reader in reversed(readers):
            reader.finish()
    except BaseException:
        if child.poll() is None:
            _end(child)
        raise
    return stopped


def _ended(child: Child, is_stopped: Asked | None) -> bool:
    """Waits until it has ended by itself; false as soon as it is not wanted any more."""
    while True:
        try:
            child.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if is_stopped and is_stopped():
                return False
        else:
            return True


def _end(child: Child) -> None:
    """Asks the whole group to end, and kills what does not."""
    _signal(child, "SIGTERM")
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and _is_alive(child):
        time.sleep(POLL_SECONDS / 2)
    kill(child)


def kill(child: Child) -> None:
    """Kills a command and all that it started, at once, whether or not it has ended itself."""
    _signal(child, "SIGKILL")
    child.wait()
    _kill_strays(child.mark)


def _kill_strays(mark: str) -> None:
    """Kills what left the group until nothing carries the mark, where the system shows it."""
    wanted, found = f"{_MARK}={mark}".encode(), True
    while found:
        found = False
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)
                    found = True


def _is_alive(child: Child) -> bool:
    return child.poll() is None or _signal(child, "")


def _signal(child: Child, name: str) -> bool:
    """Sends a signal to the group, none to ask whether there is one; whether there was one."""
    if os.name == "nt":
        if name and child.poll() is None:
            child.kill()
        return False
    try:
        os.killpg(child.pid, getattr(signal, name) if name else 0)
    except OSError:
        return False
    return True


def _shown(line: str) -> str:
    """What a terminal would show of a line: what follows its last carriage return."""
    return line.rstrip("\r").rpartition("\r")[2]


def _in(bin_folder: Path, program: str) -> str:
    there = bin_folder / program
    return str(there) if there.exists() else program


def _environment(bin_folder: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    path = f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {"PYTHONUNBUFFERED": "1", **kept, "PATH": path}
