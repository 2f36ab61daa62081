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
from .evaluation import SLICES
from .plaintext import clean
from .settings import MOST_RESULTS, RETRIEVERS

ANSWERERS = ("baseline", "model")
LABEL_EXAMPLE = r"""example:
  label "How long is parental leave?" --relevant leave/parental-leave.md \
    --quote "16 weeks of leave on full pay" --fact "16 weeks|sixteen weeks"

Without --relevant and --unanswerable a dialogue asks; --fact and --slice are its defaults."""


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
        prog=f"python -m {__package__}", description="Answers from your documents, with citations."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, add_options) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        add_options(command)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _ingest(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", nargs="?", help="folder; by default [corpus] path of config.toml")
    command.add_argument("--name", help="name of the corpus; by default the folder's")


def _search(command: argparse.ArgumentParser) -> None:
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("query", nargs="?", type=clean, help="the words to search for")
    what.add_argument("--queries", metavar="FILE", help='JSONL, one {"id", "query"} a line')
    command.add_argument("-k", type=_result_count, help="number of results; default: config.toml")
    command.add_argument("--retriever", choices=RETRIEVERS, help="default: config.toml")
    command.add_argument("--by-source", action="store_true", help="one result per document")


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", type=clean)
    command.add_argument("--system", choices=ANSWERERS, help="default: model if there is a key")


def _label(command: argparse.ArgumentParser) -> None:
    asked = "asked for on a terminal when left out"
    command.add_argument("question", nargs="?", type=clean, help=asked)
    source = "document that answers it, as `search` names it; repeat it for a second one"
    command.add_argument("--relevant", metavar="SOURCE", action="append", default=[], help=source)
    quote = "exact words of the passage, once for each --relevant"
    command.add_argument(
        "--quote", metavar="TEXT", type=clean, action="append", default=[], help=quote
    )
    fact = "the answer must contain A or B; repeat it for a second fact"
    command.add_argument(
        "--fact", metavar="A|B", type=clean, action="append", default=[], help=fact
    )
    command.add_argument("--slice", choices=SLICES, help="kind of question; default: a guess")
    command.add_argument("--unanswerable", action="store_true", help="no document answers it")
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = LABEL_EXAMPLE


def _why(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", nargs="?", help="id of a question; without it, those that missed")
    command.add_argument("--system", choices=ANSWERERS, help="default: model if there is a key")


def _sweep(command: argparse.ArgumentParser) -> None:
    command.add_argument("--words", default="", metavar="N,N", help="default: half and double")
    command.add_argument("--overlap", type=int, help="default: the configured share")


def _eval(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=(*RETRIEVERS, *ANSWERERS), help="default: all")
    kept = "keep the rows from before and after this change, and publish the difference"
    command.add_argument("--keep", metavar="CHANGE", help=kept)
    then = command.add_mutually_exclusive_group()
    then.add_argument("--gate", action="store_true", help="fail below the committed baseline")
    then.add_argument("--save-baseline", action="store_true", help="write what --gate reads")
    then.add_argument("--tune", action="store_true", help="thresholds on the dev split")


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    command.add_argument("--system", choices=ANSWERERS, help="default: model if there is a key")


def _result_count(text: str) -> int:
    digits = text.lstrip("0")
    if not digits.isdecimal():
        raise argparse.ArgumentTypeError("must be a whole number of 1 or more")
    if len(digits) > len(str(MOST_RESULTS)) or int(digits) > MOST_RESULTS:
        raise argparse.ArgumentTypeError(f"must be {MOST_RESULTS} or less")
    return int(digits)


COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "ingest": ("put a folder of documents into the index", _ingest),
    "search": ("the passages that best match a query", _search),
    "ask": ("answer a question with citations, or refuse", _ask),
    "label": ("add a question with its relevant passages to the golden set", _label),
    "why": ("follow one question through every stage to the first that broke", _why),
    "sweep": ("compare chunkings and retrievers on the golden set", _sweep),
    "eval": ("measure every system on the golden set", _eval),
    "serve": ("the page in the browser", _serve),
}
