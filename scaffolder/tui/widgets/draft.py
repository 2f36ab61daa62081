"""The field one answers in before one compares.

Invariant: what is typed stays in this program's memory; it is judged by nobody and written nowhere.
"""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea


class Draft(TextArea):
    """Several lines; Esc leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Done typing")]

    class Left(Message):
        """Esc was pressed in the field."""

    def __init__(self, *, id: str) -> None:
        super().__init__(
            id=id,
            classes="pane",
            highlight_cursor_line=False,
            placeholder=Content("Answer aloud, or press a and type. Then c compares."),
        )
        self.border_title = "Your answer"
        self.border_subtitle = "kept nowhere"

    def action_leave(self) -> None:
        """Back to the question, with what was typed."""
        self.post_message(self.Left())
