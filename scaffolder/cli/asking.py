"""Questions on a terminal: what is asked, then a short prompt; Enter for the default.

Invariant: nothing is asked unless both ends are a terminal, and Ctrl-D or Ctrl-C leaves nothing
behind.
"""

from __future__ import annotations

import sys

from scaffolder.cli.output import narrate, prompt, tell
from scaffolder.errors import Interrupted, UsageError
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.skills import Question


def can_ask() -> bool:
    """Whether there is somebody to answer."""
    ends = (sys.stdin, sys.stderr)
    return all(end is not None and end.isatty() for end in ends)


def ask(question: Question, default: str, check: Callable[[Question, str], str]) -> str:
    """A checked answer; asks again, saying why, after a bad one."""
    choices = f" [{'/'.join(question.choices)}]" if question.choices else ""
    shown = f" ({clean(default)})" if default else " (Enter: leave it open)"
    tell(f"{question.help}{choices}{shown}")
    while True:
        try:
            return check(question, _read() or default)
        except UsageError as error:
            tell(f"{error.message} {error.hint}", "  ")


def agrees(what: str) -> bool:
    """Whether somebody on the terminal says yes to `what`; Enter is no."""
    from scaffolder.skills import Question

    return ask(Question("agrees", what, choices=("yes", "no")), "no", _yes_or_no) == "yes"


def _yes_or_no(question: Question, given: str) -> str:
    """`yes` or `no`, also by its first letter."""
    found = next((c for c in question.choices if given and c.startswith(given.lower())), None)
    if found is None:
        raise UsageError(f"{given!r} is not an answer:", "yes or no.")
    return found


def _read() -> str:
    prompt("> ")
    line = sys.stdin.readline()
    if not line:
        narrate("")
        raise Interrupted("stopped; nothing was written.")
    return line.strip()
