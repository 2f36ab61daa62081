"""What a command prints: streaming, with scrollback, never more than a screen can take.

Invariant: threads only add to a bounded `Backlog`; the screen takes from it at its own pace, cleans
what it shows and draws only the lines that are seen.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from scaffolder.journeys.run import readable
from scaffolder.sanitise import clean

MAX_LINES = 4000
"""Lines of scrollback."""

MAX_SHOWN = 1000
"""Characters of a line that are shown."""

COMMAND, GOOD, BAD, NOTE = "command", "good", "bad", "note"


@dataclass(frozen=True)
class Line:
    """A line as it is shown; `kind` is "" for what the command printed."""

    text: str
    kind: str = ""


class Backlog:
    """Lines that were printed and not drawn yet: filled by threads, emptied by the screen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._left = 0
        self._passing = ""

    def add(self, line: str) -> None:
        """A whole line."""
        with self._lock:
            self._left += len(self._lines) == MAX_LINES
            self._lines.append(line)
            self._passing = ""

    def pass_on(self, text: str) -> None:
        """A line that is not ended yet."""
        with self._lock:
            self._passing = text

    def take(self) -> tuple[Sequence[str], int, str]:
        """The new lines, how many before them were left out, the line that is not ended."""
        with self._lock:
            found, left = tuple(self._lines), self._left
            self._lines.clear()
            self._left = 0
            return found, left, self._passing


class Output(ScrollView, can_focus=True, inherit_bindings=False):
    """Follows what is printed while its end is in sight."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "output--command",
        "output--good",
        "output--bad",
        "output--note",
    }
    DEFAULT_CSS = """
    Output { overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable; }
    Output > .output--command { color: $primary; text-style: bold; }
    Output > .output--good { color: $success; text-style: bold; }
    Output > .output--bad { color: $error; text-style: bold; }
    Output > .output--note { color: $muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("home,g", "scroll_home", "Top", show=False),
        Binding("end,G", "scroll_end", "End, and follow", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
    ]

    def __init__(self, *, id: str, classes: str = "pane") -> None:
        super().__init__(id=id, classes=classes)
        self.lines: deque[Line] = deque(maxlen=MAX_LINES)
        self._rows: list[Line] = []
        self._passing: list[Line] = []
        self._is_offer = True

    def offer(self, lines: Sequence[Line]) -> None:
        """What can be done here, until something was."""
        if self._is_offer:
            self.empty()
            self.say(*lines)

    def begin(self) -> None:
        """Something was done: it follows what was there, at its end."""
        if self._is_offer:
            self._is_offer = False
            self.empty()
        elif self.lines:
            self.say(Line(""))
        self.scroll_end(animate=False, force=True, immediate=True)

    def say(self, *lines: Line) -> None:
        """Adds lines of ours."""
        self._add([Line(_shown(line.text), line.kind) for line in lines])

    def draw(self, backlog: Backlog) -> None:
        """Adds what was printed since."""
        printed, left, passing = backlog.take()
        told = [Line(f"… {left} lines are not shown", NOTE)] if left else []
        new = [*told, *(Line(_shown(text)) for text in printed)]
        before, self._passing = self._passing, self._wrapped([Line(_shown(passing), NOTE)])
        if not passing:
            self._passing = []
        if new or before != self._passing:
            self._add(new)

    def empty(self) -> None:
        """Nothing is shown any more."""
        self.lines.clear()
        self._rows, self._passing = [], []
        self._add([])

    def on_resize(self) -> None:
        """Lines are broken for the width there is."""
        self._rows = self._wrapped(self.lines)
        self._resize(self.is_at_end)

    @property
    def is_at_end(self) -> bool:
        """Whether the last line is in sight."""
        return self.scroll_offset.y >= self.max_scroll_y - 1

    def render_line(self, y: int) -> Strip:
        """One row of the pane."""
        at, width = self.scroll_offset.y + y, self.size.width
        kept = len(self._rows)
        passing = self._passing[at - kept : at - kept + 1] if at >= kept else []
        row = self._rows[at] if at < kept else passing[0] if passing else Line("")
        names = [f"output--{row.kind}"] if row.kind else []
        style = self.get_visual_style(*names)
        strip = Strip(Content(row.text).render_segments(style))
        return strip.adjust_cell_length(width, self.rich_style)

    def _add(self, new: Sequence[Line]) -> None:
        follow = self.is_at_end
        self.lines.extend(new)
        self._rows += self._wrapped(new)
        if len(self._rows) > 2 * MAX_LINES:
            self._rows = self._wrapped(self.lines)[-2 * MAX_LINES :]
        self._resize(follow)

    def _resize(self, follow: bool) -> None:
        rows = len(self._rows) + len(self._passing)
        self.virtual_size = Size(self.size.width, rows)
        if follow:
            self.scroll_end(animate=False, force=True, immediate=True, x_axis=False)
        self.refresh()

    def _wrapped(self, lines: Sequence[Line] | deque[Line]) -> list[Line]:
        width = max(20, self.scrollable_content_region.width)
        return [Line(part, line.kind) for line in lines for part in _parts(line.text, width)]


def _shown(text: str) -> str:
    return clean(readable(text), MAX_SHOWN)


def _parts(text: str, width: int) -> list[str]:
    """A line in rows, broken between words, with its own indent; anywhere where that fails."""
    if len(text) <= width and (text.isascii() or _cells(text) <= width):
        return [text]
    indent = " " * min(len(text) - len(text.lstrip()), width // 2)
    rows = wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
    if text.isascii() or all(_cells(row) <= width for row in rows):
        return rows or [""]
    return [row.plain for row in Content(text).fold(width)]


def _cells(text: str) -> int:
    return Content(text).cell_length
