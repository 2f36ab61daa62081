"""Ctrl-C, SIGTERM and SIGHUP: the program ends, and tidies up before it does.

Invariant: a signal that came ends the program, also where Python drops what a handler raises (in
the callback of a weak reference, of the import system); what tidies up is not interrupted by it.
"""

import signal
import sys
from contextlib import contextmanager

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

AGAIN = 0.05
"""Seconds after which a signal that had no effect is tried again."""

PATIENCE = 8.0
"""Seconds that who is told of a signal may take to end the program."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_MARK = "ends_the_program"
_asked: list[int] = []
_holds: list[None] = []
_told: "list[Callable[[int], None]]" = []


def listen() -> None:
    """From now on the first of the signals raises KeyboardInterrupt or SystemExit(128 + number).

    One that whoever started us has set to be ignored stays ignored.
    """
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _ask)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _ask_again)


def done() -> None:
    """Forgets what came: the program ends now."""
    _asked.clear()
    _wait(0)


@contextmanager
def held() -> "Iterator[None]":
    """Lets a signal wait until the block is over: what it does must not be left half done.

    One that came meanwhile counts more than what the block raises: it may have caused that.
    """
    _holds.append(None)
    try:
        yield
    except BaseException:
        _holds.pop()
        if _asked and not _holds and not _told:
            _end(None)
        raise
    _holds.pop()


@contextmanager
def told(leave: "Callable[[int], None]") -> "Iterator[None]":
    """In the block the first signal is told to `leave`, which ends the program in its own way.

    Where that takes too long, the signal is raised as everywhere.
    """
    _told.append(leave)
    try:
        yield
    finally:
        _told.pop()


def _ask(number: int, frame: "FrameType | None") -> None:
    _asked.append(number)
    if not _told:
        _end(frame)
    elif len(_asked) == 1:
        _wait(PATIENCE)
        _told[-1](number)


def _ask_again(_: int, frame: "FrameType | None") -> None:
    if _asked:
        _end(frame)


def _end(frame: "FrameType | None") -> None:
    _wait(AGAIN)
    if _holds or _is_importing(frame) or _is_ending():
        return
    number = _asked[0]
    error = KeyboardInterrupt() if number == signal.SIGINT else SystemExit(128 + number)
    setattr(error, _MARK, True)
    raise error


def _wait(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _is_importing(frame: "FrameType | None") -> bool:
    """Whether the import system is at work itself: its callbacks drop what is raised."""
    return frame is not None and frame.f_code.co_filename.startswith("<frozen importlib")


def _is_ending() -> bool:
    """Whether what was raised is on its way: `finally` blocks run, or `main` has caught it."""
    error = sys.exc_info()[1]
    for _ in range(100):
        if error is None or hasattr(error, _MARK):
            break
        error = error.__context__
    return error is not None and hasattr(error, _MARK)
