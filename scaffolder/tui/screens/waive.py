"""Why an item does not count for a while, and until when."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Button, Input, Static

from scaffolder.errors import ScaffoldError
from scaffolder.journeys import attest
from scaffolder.journeys.attest import Recorded
from scaffolder.review.model import Check
from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.leave import Leave
from scaffolder.tui.widgets.slim import Slim
from scaffolder.tui.wording.commands import command
from scaffolder.tui.wording.findings import sentence
from scaffolder.tui.words import plain

MEANT = timedelta(days=30)
"""How long a waiver is proposed to last."""


class Waive(Dialog[Recorded | None]):
    """The result is what stands in `scaffold.toml` now."""

    DEFAULT_CSS = """
    Waive Slim { margin-bottom: 1; }
    """

    def __init__(self, root: Path, check: Check) -> None:
        super().__init__()
        self.root, self.check = root, check

    def compose(self) -> ComposeResult:
        """A reason, a day, an error."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(plain(f"Waive {self.check.id}"), classes="title", markup=False)
            yield Static(plain(self.check.claim), markup=False)
            yield Static("The reason stands in scaffold.toml and in every report.", classes="hint")
            yield Static("Why does it not count?", markup=False)
            yield Slim(id="waive-reason", placeholder="No container: it runs as a library")
            yield Static("Until which day? At most a year from today.", markup=False)
            yield Slim((date.today() + MEANT).isoformat(), id="waive-until")
            yield Static("", id="waive-error", classes="error", markup=False)
            yield Button("Waive it", id="waive-done", variant="primary")
            yield Static("", id="waive-command", classes="hint", markup=False)
            yield Leave("waives nothing")

    def on_mount(self) -> None:
        """The reason first."""
        self._show_command()
        self.query_one("#waive-reason").focus()

    def on_input_changed(self) -> None:
        """The command is the one that does what is typed."""
        self._show_command()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """To the day, then to the end."""
        if event.input.id == "waive-reason":
            self.query_one("#waive-until").focus()
        else:
            self._record()

    def on_button_pressed(self) -> None:
        """Records the waiver."""
        self._record()

    def failed(self, task: str, error: ScaffoldError) -> None:  # noqa: ARG002
        """What was wrong with it."""
        self._say(sentence(error))

    def _record(self) -> None:
        reason, last = self._typed()
        try:
            until = attest.day(last.strip())
        except ScaffoldError as error:
            self._say(f"{error.message} Write it as YYYY-MM-DD.")
            return
        self._say("Recording …")
        self.work_apart("waive", self._done, attest.waive, self.root, self.check.id, reason, until)

    def _typed(self) -> tuple[str, str]:
        fields = (self.query_one(f"#waive-{name}", Input) for name in ("reason", "until"))
        reason, until = (field.value for field in fields)
        return reason, until

    def _show_command(self) -> None:
        reason, until = self._typed()
        said = command("waive", self.root, self.check.id, reason=reason, until=until)
        self.query_one("#waive-command", Static).update(said)

    def _done(self, recorded: Recorded) -> None:
        self.dismiss(recorded)

    def _say(self, why: str) -> None:
        self.query_one("#waive-error", Static).update(plain(why))
