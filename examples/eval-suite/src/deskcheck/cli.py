"""The command line: which commands there are and what each accepts.

Invariant: no command is imported before it has been chosen, so that `--help` and a mistyped
option answer at once. `commands/NAME.py` holds `run(args) -> int` for the command NAME.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from importlib import import_module

from .console import guard, show
from .errors import UsageError
from .plaintext import clean

Options = Callable[[argparse.ArgumentParser], None]


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
        prog=f"python -m {__package__}", description="Measures a system, and shows how surely."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, add_options) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        add_options(command)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("message", type=clean)
    command.add_argument("--system", help="default: model if there is a key, else baseline")
    command.add_argument("--received", type=_date, metavar="DATE", help="default: today")


def _eval(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", help="one system; default: [run] systems of config.toml")
    command.add_argument("--trials", type=_count, help="times each item is asked")
    command.add_argument("--judge", choices=("rule", "model"), help="default: config.toml")
    command.add_argument("--yes", action="store_true", help="spend more than ask_above_usd")
    then = command.add_mutually_exclusive_group()
    then.add_argument("--gate", action="store_true", help="fail below the committed baseline")
    then.add_argument("--save-baseline", action="store_true", help="write what --gate reads")


def _items(command: argparse.ArgumentParser) -> None:
    command.add_argument("--near", action="store_true", help="list pairs that say almost the same")


def _system(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", help="default: the last of [run] systems")


def _compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("before", help="a system of config.toml")
    command.add_argument("after", help="another one")


def _judge(command: argparse.ArgumentParser) -> None:
    command.add_argument("--judge", choices=("rule", "model"), help="default: config.toml")


def _code(command: argparse.ArgumentParser) -> None:
    _system(command)
    command.add_argument("--id", help="the item to read; default: the worst unread")
    command.add_argument("--note", type=clean, help="what went wrong first, in your words")
    command.add_argument("--failure", type=clean, help="its name in taxonomy.toml, or none")
    command.add_argument("--define", type=clean, help="what belongs to a new name")
    command.add_argument("--as", dest="coder", default="", type=clean, help="your initials")


def _taxonomy(command: argparse.ArgumentParser) -> None:
    command.add_argument("--group", action="store_true", help="name the notes that have no name")


def _label(command: argparse.ArgumentParser) -> None:
    _system(command)
    command.add_argument("--metric", help="default: the first that a judge grades")
    command.add_argument("--id", help="the item to label; default: the next without a label")
    command.add_argument("--verdict", choices=("pass", "fail"))
    command.add_argument("--critique", type=clean, help="why, in one sentence")
    command.add_argument("--as", dest="labeller", default="", type=clean, help="your initials")


def _report(command: argparse.ArgumentParser) -> None:
    command.add_argument("--html", metavar="FILE", help="one page with charts, for anybody")
    command.add_argument("--junit", metavar="FILE", help="for a CI that shows test reports")


def _inspect(command: argparse.ArgumentParser) -> None:
    command.add_argument("direction", choices=("export", "import"))
    command.add_argument("file", help="an Inspect log in JSON")
    _system(command)


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000, help="0 takes a free one")


def _none(command: argparse.ArgumentParser) -> None:
    """No option beside those of all commands."""


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date, such as 2026-03-02") from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 100")
    return int(text)


COMMANDS: Mapping[str, tuple[str, Options]] = {
    "ask": ("give one message to a system", _ask),
    "items": ("check and count the golden set", _items),
    "eval": ("measure the systems on the golden set", _eval),
    "code": ("read results, write down what went wrong first", _code),
    "taxonomy": ("group notes and count what went wrong", _taxonomy),
    "compare": ("set two systems side by side, item by item", _compare),
    "label": ("pass or fail a reply, for judges to be held against", _label),
    "calibrate": ("hold a judge against the labels", _judge),
    "bias": ("see whether a judge decides by what it should not", _judge),
    "sabotage": ("break the system on purpose: do the scores move?", _system),
    "report": ("the results as one page or as JUnit", _report),
    "inspect": ("write or read logs of Inspect AI", _inspect),
    "serve": ("the report in the browser", _serve),
}
