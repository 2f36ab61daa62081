"""The list of verdicts: only the lines that are seen are ever made.

Invariant: the cursor is on an item by its id, and stays with it whatever is shown around it; a
heading is never chosen. A row is one line.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Blur, Click, Focus, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from scaffolder.journeys.sift import Flip, Group
from scaffolder.review.model import Item
from scaffolder.tui.wording import findings

Row = Group | Item | None
"""A heading, an item, or a blank line."""


class Verdicts(ScrollView, can_focus=True, inherit_bindings=False):
    """Groups of items; `chosen` is the item under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"verdicts--cursor", "verdicts--blurred"}
    DEFAULT_CSS = """
    Verdicts {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    Verdicts .verdicts--cursor {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    Verdicts .verdicts--blurred {
        background: $block-cursor-blurred-background;
        text-style: $block-cursor-blurred-text-style;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open"),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("home,g", "move(-100000)", "First", show=False),
        Binding("end,G", "move(100000)", "Last", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
    ]

    class Moved(Message):
        """The cursor is on another item, or on none."""

    class Opened(Message):
        """Enter or a second click: the item is to be looked at."""

    def __init__(self, *, id: str, classes: str = "pane") -> None:
        super().__init__(id=id, classes=classes)
        self.chosen: Item | None = None
        self._rows: list[Row] = []
        self._line_of: dict[str, int] = {}
        self._flips: Mapping[str, Flip] = {}
        self._blocking: frozenset[str] = frozenset()
        self._made: dict[tuple[object, ...], Strip] = {}

    def show(
        self, groups: Sequence[Group], blocking: Sequence[str] = (), flips: Sequence[Flip] = ()
    ) -> None:
        """Other groups; the cursor stays on its item, or near where it was."""
        before = self._line
        self._rows = _rows(groups)
        self._line_of = {r.check.id: n for n, r in enumerate(self._rows) if isinstance(r, Item)}
        self._flips = {flip.id: flip for flip in flips}
        self._blocking = frozenset(blocking)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))
        self._keep_cursor(before)
        self.refresh()

    def choose(self, check_id: str) -> bool:
        """Puts the cursor on the item with that id, if it is shown; whether it is."""
        line = self._line_of.get(check_id)
        if line is not None:
            self._put(line)
        return line is not None

    def render(self) -> str:
        """Nothing but lines: see `render_line`."""
        return ""

    def render_line(self, y: int) -> Strip:
        """One line of what is seen."""
        line = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        row = self._rows[line] if line < len(self._rows) else None
        here = line == self._line
        key = (_name(row), width, here and (1 + self.has_focus), self.app.theme)
        if key not in self._made:
            self._made[key] = self._strip(row, width, here)
        return self._made[key]

    def forget(self) -> None:
        """Another report: rows of the same name may look different."""
        self._made.clear()

    def action_open(self) -> None:
        """Asks for a look at the item."""
        if self.chosen:
            self.post_message(self.Opened())

    def action_move(self, by: int) -> None:
        """The item so many lines on; headings are passed over."""
        if not self._line_of:
            return
        step = 1 if by > 0 else -1
        goal = min(max(self._line + by, 0), len(self._rows) - 1)
        while 0 <= goal < len(self._rows) and not isinstance(self._rows[goal], Item):
            goal += step
        if not 0 <= goal < len(self._rows):
            goal = max(self._line_of.values()) if by > 0 else min(self._line_of.values())
        self._put(goal)

    def action_page(self, pages: int) -> None:
        """A page on or back."""
        self.action_move(pages * max(self.scrollable_content_region.height - 1, 1))

    def on_click(self, event: Click) -> None:
        """Chooses the item clicked; a click on the chosen one opens it."""
        offset = event.get_content_offset(self)
        line = self.scroll_offset.y + offset.y if offset else -1
        if not 0 <= line < len(self._rows) or not isinstance(self._rows[line], Item):
            return
        if line == self._line:
            self.action_open()
        self._put(line)

    def on_resize(self, _: Resize) -> None:
        """Lines are made for the width there is."""
        self._made.clear()
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))
        self._show_line()

    def on_focus(self, _: Focus) -> None:
        """The cursor looks different with the focus."""
        self.refresh()

    def on_blur(self, _: Blur) -> None:
        """The cursor looks different without the focus."""
        self.refresh()

    @property
    def _line(self) -> int:
        return self._line_of.get(self.chosen.check.id, -1) if self.chosen else -1

    def _keep_cursor(self, before: int) -> None:
        known = self._line_of.get(self.chosen.check.id) if self.chosen else None
        if known is None and self._line_of:
            lines = self._line_of.values()
            known = min(lines, key=lambda n: (abs(n - before), n)) if before > 0 else min(lines)
        if known is None:
            self.chosen = None
            self.post_message(self.Moved())
        else:
            self._put(known)

    def _put(self, line: int) -> None:
        row, before, top = self._rows[line], self._line, self.scroll_offset.y
        assert isinstance(row, Item)
        self.chosen = row
        self._show_line()
        if top == self.scroll_offset.y:
            self.refresh_lines(before, 1)
            self.refresh_lines(line, 1)
        else:
            self.refresh()
        self.post_message(self.Moved())

    def _show_line(self) -> None:
        """Scrolls so that the cursor is seen, with the heading right above it."""
        line = self._line
        if line < 0:
            return
        above = 1 if line and isinstance(self._rows[line - 1], Group) else 0
        region = Region(0, line - above, 1, 1 + above)
        self.scroll_to_region(region, animate=False, force=True, immediate=True)

    def _strip(self, row: Row, width: int, here: bool) -> Strip:
        style = self.visual_style
        if here:
            name = "verdicts--cursor" if self.has_focus else "verdicts--blurred"
            style = self.get_visual_style(name)
        content = self._content(row, width)
        made = Visual.to_strips(self, content, width, 1, style, apply_selection=False, pad=True)
        return made[0] if made else Strip.blank(width, style.rich_style)

    def _content(self, row: Row, width: int) -> Content:
        if isinstance(row, Group):
            return findings.heading(row, width)
        if isinstance(row, Item):
            known = row.check.id
            return findings.row(row, width, known in self._blocking, self._flips.get(known))
        return Content(" ")


def _name(row: Row) -> object:
    return row.check.id if isinstance(row, Item) else (row and (row.key, row.points))


def _rows(groups: Sequence[Group]) -> list[Row]:
    rows: list[Row] = []
    for group in groups:
        rows += [*([None] if rows else []), group, *group.items]
    return rows
