"""A run of a project that stands in for the real one: importable, since it runs in a process."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from scaffolder.errors import UsageError
from scaffolder.journeys import rounds
from scaffolder.journeys.rounds import Round
from scaffolder.journeys.trying import Terms
from scaffolder.review.model import Status, ran

COMMANDS = ("demo: python -m mini ask 'Why?'", "test: python -m pytest -q")
DECIDED = "COM-01"
"""The item that the run decides."""


def terms(path: Path) -> Terms:
    return Terms(path, COMMANDS, left=3, kept=1, needs_setup=True)


def terms_without_a_sandbox(path: Path) -> Terms:
    return replace(
        terms(path), no_sandbox="bubblewrap cannot be started", unprotected=("your files",)
    )


def terms_all_known(path: Path) -> Terms:
    return replace(terms(path), left=0)


def terms_of_nothing(path: Path) -> Terms:
    raise UsageError(f"{path.name} declares no command", "`scaffold init-review` drafts one.")


def run(path: Path, unsandboxed: bool, tell: Callable[[str], None]) -> Round:
    """Tells of two tries; waits between them until the test has looked."""
    tell("[1/2] S10: a 429, then an answer")
    _wait_for(path.parent / "looked")
    tell("[2/2] E1: the answers swapped")
    done = rounds.review_round(path)
    seen = ran("python -m mini ask 'Why?'", 0, 1.25, "ab" * 32, "it answered after the 429")
    items = [
        replace(i, status=Status.PASS, evidence=(seen,), reason=f"sandboxed: {not unsandboxed}")
        if i.check.id == DECIDED
        else i
        for i in done.report.items
    ]
    return replace(done, report=replace(done.report, items=tuple(items)))


def run_for_ever(path: Path, unsandboxed: bool, tell: Callable[[str], None]) -> Round:
    """Starts something that outlives it, unless it is ended with it."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (path.parent / "pid").write_text(str(child.pid), "utf-8")
    tell("[1/2] S10: a 429, then an answer")
    child.wait()
    raise AssertionError(unsandboxed)


def _wait_for(file: Path) -> None:
    while not file.exists():
        time.sleep(0.01)
