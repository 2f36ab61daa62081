"""The command line: which commands there are and what each accepts.

Invariant: no command is imported before it has been chosen, so that `--help` and a mistyped
option answer at once. `commands/NAME.py` holds `run(args) -> int` for the command NAME.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from .console import guard
from .settings import RETRIEVERS

ANSWERERS = ("baseline", "model")
SLICES = ("shared-wording", "paraphrase", "two-passages", "superseded", "not-in-corpus")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` names and return its exit code."""
    args = _parser().parse_args(argv)
    return guard(lambda: int(import_module(f".commands.{args.command}", __package__).run(args)))


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
    what.add_argument("query", nargs="?", help="the words to search for")
    what.add_argument("--queries", metavar="FILE", help='JSONL, one {"id", "query"} a line')
    command.add_argument("-k", type=_positive, help="number of results; default: config.toml")
    command.add_argument("--retriever", choices=RETRIEVERS, help="default: config.toml")
    command.add_argument("--by-source", action="store_true", help="one result per document")


def _ask(command: argparse.ArgumentParser) -> None:
    command.add_argument("question")
    command.add_argument("--system", choices=ANSWERERS, help="default: model if there is a key")


def _label(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", nargs="?", help="asked for on a terminal when left out")
    command.add_argument("--relevant", metavar="SOURCE", action="append", default=[])
    command.add_argument("--quote", metavar="TEXT", action="append", default=[])
    command.add_argument("--fact", metavar="A|B", action="append", default=[])
    command.add_argument("--slice", choices=SLICES)
    command.add_argument("--unanswerable", action="store_true")


def _why(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", nargs="?", help="id of a question; without it, those that missed")
    command.add_argument("--system", choices=ANSWERERS, help="default: model if there is a key")


def _sweep(command: argparse.ArgumentParser) -> None:
    command.add_argument("--words", default="", metavar="N,N", help="default: half and double")
    command.add_argument("--overlap", type=int, help="default: the configured share")


def _eval(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", choices=(*RETRIEVERS, *ANSWERERS), help="default: all")
    command.add_argument("--gate", action="store_true", help="fail below the committed baseline")
    command.add_argument("--save-baseline", action="store_true", help="write what --gate reads")
    command.add_argument("--tune", action="store_true", help="thresholds on the dev split")


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    command.add_argument("--system", choices=ANSWERERS, help="default: model if there is a key")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


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
