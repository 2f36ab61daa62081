"""A run as a screen asks for it: the terms that somebody agrees to, then a round with the run.

Invariant: the terms are known before anything is run; where there is no sandbox they say so, and
what is not protected. What a run needs is loaded only in the process that makes it.
"""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import EnvironmentProblem
from scaffolder.journeys import portfolio
from scaffolder.journeys.rounds import Round
from scaffolder.journeys.watch import fingerprint
from scaffolder.paths import absolute
from scaffolder.sanitise import clean

if TYPE_CHECKING:
    from scaffolder.journeys.tried import Plan

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Terms:
    """What a run would do: `commands` as they are typed, `left` tries to make, `kept` known ones.

    `no_sandbox` says why there is none, "" where there is one; `unprotected` what that means.
    """

    project: Path
    commands: Sequence[str]
    left: int
    kept: int
    needs_setup: bool
    no_sandbox: str = ""
    unprotected: Sequence[str] = ()

    @property
    def is_fresh(self) -> bool:
        """Whether all is known already, so that nothing is run."""
        return self.left == 0


def terms(path: Path) -> Terms:
    """What a run of `path` would do, in a sandbox where there is one.

    UsageError where the project declares nothing to run; others as a review has them.
    """
    from scaffolder.journeys import tried

    try:
        return _terms(tried.plan(path), "")
    except EnvironmentProblem as error:
        return _terms(tried.plan(path, unsandboxed=True), error.message)


def run_round(path: Path, unsandboxed: bool, tell: Tell) -> Round:
    """Reviews the folder with a run, which was agreed to; errors as `review_with_run` has them."""
    from scaffolder.journeys import tried

    seen = fingerprint(absolute(path))
    report = tried.review_with_run(path, True, unsandboxed, tell)
    return Round(report, seen, tuple(portfolio.note(report)))


def _terms(planned: "Plan", no_sandbox: str) -> Terms:
    lines = [f"{name}: {shlex.join(argv)}" for name, argv in planned.commands.items()]
    return Terms(
        planned.project,
        tuple(clean(line, 400) for line in lines),
        planned.left,
        planned.kept,
        planned.needs_setup,
        no_sandbox,
        tuple(planned.unprotected),
    )
