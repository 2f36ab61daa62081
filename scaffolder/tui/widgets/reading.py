"""A pane of text to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

NARROWEST = 12
"""Columns below which text is not broken any further."""


@dataclass(frozen=True)
class Hanging:
    """A paragraph that begins with `mark`; its other lines stand as far in as its first word."""

    mark: str
    text: Content


Prose = Sequence[Content | Hanging]
"""Paragraphs, each from a line of its own."""


class Reading(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Scrolls up and down; left and right are left to the screen, which changes panes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.back", "Back"),
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("home,g", "scroll_home", "Top", show=False),
        Binding("end,G", "scroll_end", "End", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
    ]

    def __init__(self, *, id: str, classes: str = "pane") -> None:
        super().__init__(id=id, classes=classes)
        self.prose: Prose = ()

    def compose(self) -> ComposeResult:
        """The text."""
        yield Static("", markup=False)

    def on_resize(self) -> None:
        """Paragraphs are broken for the width there is."""
        self._set()

    def show(self, text: Content | Prose) -> None:
        """Another text, from its beginning; the same one stays where it is."""
        prose = [text] if isinstance(text, Content) else text
        if prose == self.prose:
            return
        self.prose = prose
        self._set()
        self.scroll_home(animate=False)

    def _set(self) -> None:
        width = self.scrollable_content_region.width
        if not self.show_vertical_scrollbar:
            width -= self.styles.scrollbar_size_vertical
        if width <= 0:
            return
        lines = [line for part in self.prose for line in _lines(part, width)]
        self.query_one(Static).update(Content("\n").join(lines))


def _lines(part: Content | Hanging, width: int) -> list[Content]:
    if isinstance(part, Content):
        return [part]
    indent = Content(part.mark).cell_length
    rows = part.text.wrap(max(width - indent, NARROWEST))
    first, rest = Content(part.mark), Content(" " * indent)
    return [Content.assemble(rest if n else first, row) for n, row in enumerate(rows)]
