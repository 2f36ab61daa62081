"""The report into a file: which form, which name; a file that is there is not lost by surprise."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static
from textual.widgets.option_list import Option

from scaffolder.errors import ScaffoldError
from scaffolder.journeys import export
from scaffolder.review.model import Report
from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.widgets.leave import Leave
from scaffolder.tui.widgets.slim import Slim
from scaffolder.tui.wording.commands import command, shown_path
from scaffolder.tui.wording.findings import sentence
from scaffolder.tui.words import plain

_SAID = {
    "text": "to read anywhere",
    "json": "for programs: stable keys",
    "markdown": "for an issue or a pull request",
    "html": "one page to open or send",
    "sarif": "for code scanning",
    "junit": "for a CI that shows tests",
}


class Export(Dialog[Path | None]):
    """The result is where the report went."""

    DEFAULT_CSS = """
    Export Items, Export Items:focus { height: auto; max-height: 8; border: none; padding: 0;
        background: $surface; background-tint: transparent; }
    Export .error { height: auto; margin-bottom: 1; }
    """

    def __init__(self, report: Report, here: Path) -> None:
        super().__init__()
        self.report, self.here = report, here
        self.replacing: Path | None = None

    def compose(self) -> ComposeResult:
        """The forms, a name, an error."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static("Put this report into a file", classes="title", markup=False)
            yield Static("In which form?", markup=False)
            yield Items(id="export-form", classes="")
            yield Static(plain(f"Under which name? In {self.here}"), markup=False)
            yield Slim(id="export-name")
            yield Static("", id="export-error", classes="error", markup=False)
            yield Button("Write it", id="export-done", variant="primary")
            yield Static("", id="export-command", classes="hint", markup=False)
            yield Leave("writes nothing")

    def on_mount(self) -> None:
        """The form that one looks at in a browser first."""
        items = self.query_one(Items)
        items.add_options(
            Option(Content(f"{kind:<10} {_SAID.get(kind, '')}"), id=kind) for kind in export.kinds()
        )
        items.highlighted = export.kinds().index("html")
        items.focus()

    def on_option_list_option_highlighted(self, event: Items.OptionHighlighted) -> None:
        """A name that ends as the form does."""
        place = export.suggested(self.report, event.option_id or "text", self.here)
        self.query_one("#export-name", Input).value = shown_path(place)
        self._show_command()

    def on_option_list_option_selected(self) -> None:
        """On to the name."""
        self.query_one("#export-name").focus()

    def on_input_changed(self) -> None:
        """Another name is not yet asked about."""
        self.replacing = None
        self._say("")
        self._show_command()

    def on_input_submitted(self) -> None:
        """Writes it."""
        self._write()

    def on_button_pressed(self) -> None:
        """Writes it."""
        self._write()

    def failed(self, task: str, error: ScaffoldError) -> None:  # noqa: ARG002
        """Why it was not written."""
        self._say(sentence(error))

    def _write(self) -> None:
        kind = self._kind()
        try:
            place = export.target(self.here / self.query_one("#export-name", Input).value.strip())
        except ScaffoldError as error:
            self._say(sentence(error))
            return
        if place.exists() and self.replacing != place:
            self.replacing = place
            self._say("There is such a file already. Enter again replaces it; or name another.")
            return
        self._say("Writing …")
        self.work_here(
            "export", self._done, export.export, self.report, kind, place, self.replacing == place
        )

    def _show_command(self) -> None:
        name, root = self.query_one("#export-name", Input).value, Path(self.report.project.path)
        said = command("review", root, format=self._kind(), output=name)
        self.query_one("#export-command", Static).update(said)

    def _done(self, place: Path) -> None:
        self.dismiss(place)

    def _kind(self) -> str:
        return export.kinds()[self.query_one(Items).highlighted or 0]

    def _say(self, why: str) -> None:
        self.query_one("#export-error", Static).update(plain(why))
