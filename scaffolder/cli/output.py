"""Everything that is written: results on stdout, narration and errors on stderr.

Invariant: what comes from anywhere but our own source is cleaned before it reaches a terminal. A
result that cannot be written is an error; narration that nobody can read is not.
"""

from __future__ import annotations

import argparse
import os
import sys

from scaffolder.errors import CannotWrite, ScaffoldError
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TextIO

WIDTH = 88
INTERRUPTED = 130


def say(text: str = "") -> None:
    """One line (or block) of the result; CannotWrite where it does not get through.

    A reader that has closed its end is a BrokenPipeError: it has seen enough, nothing is wrong.
    """
    if sys.stdout is None:
        raise CannotWrite("the result cannot be written: standard output is closed")
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:
        _let_go(sys.stdout)
        raise
    except (OSError, ValueError) as error:
        _let_go(sys.stdout)
        why = getattr(error, "strerror", None) or error
        raise CannotWrite(f"the result cannot be written: {why}") from error


def narrate(text: str) -> None:
    """One line of what is going on."""
    _aside(clean(text))


def tell(text: str, indent: str = "", first: str | None = None) -> None:
    """A paragraph of what is going on."""
    _aside(wrap(clean(text), indent, first))


def prompt(text: str) -> None:
    """The beginning of a line that the user ends."""
    _aside(text, end="")


def say_json(value: Any) -> None:
    """One JSON object, the result for programs; plain ASCII, so safe on any terminal."""
    import json

    say(json.dumps(value, indent=2))


def show_notices(notices: Sequence[str], told: Sequence[str] = ()) -> None:
    """What the user should know beside the result, without what was `told` already."""
    for notice in dict.fromkeys(notices):
        if notice not in told:
            tell(f"note: {notice}", "  ", "")


def show_error(error: ScaffoldError) -> int:
    """The error and its hint; returns its exit code."""
    if error.exit_code == INTERRUPTED and sys.stderr and sys.stderr.isatty():
        narrate("")
    tell(f"scaffold: {error.message}", "  ", "")
    if error.hint:
        tell(error.hint, "  ")
    return error.exit_code


def show_bug(error: Exception) -> None:
    """One line for the user, the details in a file."""
    from scaffolder import buglog

    narrate(f"scaffold: {buglog.sentence(error, buglog.keep(error))}")


def wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """`text` as a paragraph of at most `width()` columns."""
    import textwrap

    return textwrap.fill(
        text.strip(),
        width=width(),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def wrap_row(head: str, text: str) -> str:
    """A row of a list: `head` as it is, `text` as a paragraph beside it."""
    return wrap(text, " " * len(head), head) or head.rstrip()


def width() -> int:
    """Columns to use: COLUMNS or the terminal's, at most 88."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and len(asked) < 5:
        return min(int(asked), WIDTH) or WIDTH
    try:
        return min(os.get_terminal_size().columns, WIDTH) or WIDTH
    except (OSError, ValueError):
        return 80


def help_format(prog: str) -> argparse.HelpFormatter:
    """Prose filled, examples as they are; with the width given, as finding it out is an import."""
    return _Format(prog, width=width())


class _Format(argparse.RawDescriptionHelpFormatter):
    def _fill_text(self, text: str, width: int, indent: str) -> str:
        raw = text.startswith("example")
        return super()._fill_text(text, width, indent) if raw else wrap(text, indent)


def program() -> str:
    """How to call us from here: by name, or by path where a shell would not find us."""
    import shutil

    called = os.path.abspath(sys.argv[0])  # noqa: PTH100 - importing pathlib costs --help
    there = shutil.which("scaffold") or os.path.basename(called) != "scaffold"  # noqa: PTH119
    return "scaffold" if there else called


def bold(text: str) -> str:
    """A heading on a terminal that shows it; plain text elsewhere and under NO_COLOR."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    plain = not terminal or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else f"\x1b[1m{text}\x1b[0m"


def _aside(text: str, end: str = "\n") -> None:
    try:
        if sys.stderr is not None:
            _write(sys.stderr, text, end)
    except (OSError, ValueError):
        _let_go(sys.stderr)


def _write(stream: TextIO, text: str, end: str = "\n") -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + end)
    stream.flush()


def _let_go(stream: TextIO) -> None:
    """Sends what is still buffered nowhere, or the interpreter's last flush would fail as well."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
