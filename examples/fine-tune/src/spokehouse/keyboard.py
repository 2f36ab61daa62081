"""Single keys and pasted texts from the terminal, for a dialogue.

Invariants: the terminal is always put back as it was; a text is never cut at a line break of a
paste, whose rest would be taken for the next answers.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from select import select

from .console import printable
from .plaintext import clean

CTRL_D = b"\x04"
PAUSE_S = 0.05  # a paste has no pause as long as this, and nobody types the next answer within it


class Ended(Exception):
    """The author wants to stop; the question at hand is dropped, earlier ones are saved."""


@dataclass(frozen=True)
class Terminal:
    """Where the dialogue reads and writes; both readers raise Ended at the end of input.

    `read_line` gives a paste that spans lines as one text, line breaks included.
    """

    read_key: Callable[[], str]
    read_line: Callable[[str], str]
    write: Callable[[str], None]


def keyboard() -> Terminal:
    """The real terminal, on stderr so that stdout keeps the result; a key counts without Enter.

    Where stdin is a file or a pipe, a key is the first character of a line.
    """
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return Terminal(_read_key, _read_line, lambda text: print(printable(text), file=sys.stderr))


def _read_key() -> str:
    """One key, without Enter where the terminal can."""
    descriptor = sys.stdin.fileno()
    if not os.isatty(descriptor):
        return _read_line("> ")[:1]
    try:
        with _unbuffered(descriptor):
            pressed = os.read(descriptor, 1)
    except ImportError:  # Windows: a key followed by Enter
        return _read_line("> ")[:1]
    if pressed in (b"", CTRL_D):
        raise Ended
    return pressed.decode("ascii", "replace")


def _read_line(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        return clean(whole_paste(input, _waiting))
    except EOFError:
        raise Ended from None


def whole_paste(read: Callable[[], str], waiting: Callable[[], bytes]) -> str:
    """The line that `read` gives and all that a paste has left behind it, up to the next Enter.

    `waiting` takes what is there, b"" if nothing is.
    """
    text = read()
    while rest := b"".join(iter(waiting, b"")):
        text += "\n" + rest.decode("utf-8", "replace")
        if not rest.endswith(b"\n"):
            text += read()
    return text


def _waiting() -> bytes:
    """What is typed already, an unfinished last line included."""
    descriptor = sys.stdin.fileno()
    if not os.isatty(descriptor):
        return b""
    try:
        with _unbuffered(descriptor):
            ready, _, _ = select([descriptor], [], [], PAUSE_S)
            return os.read(descriptor, 4096) if ready else b""
    except ImportError:  # Windows: a quote is pasted line by line
        return b""


@contextmanager
def _unbuffered(descriptor: int) -> Iterator[None]:
    """The terminal by keys; it is put back before anything else happens, Ctrl-C included."""
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
