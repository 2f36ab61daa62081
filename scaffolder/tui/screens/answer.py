"""What only a person can decide about an item: three questions, checked as one types."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Button, Input, Static

from scaffolder.errors import ScaffoldError
from scaffolder.journeys import attest
from scaffolder.journeys.attest import Recorded
from scaffolder.review.model import Check
from scaffolder.skills import Question
from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.leave import Leave
from scaffolder.tui.widgets.slim import Slim
from scaffolder.tui.wording.commands import command
from scaffolder.tui.wording.findings import sentence
from scaffolder.tui.words import plain


class Answer(Dialog[Recorded | None]):
    """The result is what stands in `scaffold.toml` now."""

    DEFAULT_CSS = """
    Answer .error { height: auto; display: none; }
    Answer #answer-done { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Field before", show=False),
    ]

    def __init__(self, root: Path, check: Check) -> None:
        super().__init__()
        self.root, self.check = root, check

    def compose(self) -> ComposeResult:
        """The claim, what is asked, a field with its error for each part."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(plain(f"Answer {self.check.id}"), classes="title", markup=False)
            yield Static(plain(self.check.claim), markup=False)
            yield Static(plain(self.check.ask), classes="hint", markup=False)
            for name, question in attest.QUESTIONS.items():
                yield Static(plain(_asked(question)), markup=False)
                yield Slim(id=f"answer-{name}")
                yield Static("", id=f"error-{name}", classes="error", markup=False)
            yield Static("", id="answer-error", classes="error", markup=False)
            yield Button("Record it", id="answer-done", variant="primary")
            yield Static("", id="answer-command", classes="hint", markup=False)
            yield Leave("records nothing")

    def on_mount(self) -> None:
        """The first question first."""
        self._show_command()
        self.query_one("#answer-verdict").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Says at once what is wrong with a part that was begun."""
        self._show_command()
        name = (event.input.id or "").removeprefix("answer-")
        self._check(name, event.value) if event.value else self._say(name, "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """To the next field, after the last one on to the end."""
        if event.input.id == f"answer-{list(attest.QUESTIONS)[-1]}":
            self._record()
        else:
            self.app.action_focus_next()

    def on_button_pressed(self) -> None:
        """Records the answer."""
        self._record()

    def failed(self, task: str, error: ScaffoldError) -> None:  # noqa: ARG002
        """What was wrong with the whole of it."""
        self._show_error(sentence(error))

    def _record(self) -> None:
        given = self._typed()
        bad = [name for name, value in given.items() if not self._check(name, value)]
        if bad:
            self.query_one(f"#answer-{bad[0]}").focus()
            return
        self._show_error("Recording …")
        self.work_apart(
            "answer", self._done, attest.answer, self.root, self.check.id, *given.values()
        )

    def _check(self, name: str, value: str) -> bool:
        try:
            attest.check_answer(attest.QUESTIONS[name], value)
        except ScaffoldError as error:
            self._say(name, error.message if name == "verdict" else sentence(error))
            return False
        self._say(name, "")
        return True

    def _typed(self) -> dict[str, str]:
        return {n: self.query_one(f"#answer-{n}", Input).value for n in attest.QUESTIONS}

    def _show_command(self) -> None:
        said = command("answer", self.root, self.check.id, **self._typed())
        self.query_one("#answer-command", Static).update(said)

    def _done(self, recorded: Recorded) -> None:
        self.dismiss(recorded)

    def _say(self, name: str, why: str) -> None:
        self._put(f"#error-{name}", why)

    def _show_error(self, why: str) -> None:
        self._put("#answer-error", why)

    def _put(self, place: str, why: str) -> None:
        """An error takes room only while there is one: 24 lines hold the rest."""
        shown = self.query_one(place, Static)
        shown.update(plain(why))
        shown.display = bool(why)


def _asked(question: Question) -> str:
    """The question, with the answers that it takes where they are few."""
    return f"{question.help} ({', '.join(question.choices)})" if question.choices else question.help
