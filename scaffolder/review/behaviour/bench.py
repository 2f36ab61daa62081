"""The bench: one project, its throw-away copies, and commands that run in them.

Invariant: a command sees a copy and the project's environment, no key and no token; the project
itself is never written to, and every copy is gone when the bench is closed.
"""

import json
import os
import secrets
import shlex
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from scaffolder import confined
from scaffolder.errors import Interrupted
from scaffolder.regularfile import read_regular
from scaffolder.review.behaviour import copying, environment, modelserver, rooms
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import (
    Asked,
    Break,
    ControlFailed,
    Declared,
    Outcome,
)
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.mask import mask
from scaffolder.review.model import count
from scaffolder.review.view import RepoView
from scaffolder.sandbox import Box
from scaffolder.sanitise import clean

if TYPE_CHECKING:
    from scaffolder.review.behaviour.modelserver import Served

T = TypeVar("T")

SECONDS = 60.0
"""How long a command may take where a try says nothing else: the rubric's bound of a demo."""

MOST_READ = 8 * 1024 * 1024
"""Bytes of a file that a command made and that are read."""

LONG = 300.0
"""Seconds for what runs over the whole corpus or the whole golden set."""


@dataclass(frozen=True)
class Bench:
    """A project being tried; `folder` holds the copies, `kept` what is made once."""

    project: Path
    declared: Declared
    folder: Path
    box: Box
    tell: Callable[[str], None]
    is_stopped: Callable[[], bool]
    keys: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


@dataclass(frozen=True)
class Trial:
    """One copy, free to be changed before a command is run in it."""

    bench: Bench
    root: Path

    @property
    def at(self) -> Path:
        """Where its commands see it: at the project's own path, where they are confined."""
        return self.bench.project if self.bench.box.is_closed else self.root


@contextmanager
def opened(
    view: RepoView,
    declared: Declared,
    box: Box,
    tell: Callable[[str], None],
    is_stopped: Callable[[], bool],
) -> Iterator[Bench]:
    """A bench with the copy that all others are made from; EnvironmentProblem without git."""
    folder = Path(tempfile.mkdtemp(prefix="scaffold-", dir=_short_folder()))
    try:
        copied = copying.made(view, folder / "base")
        if copied.left_out:
            tell(f"left out of the copy: {count(len(copied.left_out), 'file')} {_why(copied)}")
        keys = environment.invented_keys()
        yield Bench(view.root, declared, folder, box, tell, is_stopped, keys)
    finally:
        copying.removed(folder)


def _short_folder() -> str | None:
    """Where the system keeps temporary files; the path of a socket has a hundred characters."""
    return "/tmp" if len(tempfile.gettempdir()) > 60 and Path("/tmp").is_dir() else None


@contextmanager
def trial(bench: Bench, prepared: bool = True) -> Iterator[Trial]:
    """A fresh copy; `prepared`: the declared `ingest`, if there is one, was run in it."""
    source = _ingested(bench) if prepared else bench.folder / "base"
    root = bench.folder / f"copy-{secrets.token_hex(4)}"
    copying.duplicate(source, root)
    try:
        yield Trial(bench, root)
    finally:
        copying.removed(root)


def run(
    trial: Trial,
    argv: Sequence[str],
    *,
    variables: Mapping[str, str] | None = None,
    model: Script | None = None,
    breaks: Sequence[Break] = (),
    seconds: float = SECONDS,
) -> Outcome:
    """Runs a command in the copy to its end, or for `seconds`; with `model` one answers it.

    ControlFailed where a break could not be made, Interrupted where nobody waits any more.
    """
    bench = trial.bench
    exchange = bench.folder / f"x-{secrets.token_hex(3)}"
    (exchange / "home").mkdir(mode=0o700, parents=True)
    said = exchange / "said"
    said.mkdir()
    _configure(bench, exchange, breaks)
    before = copying.listed(trial.root)
    with _answering(bench, model, exchange) as served:
        port = _port(bench, served)
        env = {**environment.variables(bench, trial.at, exchange, port), **(variables or {})}
        bridge = rooms.bridge(trial, exchange) if bench.box.is_closed and served else []
        room = rooms.room(trial, exchange, env)
        done = confined.run(bench.box, room, [*bridge, *argv], seconds, bench.is_stopped)
        asked = served.asked() if served else Asked()
    if done.why == "stopped":
        raise Interrupted("stopped; nothing of the project runs on.")
    written = copying.changed(before, copying.listed(trial.root))
    outcome = _outcome(argv, done, asked, written, _imported(trial, said), said)
    _all_made(outcome, breaks, said)
    return outcome


def read(trial: Trial, path: str, limit: int = MOST_READ) -> str | None:
    """The text of a file that a command may have made; None where there is no regular file."""
    content = copying.read(trial.root, path, limit)
    return None if content is None else content.decode("utf-8", "replace")


def write(trial: Trial, path: str, text: str) -> None:
    """Changes a file of the copy, also after a command ran in it: no link is followed."""
    copying.put(trial.root, path, text.encode("utf-8", "surrogateescape"))


def once(bench: Bench, key: str, make: Callable[[], T]) -> T:
    """What `make` returned the first time; what it raised is raised again."""
    with bench.lock:
        if key not in bench.kept:
            try:
                bench.kept[key] = (make(), None)
            except Exception as error:
                bench.kept[key] = (None, error)
        found, problem = bench.kept[key]
    if problem is not None:
        raise problem
    return found  # type: ignore[no-any-return]


@contextmanager
def _answering(bench: Bench, model: Script | None, exchange: Path) -> Iterator["Served | None"]:
    """The scripted model while a command runs; at a socket of its own where that is confined."""
    if model is None:
        yield None
        return
    with modelserver.serving(model, exchange if bench.box.is_closed else None) as served:
        yield served


def _outcome(
    argv: Sequence[str],
    done: confined.Ended,
    asked: Asked,
    written: tuple[str, ...],
    imported: str,
    said: Path,
) -> Outcome:
    return Outcome(
        argv=tuple(argv),
        exit_code=done.exit_code,
        seconds=done.seconds,
        stdout=done.stdout,
        stderr=done.stderr,
        sha256=done.sha256,
        ended=done.why,
        imported=imported,
        written=written,
        asked=asked,
        called=any(said.glob("called-*")),
    )


def _port(bench: Bench, served: "Served | None") -> int | None:
    """Where a command finds the model: a sandbox has a loopback of its own, so any port is free."""
    if served is None:
        return None
    return rooms.PORT if bench.box.is_closed else served.port


def _configure(bench: Bench, exchange: Path, breaks: Sequence[Break]) -> None:
    config = {
        "package": bench.declared.package,
        "said": str(exchange / "said"),
        "breaks": [asdict(each) for each in breaks],
    }
    (exchange / "inside.json").write_text(json.dumps(config), "utf-8")


def _imported(trial: Trial, said: Path) -> str:
    """Where the package was imported from, as a path of this side of the sandbox."""
    try:
        path = read_regular(said / "imported", 4096).decode("utf-8", "replace")
    except OSError:
        return ""
    at = f"{os.path.realpath(trial.at)}{os.sep}"
    return str(trial.root / path[len(at) :]) if path.startswith(at) else path


def _all_made(outcome: Outcome, breaks: Sequence[Break], said: Path) -> None:
    """Nothing is concluded from a fault that was not there."""
    for number, each in enumerate(breaks):
        if not (said / f"broken-{number}").exists():
            seen = outcome.evidence(f"{each.target} was not loaded, so it could not be broken")
            raise ControlFailed(f"the command did not load {each.target}", seen)


def _why(copied: copying.Copied) -> str:
    return ", ".join(sorted(set(copied.left_out.values()))[:3])


def demo(bench: Bench) -> Outcome:
    """The control of a demo without a key: it ended well, with the package from the copy."""
    return once(bench, "demo", lambda: _worked(bench, command(bench.declared, "demo"), None))


def demo_with_model(bench: Bench) -> Outcome:
    """The control of a demo with a scripted model: it ended well, and it asked the model."""

    def make() -> Outcome:
        done = _worked(bench, command(bench.declared, "demo"), Script())
        if not done.asked.requests:
            seen = done.evidence("no request reached the scripted model")
            raise ControlFailed("the demo asked no model, with keys and base URLs set", seen)
        return done

    return once(bench, "demo with model", make)


def evaluated(bench: Bench) -> Outcome:
    """The control of an evaluation without a key: it ended well."""
    return once(bench, "eval", lambda: _worked(bench, command(bench.declared, "eval"), None, LONG))


def worked(trial: Trial, done: Outcome, must_import: bool = True) -> Outcome:
    """`done`, where it ended well and ran the copy's code; ControlFailed says what was not so.

    Of a command that is no Python's, or need not import the package, nothing is known where it
    told nothing.
    """
    name = clean(mask(shlex.join(done.argv)[:80]))
    if done.ended or done.exit_code:
        late = f"was ended after {done.seconds:.0f} s ({done.ended})"
        how = late if done.ended else f"ended with {done.exit_code}"
        last = ((done.stderr.strip() or done.stdout.strip()).splitlines() or ["nothing"])[-1]
        raise ControlFailed(f"`{name}` {how}", done.evidence(f"its last line: {last}"))
    if not _from_the_copy(trial, done, must_import):
        where = done.imported or "nowhere"
        seen = done.evidence(f"the package {trial.bench.declared.package} came from {where}")
        raise ControlFailed(f"`{name}` did not import the package from the copy", seen)
    return done


def _from_the_copy(trial: Trial, done: Outcome, must_import: bool) -> bool:
    if not trial.bench.declared.package:
        return True
    if not done.imported:
        must = must_import and Path(done.argv[0]).name.startswith("python")
        return not must or _is_its_script(trial, done)
    path = Path(done.imported)
    root = Path(os.path.realpath(trial.root))
    inside = path.is_relative_to(root) or path.is_relative_to(trial.root)
    return inside and ".venv" not in path.parts[len(root.parts) :]


def _is_its_script(trial: Trial, done: Outcome) -> bool:
    """Whether the one file of the project was run itself, and so was not imported by its name."""
    name = f"{trial.bench.declared.package}.py"
    return any(w in (name, f"./{name}") and (trial.root / w).is_file() for w in done.argv[1:])


def _worked(
    bench: Bench, argv: Sequence[str], model: Script | None, seconds: float = SECONDS
) -> Outcome:
    with trial(bench) as copy:
        return worked(copy, run(copy, argv, model=model, seconds=seconds))


def _ingested(bench: Bench) -> Path:
    """The copy in which `ingest` was run; the pristine one where none is declared."""
    if "ingest" not in bench.declared.commands:
        return bench.folder / "base"

    def make() -> Path:
        root = bench.folder / "ingested"
        copying.duplicate(bench.folder / "base", root)
        copy = Trial(bench, root)
        worked(copy, run(copy, command(bench.declared, "ingest"), seconds=LONG), must_import=False)
        return root

    return once(bench, "ingested", make)
