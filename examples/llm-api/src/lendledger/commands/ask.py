"""`ask`: one question, answered, asked back, or declined."""

import argparse
import re
import sys
from collections.abc import Callable

from ..assistant import answer
from ..console import deliver, printable
from ..conversation import load, save
from ..draft import Draft
from ..errors import UsageError
from ..layout import terminal_width, wrapped
from ..trace import Trace
from . import choose_system, human, open_settings

_NAME = re.compile(r"[\w-]{1,60}")


def run(args: argparse.Namespace) -> int:
    """Answer `args.question`; with `--in NAME` as the next one of that conversation."""
    question = " ".join(args.question.split())
    if not question:
        raise UsageError("the question is empty", 'ask "How many loans were there in March 2026?"')
    if args.conversation and not _NAME.fullmatch(args.conversation):
        raise UsageError(f"{args.conversation!r} is no name", "letters, figures, _ and - only")
    settings = open_settings(args.provider)
    system = choose_system(args.system, settings)
    place = settings.conversations / f"{args.conversation}.json"
    talk = load(place) if args.conversation else None
    trace = Trace.start(settings.traces, "ask")
    shown = None if args.json else _draft()
    result = answer(question, settings, system, trace, conversation=talk, on_text=shown)
    if talk is not None:
        save(place, talk)
    deliver(result, args.json, wrapped(human(result), terminal_width()))
    return 0


def _draft() -> Callable[[str], None] | None:
    """Shows the answer as it comes, marked as a draft: its figures are not checked yet."""
    if not sys.stderr.isatty():
        return None
    draft = Draft()

    def show(piece: str) -> None:
        if fresh := draft.add(piece):
            print(printable(fresh), end="", file=sys.stderr, flush=True)

    print("(draft) ", end="", file=sys.stderr, flush=True)
    return show
