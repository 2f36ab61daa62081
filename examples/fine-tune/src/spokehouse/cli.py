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
SYSTEMS = (
    "baseline",
    "counted",
    "cautious",
    "zero-shot",
    "best-prompt",
    "few-shot",
    "tuned",
    "api",
    "model",
)

FIELDS = ("job", "bike", "safety", "handover")
SERVED = ("baseline", "zero-shot", "best-prompt", "tuned")


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
        prog=f"python -m {__package__}",
        description="Turns a message into a job card.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, add_options) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        add_options(command)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("text", type=clean, help="the message")
    _system(command)


def _label(command: argparse.ArgumentParser) -> None:
    command.add_argument("text", type=clean, help="the message, as it was written")
    command.add_argument("--tag", help="left out where the message names none")
    for field in ("job", "bike", "safety", "handover", "slice", "group"):
        command.add_argument(f"--{field}", required=True)
    command.add_argument("--split", choices=("train", "dev", "test"), default="train")


def _eval(command: argparse.ArgumentParser) -> None:
    _system(command)
    command.add_argument("--split", choices=("dev", "test"), default="test")
    then = command.add_mutually_exclusive_group()
    then.add_argument("--gate", action="store_true", help="fail below the committed baseline")
    then.add_argument("--save-baseline", action="store_true", help="write what --gate reads")


def _tune(command: argparse.ArgumentParser) -> None:
    size = command.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="with the size curve and the controls")
    size.add_argument("--smoke", action="store_true", help="a few steps, to see that it runs")


def _hosted(command: argparse.ArgumentParser) -> None:
    command.add_argument("route", nargs="?", help="write and price the upload of this route")


def _why(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", nargs="?", help="id of a message; without it, those that failed")
    _system(command)


def _trace(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", help="a file of var/traces; default: the newest")


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=SERVED, help="default: the tune in use, else rules")
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000, help="0 takes a free one")


def _system(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=SYSTEMS, help="default: api if there is a key")


def _day(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", help="a text file, one message a line")


def _confused(command: argparse.ArgumentParser) -> None:
    command.add_argument("field", choices=FIELDS, nargs="?", default="safety")
    command.add_argument("--system", choices=SYSTEMS, help="default: cautious")


def _none(command: argparse.ArgumentParser) -> None:
    """No option beside those of all commands."""


COMMANDS: Mapping[str, tuple[str, Options]] = {
    "ask": ("turn one message into a record", _ask),
    "day": ("make the job cards of a file of messages", _day),
    "confused": ("show which value of a field is taken for which", _confused),
    "label": ("add a labelled message", _label),
    "prepare": ("check the data for copies and leaks, write its card", _none),
    "rows": ("show rows as the trainer sees them", _none),
    "weights": ("fetch the base model and verify it", _none),
    "tune": ("train an adapter", _tune),
    "eval": ("measure the systems on the locked test set", _eval),
    "regress": ("measure what the tuned model lost outside its task", _none),
    "parity": ("compare the served model with the scored one", _none),
    "curve": ("train on more and more of the data", _none),
    "controls": ("train on shuffled labels, and on one batch only", _none),
    "breakeven": ("compute from which volume a tune pays", _none),
    "hosted": ("list hosted routes, or check and price an upload", _hosted),
    "decide": ("put the measured numbers into the decision record", _none),
    "card": ("put the measured numbers into the model card", _none),
    "why": ("read one message again and compare with its label", _why),
    "trace": ("show what a run did, step by step", _trace),
    "serve": ("answer over HTTP as the API of OpenAI does", _serve),
}
