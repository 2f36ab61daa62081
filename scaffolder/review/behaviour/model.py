"""What a trial is made of: what the project declares, what was run, what was seen.

Invariant: nothing here runs anything; text of the project is kept as it was printed.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scaffolder.review.model import Evidence, ran


class NotDeclared(Exception):
    """`scaffold.toml` does not declare what a trial needs; says what, and where it goes."""


class ControlFailed(Exception):
    """The same command did not work without the fault; says how, with what was run."""

    def __init__(self, reason: str, *evidence: Evidence) -> None:
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence


class NotApplicable(Exception):
    """The fault does not speak of this project; says why."""


@dataclass(frozen=True)
class Declared:
    """What the manifest declares: argv lists, `module:function` names, relative paths."""

    package: str = ""
    commands: Mapping[str, Sequence[str]] = field(default_factory=dict)
    entry_points: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Break:
    """A function of the project that misbehaves: `target` is `module:function`, `how` a name in
    `inside/breaks.py`, `args` are JSON values for it."""

    target: str
    how: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What the scripted model saw of a command.

    `requests` are JSON bodies with "provider" and "path" beside, in order; `findings` the codes of
    the server's own verdict on the client; `usage` the tokens that were billed, by kind.
    """

    requests: Sequence[Mapping[str, Any]] = ()
    findings: Sequence[str] = ()
    usage: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How one command ended in a copy.

    `exit_code` is negative where a signal ended it; `ended` says why we ended it ("time",
    "memory", "output", "stopped"), "" where it ended by itself. `imported` is where the declared
    package was imported from, "" where it was not. `written` are files that are new or changed,
    relative to the copy; `called` says whether a broken function was called at all.
    """

    argv: Sequence[str]
    exit_code: int
    seconds: float
    stdout: str
    stderr: str
    sha256: str
    ended: str = ""
    imported: str = ""
    written: Sequence[str] = ()
    asked: Asked = Asked()
    called: bool = False

    @property
    def final(self) -> Mapping[str, Any] | None:
        """The one JSON object that the command printed; None where it printed none, or more."""
        lines = [line for line in self.stdout.splitlines() if line.strip()]
        try:
            found = json.loads(self.stdout) if lines else None
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def crashed(self) -> bool:
        """Whether a traceback reached the user, or the command ended outside of its contract."""
        return "Traceback (most recent call last)" in self.stderr + self.stdout

    def evidence(self, text: str) -> Evidence:
        """The command and what was seen of it, for a report."""
        command = shlex.join(self.argv)
        return ran(command, self.exit_code, self.seconds, self.sha256, text)
