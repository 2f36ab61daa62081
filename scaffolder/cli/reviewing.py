"""How `scaffold review` comes to its report: by files, by running the project, with advice.

Invariant: nothing is run and nothing is sent before it was said what, and agreed to.
"""

from __future__ import annotations

import argparse
import sys

from scaffolder.cli import asking, output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.journeys.tried import Plan
    from scaffolder.review.model import Report

PATIENCE = 1.0
"""Seconds after which somebody who looks at a terminal is told what is going on."""


def reviewed(arguments: argparse.Namespace) -> tuple[Report, int]:
    """The report that was asked for, and the exit code that its advice asks for: 0, or 5."""
    _fits(arguments)
    words = [w.strip() for given in arguments.only for w in given.split(",") if w.strip()]
    only = _checks(words) if words else []
    report, code = _run(arguments, only) if arguments.run_it else (_read(arguments, only), 0)
    return _advised(arguments, report) if arguments.judge else (report, code)


def agreed(planned: Plan, yes: bool) -> bool:
    """Whether the commands may be run: nothing has to be, `--yes`, or a yes on a terminal."""
    if planned.is_fresh or yes:
        _warn(planned)
        return True
    if not asking.can_ask():
        return False
    for line in terms(planned):
        output.tell(line)
    return asking.agrees("Run it?")


def terms(planned: Plan) -> Sequence[str]:
    """What a run does, before anybody agrees to it."""
    import shlex

    named = [f"  {name}: {shlex.join(argv)}" for name, argv in planned.commands.items()]
    first = ["There is no environment yet: setup runs first, with the network."]
    return [
        f"This runs code of {clean(str(planned.project), 400)}, in a throw-away copy of it:",
        *(clean(line, 200) for line in named),
        f"{planned.left} faults are tried, each after its control. The project is not changed.",
        *(first if planned.needs_setup else ()),
        *_protection(planned),
    ]


def _protection(planned: Plan) -> Sequence[str]:
    if not planned.unprotected:
        return ["It runs in a sandbox: no network, no keys, nothing of yours to read or write."]
    return ["It runs WITHOUT a sandbox. Not protected:", *(f"  {s}" for s in planned.unprotected)]


def _warn(planned: Plan) -> None:
    if planned.unprotected and not planned.is_fresh:
        for line in _protection(planned):
            output.tell(line)


def _fits(arguments: argparse.Namespace) -> None:
    from scaffolder.errors import UsageError

    if arguments.unsandboxed and not arguments.run_it:
        raise UsageError("--unsandboxed is for --run", "Add --run, or leave it out.")
    if arguments.yes and not (arguments.run_it or arguments.judge):
        raise UsageError("--yes is for --run and --judge", "Add one of them, or leave it out.")
    if arguments.budget is not None and not arguments.judge:
        raise UsageError("--budget is for --judge", "Add --judge, or leave it out.")


def _run(arguments: argparse.Namespace, only: Sequence[str]) -> tuple[Report, int]:
    """By running a copy; by its files alone, and exit code 3, where there is no sandbox for it."""
    from pathlib import Path

    from scaffolder.errors import EnvironmentProblem
    from scaffolder.journeys import tried

    path = Path(arguments.path)
    try:
        planned = tried.plan(path, arguments.unsandboxed, arguments.skill, only)
    except EnvironmentProblem as error:
        return _read(arguments, only), output.show_error(error)
    consent = agreed(planned, arguments.yes)
    if planned.kept:
        output.narrate(f"{planned.kept} results are kept from before: nothing they rest on changed")
    report = tried.review_with_run(
        path, consent, arguments.unsandboxed, output.narrate, skill=arguments.skill, only=only
    )
    return report, 0


def _read(arguments: argparse.Namespace, only: Sequence[str]) -> Report:
    """By its files alone; somebody who waits at a terminal is told what for."""
    from pathlib import Path
    from threading import Timer

    from scaffolder.journeys.review import review_repo

    waiting = Timer(PATIENCE, output.narrate, [f"reading {arguments.path} ..."])
    waiting.daemon = True
    if sys.stderr is not None and sys.stderr.isatty():
        waiting.start()
    try:
        return review_repo(Path(arguments.path), arguments.skill, only)
    finally:
        waiting.cancel()


def _advised(arguments: argparse.Namespace, report: Report) -> tuple[Report, int]:
    """The report with advice beside its verdicts; what is sent is said before it is sent."""
    from pathlib import Path

    from scaffolder.journeys import judge

    budget = judge.BUDGET_USD if arguments.budget is None else arguments.budget
    planned = judge.plan(Path(arguments.path), report)
    for line in judge.terms(planned, budget):
        output.tell(line)
    if asking.can_ask() and not arguments.yes and not asking.agrees("Send it?"):
        output.tell("Nothing was sent, so there is no advice.")
        return report, 0
    judged = judge.judge(planned, budget, output.narrate)
    for line in judge.sentences(judged):
        output.tell(line)
    return judge.advise(report, judged), judged.exit_code


def _checks(words: list[str]) -> list[str]:
    from scaffolder.journeys.explain import check_id

    return list(dict.fromkeys(check_id(word) for word in words))
