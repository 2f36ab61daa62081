"""`scaffold completion`: the script that lets a shell complete our commands."""

from __future__ import annotations

import argparse

from scaffolder.cli import output

_SHELLS = ("bash", "zsh", "fish")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "completion",
        help="print the completion script of a shell",
        description="Print the completion script of a shell.",
        epilog="example: scaffold completion bash >> ~/.bash_completion",
    )
    command.add_argument("shell", choices=_SHELLS)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the script."""
    import shtab

    output.say(shtab.complete(arguments.parser, shell=arguments.shell))
    return 0
