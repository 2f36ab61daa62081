"""The terminal: taken for as long as the program runs, then given back as it was.

Invariant: however the program ends, the alternate screen is left, the cursor shows, the mouse is
the terminal's own and what is typed is echoed; only then anything is said. A signal ends it as `q`
would. A terminal that is gone ends the program, it never holds it.
"""

import asyncio
import os
import select
import signal
import sys
import termios
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size

from scaffolder import buglog, stopping
from scaffolder.tui.app import ScaffoldApp

LEAST = (20, 5)
"""Columns and rows that are drawn for also where there are fewer: below, no layout holds."""

RESTS = 0.05
"""Seconds without another change after which a size is told."""

HUNG_UP = 128 + signal.SIGHUP

_GIVE_BACK = (
    "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)


class Terminal(LinuxDriver):
    """Textual's, which takes it that the terminal stays and can show every character."""

    is_taken = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._file = cast(Any, Lasting(cast(TextIO, sys.__stdout__)))

    def start_application_mode(self) -> None:
        """Takes the terminal, and notices when it hangs up."""
        self.is_taken = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._follow_size(asyncio.get_running_loop())
        threading.Thread(target=self._wait_for_hang_up, daemon=True).start()

    def stop_application_mode(self) -> None:
        """Gives it back; mouse positions in pixels Textual would leave on."""
        if self._mouse_pixels:
            self.write("\x1b[?1016l")
        super().stop_application_mode()
        self.is_taken = False

    def _get_terminal_size(self) -> tuple[int, int]:
        columns, rows = super()._get_terminal_size()
        return max(columns, LEAST[0]), max(rows, LEAST[1])

    def _follow_size(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tells the size once it rests, since Textual's own handler may tell an older one last.

        No handler of the loop's: closing it would leave a signal without a place to go.
        """
        waiting: list[asyncio.TimerHandle] = []

        def rest() -> None:
            while waiting:
                waiting.pop().cancel()
            waiting.append(loop.call_later(RESTS, self._tell_size))

        def changed(*_: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(rest)

        signal.signal(signal.SIGWINCH, changed)
        changed()

    def _tell_size(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self._app.post_message(Resize(size, size))

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._leave()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    def _wait_for_hang_up(self) -> None:
        poll = select.poll()
        poll.register(self.fileno, 0)
        while self.is_taken:
            if poll.poll(1000):
                self._leave()
                return

    def _leave(self) -> None:
        """Nobody is there to read or type."""
        self._app.exit(return_code=HUNG_UP)


class Lasting:
    """A stream to the terminal that outlives it; what it cannot show becomes `?`."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> None:
        """Writes what can be written."""
        shown = text.encode(self.encoding, "replace").decode(self.encoding)
        with suppress(OSError, ValueError):
            self.stream.write(shown)

    def flush(self) -> None:
        """Passes it on."""
        with suppress(OSError, ValueError):
            self.stream.flush()

    def fileno(self) -> int:
        """That of the stream."""
        return self.stream.fileno()


def run() -> int:
    """Runs the program until it is left; returns its exit code, raises what broke it."""
    app = ScaffoldApp()
    app.driver_class = Terminal
    with _given_back(app):
        asyncio.run(_run(app))
    if app.crash:
        raise app.crash
    return app.return_code or 0


async def _run(app: ScaffoldApp) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_keep)

    def leave(number: int) -> None:
        loop.call_soon_threadsafe(partial(app.exit, return_code=128 + number))

    with stopping.told(leave):
        await app.run_async()


def _keep(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio has to tell is for the log: the user can do nothing about it."""
    error = context.get("exception")
    if isinstance(error, Exception):
        buglog.keep(error)


@contextmanager
def _given_back(app: ScaffoldApp) -> Iterator[None]:
    """Where Textual did not come to it, the terminal is given back here."""
    before = _attributes()
    try:
        yield
    except BaseException:
        _leave_quietly()
        raise
    finally:
        if getattr(app._driver, "is_taken", False):
            with suppress(OSError, ValueError):
                os.write(1, _GIVE_BACK.encode())
            with suppress(termios.error):
                termios.tcsetattr(0, termios.TCSANOW, before)


def _leave_quietly() -> None:
    """What is broken off tells of itself while it is taken apart; the reason is raised already."""
    sys.unraisablehook = _drop
    warnings.simplefilter("ignore", RuntimeWarning)


def _drop(_: object) -> None:
    pass


def _attributes() -> list[Any]:
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return []
