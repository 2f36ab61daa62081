"""`scaffold explain`: why a check of the review or a generated file exists."""

from __future__ import annotations

import argparse

from scaffolder.cli import output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from scaffolder.journeys.explain import CheckExplained


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "explain",
        help="why a check or a generated file exists",
        description="Why a check of the review exists, how it is decided and how to meet it; or"
        " why a generated file exists, and when not to want it.",
        epilog="examples:\n  scaffold explain COM-12\n  scaffold explain config.toml\n"
        "  scaffold explain src/my_app/trace.py",
    )
    command.add_argument("what", metavar="ID-or-PATH", help="a check, or a file of a project")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the explanation."""
    from pathlib import Path

    from scaffolder.journeys import explain

    if explain.is_check(arguments.what):
        _show_check(explain.explain_check(arguments.what))
        return 0
    found = explain.explain(Path(arguments.what))
    output.say(output.bold(clean(arguments.what)))
    output.say(output.wrap(f"Why: {found.why}", "  "))
    output.say(output.wrap(f"When not to want it: {found.not_when}", "  "))
    return 0


def _show_check(found: CheckExplained) -> None:
    check = found.check
    output.say(output.bold(f"{check.id}  {check.claim}"))
    output.say(output.wrap(found.place, "  "))
    output.say(output.wrap(f"Why: {check.why}", "  "))
    output.say("\n" + output.wrap(f"Fix ({found.effort}): {check.fix}", "  "))
    output.say("\n  How it is decided:")
    for how in found.how:
        output.say(output.wrap(how, "      ", "    - "))
    output.say("\n" + output.wrap(f"Own work: {found.own}", "  "))
    output.say(output.wrap(f"Waiver: {found.waiver}", "  "))
    output.say("\n  Sources:")
    for source in found.sources:
        output.say(output.wrap(source, "      ", "    - "))
