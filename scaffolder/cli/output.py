"""Everything that is written: results on stdout, narration and errors on stderr.

Invariant: what comes from anywhere but our own source is cleaned before it reaches a terminal.
"""

from __future__ import annotations

import argparse
import os
import sys

from scaffolder.errors import ScaffoldError
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TextIO

WIDTH = 88
INTERRUPTED = 130


def say(text: str = "") -> None:
    """One line (or block) of the result."""
    _write(sys.stdout, text)


def narrate(text: str) -> None:
    """One line of what is going on."""
    _write(sys.stderr, clean(text))


def say_json(value: Any) -> None:
    """One JSON object, the result for programs; plain ASCII, so safe on any terminal."""
    import json

    _write(sys.stdout, json.dumps(value, indent=2))


def show_notices(notices: Sequence[str]) -> None:
    """What the user should know beside the result."""
    for notice in notices:
        narrate(f"note: {notice}")


def show_error(error: ScaffoldError) -> int:
    """The error and its hint; returns its exit code."""
    if error.exit_code == INTERRUPTED and sys.stderr.isatty():
        narrate("")
    narrate(f"scaffold: {error.message}")
    if error.hint:
        narrate(f"  {error.hint}")
    return error.exit_code


def show_bug(error: Exception) -> None:
    """One line for the user, the details in a file."""
    import traceback

    from scaffolder.paths import log_file

    where = log_file()
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        with where.open("a", encoding="utf-8") as log:
            log.write("".join(traceback.format_exception(error)))
        kept = f"details are in {where}"
    except OSError:
        kept = "and the details could not be kept"
    narrate(f"scaffold: a bug in scaffold, not in your work ({type(error).__name__}); {kept}.")


def wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """`text` as a paragraph of at most `width()` columns."""
    import textwrap

    return textwrap.fill(
        " ".join(text.split()),
        width=width(),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def width() -> int:
    """Columns to use: COLUMNS or the terminal's, at most 88."""
    if os.environ.get("COLUMNS", "").isdigit():
        return min(int(os.environ["COLUMNS"]), WIDTH) or WIDTH
    try:
        return min(os.get_terminal_size().columns, WIDTH) or WIDTH
    except (OSError, ValueError):
        return 80


def help_format(prog: str) -> argparse.HelpFormatter:
    """argparse's formatter with the width given: finding it out by itself costs an import."""
    return argparse.RawDescriptionHelpFormatter(prog, width=width())


def program() -> str:
    """How to call us from here: by name, or by path where a shell would not find us."""
    import shutil

    called = os.path.abspath(sys.argv[0])  # noqa: PTH100 - importing pathlib costs --help
    there = shutil.which("scaffold") or os.path.basename(called) != "scaffold"  # noqa: PTH119
    return "scaffold" if there else called


def bold(text: str) -> str:
    """A heading on a terminal that shows it; plain text elsewhere and under NO_COLOR."""
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else f"\x1b[1m{text}\x1b[0m"


def _write(stream: TextIO, text: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()
