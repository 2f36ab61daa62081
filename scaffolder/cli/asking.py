"""Questions on a terminal, one line each, Enter for the default.

Invariant: nothing is asked unless both ends are a terminal, and Ctrl-D or Ctrl-C leaves nothing
behind.
"""

from __future__ import annotations

import sys

from scaffolder.cli.output import narrate
from scaffolder.errors import Interrupted, UsageError
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.skills import Question


def can_ask() -> bool:
    """Whether there is somebody to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: Question, default: str, check: Callable[[Question, str], str]) -> str:
    """A checked answer; asks again, saying why, after a bad one."""
    choices = f" [{'/'.join(question.choices)}]" if question.choices else ""
    shown = f" ({clean(default)})" if default else " (Enter: leave it open)"
    while True:
        try:
            return check(question, _read(f"{question.help}{choices}{shown}: ") or default)
        except UsageError as error:
            narrate(f"  {error.message} {error.hint}")


def _read(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        narrate("")
        raise Interrupted("stopped; nothing was written.")
    return line.strip()
