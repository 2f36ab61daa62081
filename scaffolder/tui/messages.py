"""What workers tell the screens.

Invariant: a message carries data and the method that redraws with it; the work was done elsewhere.
"""

from collections.abc import Callable
from typing import Any

from textual.message import Message


class Finished(Message):
    """A journey ended well: `redraw` takes its result."""

    def __init__(self, redraw: Callable[[Any], None], result: object) -> None:
        super().__init__()
        self.redraw = redraw
        self.result = result


class Told(Message):
    """A line about work that goes on."""

    def __init__(self, show: Callable[[str], None], line: str) -> None:
        super().__init__()
        self.show = show
        self.line = line


class Failed(Message):
    """A journey ended with an error; `task` is the name it was started under."""

    def __init__(self, task: str, error: BaseException) -> None:
        super().__init__()
        self.task = task
        self.error = error
