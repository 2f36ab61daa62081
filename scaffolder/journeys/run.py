"""`scaffold run`: a command that a project declares, in its environment, stoppable.

Invariant: a project's commands are code of its folder: nothing here starts one that was not asked
for by name, and `is_known` says whether the project was made on this machine or consent is due.
"""

import json
import os
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder import madehere, manifest, progress, runner
from scaffolder.errors import EnvironmentProblem, UsageError
from scaffolder.sanitise import clean

MEANT = {"setup": "Set up", "test": "Tests", "demo": "Demo", "eval": "Eval"}
"""The commands that every project has, by the name that the manifest gives them."""

MEASURING = ("test", "eval", "ingest")
"""Commands after which milestones or results may be others."""

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[@-Z\\-_])"
)


@dataclass(frozen=True)
class Planned:
    """A command that can be run: whose, its name, its words."""

    project: Path
    name: str
    argv: Sequence[str]

    @property
    def line(self) -> str:
        """The command as one would type it."""
        return clean(shlex.join(self.argv), 400)


@dataclass(frozen=True)
class Ran:
    """How it ended; `result` is the one JSON object that it printed, None where it printed none."""

    name: str
    argv: Sequence[str]
    exit_code: int
    seconds: float
    stopped: bool
    result: Mapping[str, Any] | None = None

    @property
    def done(self) -> bool:
        """Whether it ended by itself, and well."""
        return self.exit_code == 0 and not self.stopped

    @property
    def said(self) -> str:
        """How it ended, in one sentence."""
        took = f"{self.seconds:.1f} s"
        if self.stopped:
            return f"{self.name} was stopped after {took}."
        if self.exit_code < 0:
            return f"{self.name} was ended by signal {-self.exit_code} after {took}."
        if self.exit_code:
            return f"{self.name} ended with exit code {self.exit_code} after {took}."
        return f"{self.name} done in {took}."


@dataclass(frozen=True)
class Listener:
    """Who hears what a command prints; each is called from other threads.

    `narrate` gets stderr, and stdout where there is no `out`; `passing` an unfinished line.
    """

    narrate: Callable[[str], None]
    out: Callable[[str], None] | None = None
    passing: Callable[[str], None] | None = None


def plan(project: Path, name: str) -> Planned:
    """The command that `project` declares as `name`; UsageError lists those that there are."""
    declared = manifest.commands(project)
    if name not in declared:
        names = ", ".join(clean(known, 40) for known in [*declared][:20]) or "none"
        raise UsageError(
            f"the project declares no command {name!r}; it declares {names}",
            f"Commands stand under [commands] in {project / manifest.MANIFEST}.",
        )
    return Planned(project, name, declared[name])


def with_setup(project: Path, names: Sequence[str]) -> list[str]:
    """What to run for `names`: the setup before them, where the project has no environment yet."""
    first = names[:1] != ["setup"] and not (project / ".venv" / "pyvenv.cfg").is_file()
    has_setup = first and "setup" in manifest.commands(project)
    return ["setup", *names] if has_setup else list(names)


def is_known(project: Path) -> bool:
    """Whether the project was made by `scaffold new` on this machine."""
    if madehere.is_signed(project):
        return True
    real = os.path.realpath(project)
    kept = progress.load().skills.values()
    recorded = [path for skill in kept for path in skill.projects]
    return any(os.path.realpath(path) == real for path in recorded)


def run(planned: Planned, listener: Listener, is_stopped: Callable[[], bool] | None = None) -> Ran:
    """Runs it to its end; EnvironmentProblem where it cannot be started."""
    done = runner.run(
        planned.project,
        planned.argv,
        listener.narrate,
        listener.out,
        listener.passing,
        is_stopped,
    )
    result = _result(done.stdout) if "--json" in planned.argv else None
    return Ran(planned.name, done.argv, done.exit_code, done.seconds, done.stopped, result)


def refused(planned: Planned) -> EnvironmentProblem:
    """Why a command of a folder that is not known here was not run."""
    return EnvironmentProblem(
        f"{planned.project} was not made on this machine, and this would run code of it: "
        f"{planned.line}",
        "Read what it does; with --yes it is run.",
    )


def readable(line: str) -> str:
    """A line of output without the sequences that colour it."""
    return _ESCAPES.sub("", line) if "\x1b" in line else line


def _result(stdout: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(stdout)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
