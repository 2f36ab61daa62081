"""The first three questions: what every project will be about.

Invariant: nothing is kept until all of it is asked for; what is refused stays typed.
"""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from scaffolder import progress
from scaffolder.errors import ScaffoldError
from scaffolder.journeys import begin, form
from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.field import Act, Field
from scaffolder.tui.words import plain

ASKED = ("domain", "users", "task")
"""The questions asked here; the others of `begin` are asked where they matter."""


class Begin(Dialog[Sequence[str] | None]):
    """Answers are kept when all is left with Enter; the advice that follows is the result."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field before", show=False),
    ]
    DEFAULT_CSS = """
    Begin #begin { padding: 1 2; }
    Begin .title { margin-bottom: 1; }
    Begin Line { background: $background; }
    Begin #do { height: 1; }
    Begin #begin-error { width: 1fr; }
    Begin .hint { margin-top: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked = [question for question in begin.QUESTIONS if question.name in ASKED]
        self.fields = {q.name: Field(q.name, q.name.capitalize(), q.help) for q in self.asked}

    def compose(self) -> ComposeResult:
        """Three fields, a button with what is wrong beside it."""
        with Vertical(id="begin", classes="dialog"):
            yield Static("Begin: one domain for all your projects", classes="title", markup=False)
            yield from self.fields.values()
            with Horizontal(id="do"):
                yield Act("Keep them", id="keep")
                yield Static("", id="begin-error", classes="error", markup=False)
            yield Static(
                "Enter goes on · Esc keeps nothing · $ scaffold begin", classes="hint", markup=False
            )

    def on_mount(self) -> None:
        """What was kept before stands there."""
        kept = progress.load().profile
        for name, field in self.fields.items():
            field.give(kept.get(name, ""))

    def on_field_changed(self, event: Field.Changed) -> None:
        """Checked as one types."""
        event.stop()
        found = form.faults(self.asked, self._typed())
        for name, field in self.fields.items():
            field.show_problem(found[name].sentence if name in found else "")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Keeps the answers."""
        event.stop()
        if not any(map(str.strip, self._typed().values())) and not progress.load().profile:
            self.query_one("#begin-error", Static).update("✗ Give at least one answer, or Esc.")
            return
        try:
            began = begin.begin(self._typed())
        except ScaffoldError as error:
            self.query_one("#begin-error", Static).update(plain("✗ " + error.message))
            return
        self.dismiss([*began.notices, *began.advice])

    def _typed(self) -> dict[str, str]:
        return {name: field.entry.value for name, field in self.fields.items()}
