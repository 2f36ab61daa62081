"""The command line: parser, error boundary, exit codes.

Invariant: no exception leaves `main`; a user sees one sentence and a hint, never a traceback.
Exit codes are an interface: 0 done, 2 usage, 3 environment, 4 cannot write, 70 our bug; 130, 143
and 129 stopped by Ctrl-C, SIGTERM and SIGHUP (the terminal was closed).
"""

from __future__ import annotations

import argparse
import sys

from scaffolder import __version__, stopping
from scaffolder.cli import (
    attest,
    begin,
    completion,
    dev,
    doctor,
    drill,
    explain,
    init_review,
    new,
    output,
    portfolio,
    publish,
    results,
    review,
    run,
    skills,
    study,
    tui,
)
from scaffolder.errors import Interrupted, ScaffoldError, UsageError

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

COMMANDS = (
    begin,
    skills,
    study,
    drill,
    new,
    run,
    results,
    review,
    attest,
    init_review,
    publish,
    portfolio,
    explain,
    doctor,
    completion,
    dev,
)
BUG = 70

_DESCRIPTION = "Step through the skills of an AI engineer and build a repository for each."
_EXAMPLES = """\
examples:
  scaffold skills                 the seven skills, in order, and where you stand
  scaffold skills rag-app         learn, skip, 48-hour build, interview questions
  scaffold new rag-app            a repository that runs and measures itself
  scaffold start rag-app --build  start the 48-hour clock
  scaffold next                   the one next thing to do
"""


class _Parser(argparse.ArgumentParser):
    """argparse with our help format and errors; subparsers are made of the same class."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": output.help_format, **options})

    def _print_message(self, message: str, _: object = None) -> None:
        output.say(message.rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}.", f"`{self.prog} --help` shows how it is used.")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    try:
        return _run(sys.argv[1:] if argv is None else list(argv))
    finally:
        stopping.done()


def _run(words: list[str]) -> int:
    try:
        stopping.listen()
        return _dispatch(words)
    except ScaffoldError as error:
        return output.show_error(error)
    except KeyboardInterrupt:
        stopping.done()
        return output.show_error(Interrupted("stopped."))
    except SystemExit as stop:
        stopping.done()
        return stop.code if isinstance(stop.code, int) else 0
    except BrokenPipeError:
        return 0
    except Exception as error:
        output.show_bug(error)
        return BUG


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="scaffold",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"scaffold {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    for command in COMMANDS:
        command.add(commands)
    top.set_defaults(parser=top)
    return top


def _dispatch(words: list[str]) -> int:
    whole = parser()
    _suggest(whole, words)
    arguments = whole.parse_args(words)
    if not hasattr(arguments, "run"):
        if tui.can_run():
            return tui.run()
        whole.print_help()
        return 0
    return int(arguments.run(arguments))


def _suggest(whole: argparse.ArgumentParser, words: list[str]) -> None:
    """Names the nearest command; argparse would only list them all."""
    known = next(list(a.choices) for a in whole._actions if isinstance(a.choices, dict))
    if not words or words[0].startswith("-") or words[0] in known:
        return
    import difflib

    near = difflib.get_close_matches(words[0], known, n=1)
    meant = f" Did you mean `scaffold {near[0]}`?" if near else ""
    raise UsageError(f"there is no command {words[0]!r}.{meant}", "`scaffold --help` lists them.")
