"""A question before something is taken away."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.leave import Leave


class Sure(Dialog[bool | None]):
    """A question before something is taken away; the answer that changes nothing has the focus."""

    DEFAULT_CSS = """
    Sure Horizontal { height: auto; margin-top: 1; }
    Sure Button { margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False),
        Binding("n", "leave", "No", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, question: Content, yes: str, command: Content) -> None:
        super().__init__()
        self.question, self.yes, self.command = question, yes, command

    def compose(self) -> ComposeResult:
        """The question, two buttons, the command that does the same."""
        with Vertical(classes="dialog"):
            yield Static(self.question, markup=False)
            with Horizontal():
                yield Button("No, leave it", id="no")
                yield Button(Content(self.yes), id="yes", variant="warning")
            yield Static(self.command, classes="hint", markup=False)
            yield Leave("or n no · y yes")

    def on_mount(self) -> None:
        """Nothing is taken away by a hasty Enter."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The answer."""
        self.dismiss(event.button.id == "yes")

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss(True)
