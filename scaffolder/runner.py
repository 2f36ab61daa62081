"""Runs a project's declared commands in the project's own environment.

Invariant: the environment is `.venv` in the project, made once and reused by everyone; commands
see its `bin` first on PATH and no variable of the environment this program runs in.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder.errors import EnvironmentProblem

_OURS = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PIP_REQUIRE_VIRTUALENV", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True)
class Completed:
    """How a command ended: exit code, wall-clock seconds, what it printed on stdout."""

    argv: Sequence[str]
    exit_code: int
    seconds: float
    stdout: str


def ensure_environment(project: Path, narrate: Callable[[str], None]) -> Path:
    """The project's `.venv`, made where it is missing; returns its `bin` folder."""
    venv = project / ".venv"
    bin_folder = venv / ("Scripts" if os.name == "nt" else "bin")
    if not (venv / "pyvenv.cfg").exists():
        narrate("making the project's environment in .venv")
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise EnvironmentProblem(
                f"no environment could be made in {venv}",
                "This Python has no working `venv` module (Debian: apt install python3-venv).",
            )
    return bin_folder


def run(project: Path, argv: Sequence[str], narrate: Callable[[str], None]) -> Completed:
    """Runs `argv` from the project's root, narrating its lines as they come.

    The one JSON object that a `--json` command prints is its result and is not narrated.
    """
    bin_folder = ensure_environment(project, narrate)
    started = time.monotonic()
    with _start(project, argv, bin_folder) as child:
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
    except OSError as error:
        raise EnvironmentProblem(
            f"`{argv[0]}` cannot be started: {error.strerror}", "Run the project's setup first."
        ) from error


def _follow(
    child: "subprocess.Popen[str]", narrate: Callable[[str], None], show_stdout: bool
) -> str:
    def drain() -> None:
        for line in child.stderr or ():
            narrate(line.rstrip("\n"))

    aside = threading.Thread(target=drain, daemon=True)
    aside.start()
    lines = []
    try:
        for line in child.stdout or ():
            lines.append(line)
            if show_stdout:
                narrate(line.rstrip("\n"))
        aside.join()
    except BaseException:
        child.kill()
        raise
    return "".join(lines)


def _in(bin_folder: Path, program: str) -> str:
    there = bin_folder / program
    return str(there) if there.exists() else program


def _environment(bin_folder: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    return {**kept, "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
