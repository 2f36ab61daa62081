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
SYSTEMS = ("baseline", "words", "clauses", "single", "model")


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
        prog=f"python -m {__package__}", description="A support desk that changes things."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, add_options) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        add_options(command)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("request", type=clean)
    command.add_argument("--customer", help="who asks, such as C012; default: config.toml")
    command.add_argument("--system", choices=SYSTEMS, help="default: model if there is a key")
    command.add_argument("--fresh", action="store_true", help="start from the sample shop again")


def _approve(command: argparse.ArgumentParser) -> None:
    command.add_argument("run", help="as `ask` names it")
    command.add_argument("--deny", action="store_true", help="say no instead")


def _resume(command: argparse.ArgumentParser) -> None:
    command.add_argument("run", help="as `ask` names it")


def _letter(command: argparse.ArgumentParser) -> None:
    command.add_argument("run", help="as `ask` names it")


def _trace(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", help="a file of var/traces; default: the newest")


def _eval(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=SYSTEMS, help="default: those that can run")
    command.add_argument("--trials", type=_count, default=4, help="runs of each task; default: 4")
    then = command.add_mutually_exclusive_group()
    then.add_argument("--gate", action="store_true", help="fail below the committed baseline")
    then.add_argument("--save-baseline", action="store_true", help="write what --gate reads")


def _why(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", nargs="?", help="id of a task; without it, those that failed")
    command.add_argument("--system", choices=SYSTEMS, help="default: the last that was measured")


def _task(command: argparse.ArgumentParser) -> None:
    command.add_argument("request", type=clean, help="what the customer writes")
    command.add_argument("--customer", required=True, help="such as C012")
    command.add_argument("--slice", required=True, help="the kind of task")
    command.add_argument(
        "--goal", metavar="TABLE:ORDER[:COLUMN=VALUE]", action="append", default=[]
    )
    say = "the answer must contain A or B; repeat it for a second one"
    command.add_argument("--say", metavar="A|B", type=clean, action="append", default=[], help=say)
    command.add_argument("--status", action="append", default=[], help="an honest end of it")
    command.add_argument("--denied", action="store_true", help="the person asked says no")


def _system(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=SYSTEMS, help="default: model if there is a key")


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    command.add_argument("--system", choices=SYSTEMS, help="default: model if there is a key")


def _none(command: argparse.ArgumentParser) -> None:
    """No option beside those of all commands."""


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 100")
    return int(text)


COMMANDS: Mapping[str, tuple[str, Options]] = {
    "ask": ("settle a request", _ask),
    "approve": ("agree to what a run waits for, and go on with it", _approve),
    "resume": ("go on with a run that was stopped", _resume),
    "morning": ("what waits for a person, and what may travel today", _none),
    "letter": ("the mail about a run, from its log alone", _letter),
    "trace": ("what a run did, step by step", _trace),
    "eval": ("measure every system on the tasks", _eval),
    "why": ("follow one task to the step where it broke", _why),
    "task": ("add a task to the golden set", _task),
    "faults": ("break each tool and see how runs end", _system),
    "planted": ("plant instructions in messages and see whether they are obeyed", _system),
    "serve": ("the desk in the browser", _serve),
}
