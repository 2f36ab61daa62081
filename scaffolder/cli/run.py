"""`scaffold run`: setup, tests, demo or eval of a project, in its own environment."""

from __future__ import annotations

import argparse

from scaffolder.cli import asking, output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.journeys.run import Planned

FAILED = 1
"""Exit code where the command itself did not end well."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "run",
        help="run a project's setup, test, demo or eval",
        description="Run a command that a project declares, in the project's own environment. "
        "Its output is this command's output; exit code 1 where it did not end well. "
        "A project without an environment is set up first.",
        epilog="examples:\n  scaffold run . test\n  scaffold run ~/code/rulebook demo",
    )
    command.add_argument("path", metavar="PATH", help="the project")
    command.add_argument("name", metavar="NAME", help="setup, test, demo, eval or another it has")
    command.add_argument("--yes", action="store_true", help="run it although it was not made here")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Asks where that is due, runs, says how it ended."""
    from pathlib import Path

    from scaffolder.journeys import run as journey
    from scaffolder.paths import absolute

    project = absolute(Path(arguments.path))
    journey.plan(project, arguments.name)
    names = journey.with_setup(project, [arguments.name])
    planned = [journey.plan(project, name) for name in names]
    if not (arguments.yes or journey.is_known(project)):
        _consent(planned)
    return 0 if all(_run(each, each is planned[-1]) for each in planned) else FAILED


def _run(planned: Planned, asked: bool) -> bool:
    from scaffolder.journeys import run as journey

    output.narrate(f"{planned.name}: {planned.line}")
    ran = journey.run(planned, journey.Listener(_narrate, _print if asked else _narrate))
    output.narrate(ran.said)
    return ran.done


def _print(line: str) -> None:
    from scaffolder.journeys.run import readable

    output.say(clean(readable(line), limit=1_000_000))


def _narrate(line: str) -> None:
    from scaffolder.journeys.run import readable

    output.narrate(readable(line))


def _consent(planned: Sequence[Planned]) -> None:
    from scaffolder.journeys import run as journey

    if not asking.can_ask():
        raise journey.refused(planned[-1])
    output.tell(f"{planned[0].project} was not made on this machine. This runs code of it:")
    for command in planned:
        output.tell(command.line, "  ")
    if not asking.agrees("Run it?"):
        raise journey.refused(planned[-1])
