"""`scaffold explain`: why a generated file exists."""

from __future__ import annotations

import argparse

from scaffolder.cli import output
from scaffolder.sanitise import clean


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "explain",
        help="why a generated file exists, and when not to want it",
        description="Why a generated file exists, and when not to want it.",
        epilog="examples:\n  scaffold explain config.toml\n  scaffold explain src/my_app/trace.py",
    )
    command.add_argument("path", help="a file of a generated project")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the explanation."""
    from pathlib import Path

    from scaffolder.journeys.explain import explain

    found = explain(Path(arguments.path))
    output.say(output.bold(clean(arguments.path)))
    output.say(output.wrap(f"Why: {found.why}", "  "))
    output.say(output.wrap(f"When not to want it: {found.not_when}", "  "))
    return 0
