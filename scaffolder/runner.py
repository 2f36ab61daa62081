"""Runs a project's declared commands in the project's own environment.

Invariant: the environment is `.venv` in the project, made whole or not at all and reused by
everyone; commands see its `bin` first on PATH and no variable of the environment this program
runs in. A command is over when its process has ended, whatever it left running behind it.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from scaffolder.errors import EnvironmentProblem

GRACE_SECONDS = 2.0
"""How long the pipes of a command that has ended are still read: something may hold them open."""

_OURS = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PIP_REQUIRE_VIRTUALENV", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True)
class Completed:
    """How a command ended: exit code, wall-clock seconds, what it printed on stdout."""

    argv: Sequence[str]
    exit_code: int
    seconds: float
    stdout: str


@dataclass
class _Reader:
    """Reads a pipe to its end in a thread of its own: a full pipe would stop the command."""

    pipe: IO[str]
    tell: Callable[[str], None] | None
    lines: list[str] = field(default_factory=list)
    failure: Exception | None = None

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def finish(self) -> None:
        """Waits for the rest; raises what `tell` raised."""
        self.thread.join(GRACE_SECONDS)
        if not self.thread.is_alive():
            self.pipe.close()
        if self.failure:
            raise self.failure

    def _read(self) -> None:
        for line in self.pipe:
            self.lines.append(line)
            try:
                if self.tell and not self.failure:
                    self.tell(line.rstrip("\n"))
            except Exception as error:
                self.failure = error


def ensure_environment(project: Path, narrate: Callable[[str], None]) -> Path:
    """The project's `.venv`, made where it is missing; returns its `bin` folder.

    EnvironmentProblem if it cannot be made; half of one is not left behind.
    """
    venv = project / ".venv"
    if not (venv / "pyvenv.cfg").exists():
        narrate("making the project's environment in .venv")
        was_there = venv.exists()
        try:
            _make(venv)
        except BaseException:
            if not was_there:
                shutil.rmtree(venv, ignore_errors=True)
            raise
    return venv / ("Scripts" if os.name == "nt" else "bin")


def _make(venv: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(venv)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if made.returncode:
        said = (made.stderr or made.stdout).strip().splitlines() or ["it did not say why"]
        raise EnvironmentProblem(
            f"no environment could be made in {venv}: {said[-1]}",
            "This Python may have no working `venv` module (Debian: apt install python3-venv).",
        )


def run(project: Path, argv: Sequence[str], narrate: Callable[[str], None]) -> Completed:
    """Runs `argv` from the project's root, narrating its lines as they come.

    The one JSON object that a `--json` command prints is its result and is not narrated.
    """
    bin_folder = ensure_environment(project, narrate)
    started = time.monotonic()
    child = _start(project, argv, bin_folder)
    stdout = _follow(child, narrate, show_stdout="--json" not in argv)
    return Completed(tuple(argv), child.returncode, time.monotonic() - started, stdout)


def _start(project: Path, argv: Sequence[str], bin_folder: Path) -> "subprocess.Popen[str]":
    try:
        return subprocess.Popen(
            [_in(bin_folder, argv[0]), *argv[1:]],
            cwd=project,
            env=_environment(bin_folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"`{argv[0]}` cannot be started: {getattr(error, 'strerror', None) or error}",
            "Run the project's setup first.",
        ) from error


def _follow(
    child: "subprocess.Popen[str]", narrate: Callable[[str], None], show_stdout: bool
) -> str:
    if child.stdout is None or child.stderr is None:
        raise ValueError("the command was not started with pipes")
    out = _Reader(child.stdout, narrate if show_stdout else None)
    aside = _Reader(child.stderr, narrate)
    try:
        child.wait()
        aside.finish()
        out.finish()
    except BaseException:
        child.kill()
        child.wait()
        raise
    return "".join(out.lines)


def _in(bin_folder: Path, program: str) -> str:
    there = bin_folder / program
    return str(there) if there.exists() else program


def _environment(bin_folder: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    return {**kept, "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
