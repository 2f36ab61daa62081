"""Asks before code of a folder is run that was not made on this machine."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from scaffolder.journeys.run import Planned
from scaffolder.tui.page import Dialog
from scaffolder.tui.words import plain


class Consent(Dialog[bool]):
    """True only where it was said; Esc is no."""

    DEFAULT_CSS = """
    Consent #answers { height: auto; margin-top: 1; }
    Consent Button { margin-right: 2; }
    Consent .argv { margin: 1 0; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Run it"),
        Binding("n", "answer(False)", "Do not"),
        Binding("left,right,h,l", "app.focus_next", "Other button", show=False),
    ]

    def __init__(self, planned: Planned) -> None:
        super().__init__()
        self.planned = planned

    def compose(self) -> ComposeResult:
        """The folder, the command, two buttons; the one that does nothing has the focus."""
        with Vertical(classes="dialog"):
            yield Static("Run code of this folder?", classes="title", markup=False)
            yield Static("It was not made on this machine:", markup=False)
            yield Static(plain(str(self.planned.project)), markup=False)
            yield Static(plain(f"$ {self.planned.line}"), classes="argv", markup=False)
            yield Static(
                "It runs as you, with all that you may do. Asked once, until you leave.",
                classes="hint",
                markup=False,
            )
            with Horizontal(id="answers"):
                yield Button("Do not (n)", id="no")
                yield Button("Run it (y)", id="yes", variant="warning")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Either answer."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Either answer, by its key."""
        self.dismiss(yes)
