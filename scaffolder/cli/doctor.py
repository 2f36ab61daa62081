"""`scaffold doctor`: what this machine has and lacks."""

from __future__ import annotations

import argparse

from scaffolder.cli import output
from scaffolder.errors import EnvironmentProblem
from scaffolder.sanitise import clean

_MARK = {True: "ok     ", False: "MISSING", None: "       "}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "doctor",
        help="what this machine has and lacks, what keys are for and cost",
        description="Looks for tools and provider keys. Never asks for a key and never prints one.",
        epilog="example: scaffold doctor",
    )
    command.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Prints the findings; exit 3 when something needed is missing."""
    from scaffolder.journeys.doctor import examine

    findings = examine()
    for finding in findings:
        head = f"{_MARK[finding.good]} {finding.name:<20} "
        output.say(output.wrap_row(head, clean(finding.text)))
    missing = [finding.name for finding in findings if finding.good is False]
    if missing:
        raise EnvironmentProblem(f"missing: {', '.join(missing)}.")
    return 0
