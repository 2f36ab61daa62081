"""A file at the line that a verdict rests on: numbered, coloured, the line marked.

Invariant: only the lines that are seen are cleaned and coloured, in pieces of bounded size; what
stands in them is never markup.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from scaffolder.journeys.excerpt import LINE, Excerpt
from scaffolder.tui.colouring import coloured

PIECE = 100
"""Lines that are cleaned and coloured at once."""

_COLOURED = 12_000
"""Characters of a piece beyond which it stays without colour: a key must never wait for it."""

_SIDEWAYS = 16


class Source(ScrollView, can_focus=True, inherit_bindings=False):
    """The lines of one file, or words about why there are none."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"source--marked", "source--number"}
    DEFAULT_CSS = """
    Source {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
    }
    Source .source--marked {
        background: $panel;
        text-style: bold;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("home,g", "scroll_home", "First line", show=False),
        Binding("end,G", "scroll_end", "Last line", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
        Binding("less_than_sign", "aside(-1)", "Scroll left", show=False, key_display="<"),
        Binding("greater_than_sign", "aside(1)", "Scroll right", show=False, key_display=">"),
    ]

    def __init__(self, *, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self.excerpt = Excerpt("")
        self._words: Sequence[Content] = ()
        self._text = Content("")
        self._pieces: dict[int, list[Content]] = {}
        self._aside = 0

    def show(self, excerpt: Excerpt) -> None:
        """A file, the line that is meant in the middle."""
        self.excerpt, self._text, self._aside = excerpt, Content(""), 0
        self._pieces.clear()
        self._measure()
        self._centre()
        self.refresh()

    def say(self, text: Content) -> None:
        """Words in place of a file."""
        self.excerpt, self._text, self._aside = Excerpt(""), text, 0
        self._pieces.clear()
        self._measure()
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.refresh()

    def action_aside(self, step: int) -> None:
        """Sideways, for lines longer than the pane."""
        self._aside = min(max(self._aside + step * _SIDEWAYS, 0), LINE)
        self.refresh()

    def on_resize(self, _: Resize) -> None:
        """Words are broken for the width there is; the line that is meant stays in the middle."""
        self._measure()
        self._centre()

    def render(self) -> str:
        """Nothing but lines: see `render_line`."""
        return ""

    def render_line(self, y: int) -> Strip:
        """One line of what is seen."""
        number = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        style = self.visual_style
        if self.excerpt.first and self.excerpt.first <= number + 1 <= self.excerpt.last:
            style = self.get_visual_style("source--marked")
        content = self._content(number, width)
        made = Visual.to_strips(self, content, width, 1, style, apply_selection=False, pad=True)
        return made[0] if made else Strip.blank(width, style.rich_style)

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        self._words = self._text.wrap(max(width, 10)) if self._text else ()
        self.virtual_size = Size(width, len(self._words) or len(self.excerpt.lines))

    def _centre(self) -> None:
        middle = max(self.excerpt.first - 1 - self.scrollable_content_region.height // 2, 0)
        self.scroll_to(y=middle, animate=False, force=True, immediate=True)

    def _content(self, number: int, width: int) -> Content:
        if self._words or number >= len(self.excerpt.lines):
            return self._words[number] if number < len(self._words) else Content(" ")
        piece = number // PIECE
        if piece not in self._pieces:
            self._pieces[piece] = _piece(self.excerpt, piece)
        text = self._pieces[piece][number % PIECE]
        meant = self.excerpt.first <= number + 1 <= self.excerpt.last
        digits = len(str(len(self.excerpt.lines)))
        gutter = f"{'▶' if meant else ' '} {number + 1:>{digits}} │ "
        shown = text[self._aside :] if self._aside < len(text) else Content("")
        whole = Content.assemble((gutter, "bold $accent" if meant else "$muted"), shown)
        return whole.truncate(width, ellipsis=True)


def _piece(excerpt: Excerpt, piece: int) -> list[Content]:
    texts = excerpt.shown(piece * PIECE, PIECE)
    if sum(map(len, texts)) > _COLOURED:
        return [Content(text) for text in texts]
    found = coloured(excerpt.path, "\n".join(texts)).split("\n", allow_blank=True)
    if len(found) > len(texts):
        return [Content(text) for text in texts]
    return found + [Content("")] * (len(texts) - len(found))
