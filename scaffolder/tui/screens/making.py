"""A project is made: how far it is, then what to do with it.

Invariant: what is said of the disk is looked at after the work has ended: nothing is called undone
that is there, nor done that is not.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static
from textual.worker import get_current_worker

from scaffolder.errors import Interrupted, ScaffoldError
from scaffolder.journeys import start_skill
from scaffolder.journeys.start_skill import Started
from scaffolder.tui import apart
from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.field import Act
from scaffolder.tui.words import HEADING, MUTED, lines, plain


class Making(Dialog[tuple[Started, bool] | None]):
    """The result is the project and whether to run it here; None if nothing was made."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Set up, test and demo it here"),
        Binding("c", "copy", "Copy the commands"),
        Binding("left,h", "app.focus_previous", "Button before", show=False),
        Binding("right,l", "app.focus_next", "Next button", show=False),
    ]
    DEFAULT_CSS = """
    Making #making {
        padding: 1 2;
    }
    Making #report {
        height: auto;
        max-height: 16;
        margin: 1 0;
    }
    Making #stages {
        height: auto;
    }
    Making #keys {
        height: auto;
    }
    """

    def __init__(
        self, slug: str, destination: Path, given: Mapping[str, str], with_git: bool
    ) -> None:
        super().__init__()
        self.job = (slug, destination, dict(given), with_git)
        self.stages = start_skill.stages(with_git)
        self.told: list[str] = []
        self.asked_to_stop = threading.Event()
        self.started: Started | None = None

    def compose(self) -> ComposeResult:
        """A title, the stages, later the report; what the keys do."""
        with Vertical(id="making", classes="dialog"):
            yield Static(
                plain(f"Making {self.job[1].name}"), id="what", classes="title", markup=False
            )
            with VerticalScroll(id="report", can_focus=False):
                yield Static(self._steps(), id="stages", markup=False)
            with Horizontal(id="keys"):
                yield Act("Stop", id="stop")
            yield Static("Esc stops it; nothing will be left.", id="hint", classes="hint")

    def on_mount(self) -> None:
        """Begins."""
        self._run_beside("generate", self._made, self._make)

    def failed(self, task: str, error: ScaffoldError) -> None:
        """Stopped: what is there is looked at. Refused: said, and nothing was made."""
        if task == "generate" and isinstance(error, Interrupted):
            slug, destination, *_ = self.job
            self.work_here("look", self._looked, start_skill.after_stop, slug, destination)
            return
        self._say_not_made("It was not made", [plain(f"✗ {error.message}", "$error")], error.hint)

    def why_not(self, action: str) -> str:
        """What needs a project that is made."""
        if action in ("run", "copy") and self.started is None:
            return "The project is not made yet."
        return ""

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Greyed out until the project is made."""
        return None if self.why_not(action) else True

    def action_leave(self) -> None:
        """Stops what goes on; leaves when it is over."""
        if self.is_working("generate"):
            self.asked_to_stop.set()
            self._hint("Stopping, and clearing away …")
        elif not self.is_working("look"):
            self.dismiss((self.started, False) if self.started else None)

    def action_run(self) -> None:
        """To the project, where its commands run."""
        if self.started:
            self.dismiss((self.started, True))

    def action_copy(self) -> None:
        """The commands on the clipboard, where the terminal allows it."""
        if self.started:
            self.app.copy_to_clipboard("\n".join(self.started.next))
            self._hint("Copied, where your terminal allows it.")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Each button has a key too."""
        {"run": self.action_run, "copy": self.action_copy}.get(
            event.button.id or "", self.action_leave
        )()

    def _make(self) -> Started:
        worker = get_current_worker()
        return apart.call(
            start_skill.make,
            *self.job,
            is_stopped=lambda: worker.is_cancelled or self.asked_to_stop.is_set(),
            tell=lambda line: self._tell(self._reached, line),
        )

    def _reached(self, stage: str) -> None:
        self.told.append(stage)
        self.query_one("#stages", Static).update(self._steps())

    def _steps(self) -> Content:
        at = len(self.told) - 1
        signs = ("✓", "$success"), ("◐", "bold $warning"), ("○", MUTED)
        found = []
        for n, stage in enumerate(self.stages):
            sign, style = signs[(n == at) + 2 * (n > at)]
            found.append(
                Content.assemble((f"{sign} ", style), plain(stage, "" if n <= at else MUTED))
            )
        return lines(found)

    def _made(self, started: Started) -> None:
        self._say_made(started, "is made")

    def _looked(self, started: Started | None) -> None:
        if started:
            self._say_made(started, "was in place before your stop arrived")
        else:
            gone = f"Nothing is left of it, neither at {self.job[1]} nor beside it."
            self._say_not_made("Stopped", [plain(gone)], "Your answers are kept in the form.")

    def _say_made(self, started: Started, how: str) -> None:
        self.started = started
        self.query_one("#what", Static).update(plain(f"✓ {started.path.name} {how}"))
        self.query_one("#stages", Static).update(lines(_report(started)))
        keys = self.query_one("#keys")
        keys.remove_children()
        keys.mount(
            Act("Set up, test, demo here", id="run"),
            Act("Copy them", id="copy"),
            Act("Go to the project", id="leave"),
        )
        self._hint("r runs set-up, tests and demo here · c copies · Esc to the project")
        self.call_after_refresh(lambda: self.query_one("#run").focus())
        self.refresh_bindings()

    def _say_not_made(self, title: str, said: list[Content], hint: str) -> None:
        self.query_one("#what", Static).update(plain(title))
        self.query_one("#stages", Static).update(lines([*said, plain(hint)]))
        self.query_one("#stop", Button).label = Content("Back to the form")
        self._hint("Enter or Esc: back to the form, with all that you typed.")

    def _hint(self, said: str) -> None:
        self.query_one("#hint", Static).update(plain(said))


def _report(started: Started) -> list[Content]:
    where = [plain(str(started.path), "bold"), Content("")]
    for notice in started.notices:
        where += [plain(f"Note: {notice}", MUTED), Content("")]
    steps = [Content.assemble(("$ ", MUTED), plain(step)) for step in started.next]
    return [*where, Content.styled("Next, in a terminal or here", HEADING), *steps]
