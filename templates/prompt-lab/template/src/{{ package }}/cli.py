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
SYSTEMS = ("baseline", "local", "api", "model")
MODELS = ("local", "api", "model")


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
        prog=f"python -m {__package__}", description="Turns a customer's message into a record."
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
    command.add_argument("--version", help="a version of the prompt; default: the locked one")


def _label(command: argparse.ArgumentParser) -> None:
    command.add_argument("text", type=clean, help="the message, as it was written")
    for field in ("order", "days"):
        command.add_argument(f"--{field}", default="unknown")
    for field in ("item", "problem", "opened", "slice", "group"):
        command.add_argument(f"--{field}", required=True)
    command.add_argument("--split", choices=("train", "dev", "test"), default="dev")


def _climb(command: argparse.ArgumentParser) -> None:
    _model(command)
    command.add_argument("--dev-only", action="store_true", help="do not look at the test set")


def _study(command: argparse.ArgumentParser) -> None:
    _model(command)
    command.add_argument("--version", help="a version of the prompt; default: the locked one")


def _eval(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=SYSTEMS, help="default: baseline; see climb")
    then = command.add_mutually_exclusive_group()
    then.add_argument("--gate", action="store_true", help="fail below the committed baseline")
    then.add_argument("--save-baseline", action="store_true", help="write what --gate reads")


def _use(command: argparse.ArgumentParser) -> None:
    command.add_argument("version", nargs="?", help="as in v3; without it, list them")


def _why(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", nargs="?", help="id of a dev message; without it, all failures")
    _system(command)


def _trace(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", help="a file of var/traces; default: the newest")


def _serve(command: argparse.ArgumentParser) -> None:
    _system(command)
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000, help="0 takes a free one")


def _system(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=SYSTEMS, help="default: api if there is a key")


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=MODELS, help="default: api with a key, else local")


def _none(command: argparse.ArgumentParser) -> None:
    """No option beside those of all commands."""


COMMANDS: Mapping[str, tuple[str, Options]] = {
    "ask": ("turn one message into a record", _ask),
    "label": ("add a labelled message", _label),
    "weights": ("fetch the local model and verify it", _none),
    "climb": ("measure every version on dev, then the winner once on test", _climb),
    "ablate": ("leave out one rule at a time", _study),
    "examples": ("compare chosen examples with random ones and none", _study),
    "reason": ("give the model room to reason before the record", _study),
    "perturb": ("change messages and wording where no label changes", _study),
    "attack": ("put orders into the messages", _study),
    "use": ("choose the version that answers, or go back to one", _use),
    "eval": ("measure on the locked test set, publish, guard the baseline", _eval),
    "why": ("read one dev message again and compare with its label", _why),
    "trace": ("show what a run did, step by step", _trace),
    "serve": ("answer over HTTP on this machine", _serve),
}
