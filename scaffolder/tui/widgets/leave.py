"""The way out of a dialog for those who use the mouse."""

from textual.binding import Binding

from scaffolder.tui.widgets.keys import Key


class Leave(Key):
    """Esc and what it comes to, as in the last line of a page; a click presses it."""

    DEFAULT_CSS = """
    Leave { height: 1; }
    """

    def __init__(self, comes_to: str) -> None:
        super().__init__(Binding("escape", "leave", comes_to), "Esc", True)
