"""Asks before a project is run with faults injected: what, where, and how it is kept apart."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from scaffolder.journeys.trying import Terms
from scaffolder.review.model import count
from scaffolder.tui.page import Dialog
from scaffolder.tui.wording.commands import command
from scaffolder.tui.words import plain


class Trial(Dialog[bool]):
    """True only where it was said; Esc is no."""

    DEFAULT_CSS = """
    Trial #terms { height: auto; max-height: 14; scrollbar-size-vertical: 1; }
    Trial #answers { height: auto; margin-top: 1; }
    Trial Button { margin-right: 2; }
    Trial .argv { text-style: bold; padding-left: 2; }
    Trial .loud { color: $error; text-style: bold; margin-top: 1; }
    Trial .more { padding-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Run it"),
        Binding("n", "answer(False)", "Do not"),
        Binding("left,right,h,l", "app.focus_next", "Other button", show=False),
    ]

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self.terms = terms

    def compose(self) -> ComposeResult:
        """The terms, two buttons, the command; the button that does nothing has the focus."""
        words = ["--run", *(["--unsandboxed"] if self.terms.no_sandbox else [])]
        with Vertical(classes="dialog"):
            yield Static(
                "Run this project, and break it on purpose?", classes="title", markup=False
            )
            with VerticalScroll(id="terms", can_focus=False):
                yield from self._terms()
            with Horizontal(id="answers"):
                yield Button("Do not (n)", id="no")
                yield Button("Run it (y)", id="yes", variant="warning")
            yield Static(command("review", self.terms.project, *words), classes="hint")

    def on_mount(self) -> None:
        """Nothing is run by a hasty Enter."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Either answer."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Either answer, by its key."""
        self.dismiss(yes)

    def _terms(self) -> Iterator[Static]:
        terms = self.terms
        yield Static(plain(f"This runs code of {terms.project}, in a throw-away copy:"))
        yield from (Static(plain(line), classes="argv") for line in terms.commands)
        known = f", {count(terms.kept, 'is', 'are')} known already" if terms.kept else ""
        faults = f"{count(terms.left, 'fault is', 'faults are')} tried, each after its control"
        yield Static(plain(f"{faults}{known}. The project is not changed."))
        if terms.needs_setup:
            yield Static("There is no environment yet: setup runs first, with the network.")
        yield from self._protection()

    def _protection(self) -> Iterator[Static]:
        if not self.terms.no_sandbox:
            yield Static(
                "It runs in a sandbox: no network, no keys, nothing of yours to read or write.",
                classes="hint",
            )
            return
        yield Static("It runs WITHOUT a sandbox, as you. Not protected:", classes="loud")
        yield from (Static(plain(f"- {s}"), classes="more") for s in self.terms.unprotected)
        yield Static(plain(self.terms.no_sandbox), classes="hint")
