"""`scaffold dev check-rubric`: for contributors, the rubric's own tests."""

from __future__ import annotations

import argparse

from scaffolder.cli import output


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "dev",
        help="for contributors: check-rubric tests the rubric",
        description="For contributors: check-rubric proves that every check tells apart.",
        epilog="example:\n  scaffold dev check-rubric",
    )
    command.add_argument("what", choices=["check-rubric"], help="what to check")
    command.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Prints each problem; 1 where there is one."""
    from scaffolder.journeys.check_rubric import problems
    from scaffolder.review.model import count

    found = problems()
    for problem in found:
        output.say(problem)
    output.narrate(count(len(found), "problem") if found else "the rubric holds")
    return 1 if found else 0
