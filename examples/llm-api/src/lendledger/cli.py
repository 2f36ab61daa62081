"""The command line: which commands there are and what each accepts.

Invariant: no command is imported before it has been chosen, so that `--help` and a mistyped
option answer at once. `commands/NAME.py` holds `run(args) -> int` for the command NAME.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module

from .console import guard, show
from .errors import UsageError
from .plaintext import clean

Options = Callable[[argparse.ArgumentParser], None]
SYSTEMS = ("baseline", "asking", "likeness", "model")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` names and return its exit code."""
    given = sys.argv[1:] if argv is None else argv
    return guard(lambda: _run(given))


def _run(argv: Sequence[str]) -> int:
    if not argv:
        show(_parser().format_help().rstrip())
        return 0
    if not argv[0].startswith("-") and argv[0] not in COMMANDS:
        near = get_close_matches(argv[0], COMMANDS, n=1, cutoff=0.5)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        raise UsageError(f"there is no command {argv[0]!r}{meant}", f"one of {', '.join(COMMANDS)}")
    args = _parser().parse_args(argv)
    return int(import_module(f".commands.{args.command}", __package__).run(args))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m {__package__}", description="Answers questions about a ledger."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, add_options) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        add_options(command)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", type=clean)
    command.add_argument("--in", dest="conversation", help="name of a conversation to go on with")
    _system(command)


def _sql(command: argparse.ArgumentParser) -> None:
    command.add_argument("statement", type=clean, help="one SELECT, under the limits of the model")


def _eval(command: argparse.ArgumentParser) -> None:
    _system(command)
    then = command.add_mutually_exclusive_group()
    then.add_argument("--gate", action="store_true", help="fail below the committed baseline")
    then.add_argument("--save-baseline", action="store_true", help="write what --gate reads")


def _why(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", nargs="?", help="id of a question; without it, those that failed")
    _system(command)


def _question(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", type=clean, help="as somebody would ask it")
    command.add_argument("--slice", required=True, help="the kind of question")
    command.add_argument("--sql", type=clean, action="append", default=[], help="gives the truth")
    command.add_argument("--expect", choices=("answer", "question", "refusal"), default="answer")
    command.add_argument("--split", choices=("dev", "test"), default="dev")


def _trace(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", help="a file of var/traces; default: the newest")


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    _system(command)


def _system(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=SYSTEMS, help="default: model if there is a key")
    command.add_argument("--provider", help="in place of [llm] provider in config.toml")


def _none(command: argparse.ArgumentParser) -> None:
    """No option beside those of all commands."""


COMMANDS: Mapping[str, tuple[str, Options]] = {
    "ask": ("answer a question about the ledger", _ask),
    "tables": ("what of the ledger can be read", _none),
    "sql": ("run one SELECT as the model may", _sql),
    "trace": ("what a run did, step by step", _trace),
    "eval": ("measure the systems on the labelled questions", _eval),
    "why": ("answer one question again, step by step", _why),
    "question": ("add a labelled question", _question),
    "attack": ("try hostile statements against the door", _none),
    "serve": ("ask in the browser", _serve),
}
