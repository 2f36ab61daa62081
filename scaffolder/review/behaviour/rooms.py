"""What a command of a trial may see of this machine.

Invariant: its copy is at the project's own path, so that an install that points there leads to the
copy; beside it there is the environment, to be read only, and one folder of ours to write into.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.review.behaviour import environment, modelserver
from scaffolder.sandbox import HOME, Room

if TYPE_CHECKING:
    from scaffolder.review.behaviour.bench import Bench, Trial

PORT = 8765
"""Where the scripted model is found on the sandbox's own loopback."""


def room(trial: "Trial", exchange: Path, env: Mapping[str, str]) -> Room:
    """What a command in a copy may see; `exchange` is where it is told and tells."""
    project = trial.bench.project
    if not trial.bench.box.is_closed:
        _link(trial.root / ".venv", project / ".venv")
        return Room(copy=trial.root, at=trial.root, variables=env)
    etc = _etc(trial.bench)
    return Room(
        copy=trial.root,
        at=project,
        readable=[environment.INSIDE, exchange],
        writable=[exchange / "said"],
        shown=[*environment.shown(project), *etc],
        variables=env,
    )


def _link(place: Path, target: Path) -> None:
    """Commands that name `.venv/bin` find it: in the open nothing can be bound there."""
    if target.exists() and not place.is_symlink() and not place.exists():
        place.symlink_to(target)


def _etc(bench: "Bench") -> list[tuple[Path, Path]]:
    """The two files of /etc without which no program finds its user, or localhost."""
    folder = bench.folder / "etc"
    if not folder.exists():
        folder.mkdir()
        passwd = f"sandbox:x:1000:1000::{HOME}:/bin/sh\n"
        (folder / "passwd").write_text(passwd, "utf-8")
        (folder / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n", "utf-8")
    return [(folder / name, Path("/etc", name)) for name in ("passwd", "hosts")]


def bridge(trial: "Trial", exchange: Path) -> list[str]:
    """The words before a command that reach the model through its socket."""
    python, script = environment.python(trial.at), environment.INSIDE / "bridge.py"
    return [python, "-I", "-S", str(script), str(exchange / modelserver.SOCKET), str(PORT)]
