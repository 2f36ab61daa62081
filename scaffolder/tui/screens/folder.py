"""Which folder to review."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from scaffolder.errors import ScaffoldError
from scaffolder.journeys import rounds
from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.leave import Leave
from scaffolder.tui.wording.findings import sentence
from scaffolder.tui.words import plain


class Folder(Dialog[Path | None]):
    """The result is a folder that is there."""

    def compose(self) -> ComposeResult:
        """A field and what is wrong with it."""
        with Vertical(classes="dialog"):
            yield Static("Review another folder", classes="title", markup=False)
            yield Static(
                "Any repository: nothing of it is run, nothing in it is changed.", markup=False
            )
            yield Input(placeholder="~/code/rulebook", id="folder")
            yield Static("", id="folder-error", classes="error", markup=False)
            yield Static("Enter reviews it", classes="hint", markup=False)
            yield Leave("Back")

    def on_mount(self) -> None:
        """Straight to the field."""
        self.query_one(Input).focus()

    def on_input_changed(self) -> None:
        """What was wrong may be right now."""
        self.query_one("#folder-error", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The folder, if there is one."""
        try:
            self.dismiss(rounds.folder(event.value))
        except ScaffoldError as error:
            self.query_one("#folder-error", Static).update(plain(sentence(error)))
