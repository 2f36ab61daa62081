"""What every screen has: the bar, the command that does the same, work beside the screen.

Invariant: a handler never waits. Work runs in a worker, its end arrives as a message, and an error
of it is a message on the screen and, where it is our bug, a log; never the end of the program.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.worker import get_current_worker

from scaffolder import buglog
from scaffolder.errors import ScaffoldError
from scaffolder.sanitise import clean
from scaffolder.tui import apart
from scaffolder.tui.messages import Failed, Finished, Told
from scaffolder.tui.widgets.bar import Bar
from scaffolder.tui.widgets.command import CommandLine
from scaffolder.tui.widgets.keys import Keys

if TYPE_CHECKING:
    from scaffolder.tui.app import ScaffoldApp

T = TypeVar("T")
Result = TypeVar("Result")

WIDE = 110
"""Columns from which panes stand side by side."""


class Working:
    """Work beside the screen, for pages and dialogs alike."""

    def work_apart(
        self,
        task: str,
        redraw: Callable[[T], None],
        journey: Callable[..., T],
        *args: object,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Runs `journey(*args)` in a process of its own, then `redraw(result)` here.

        A task of the same name that still runs is ended. `tell` is called here with each line
        that the journey passes on (it then gets a last argument that takes a line).
        """

        def run() -> T:
            worker = get_current_worker()
            pass_on = (lambda line: self._tell(tell, line)) if tell else None
            return apart.call(journey, *args, is_stopped=lambda: worker.is_cancelled, tell=pass_on)

        self._run_beside(task, redraw, run)

    def work_here(
        self, task: str, redraw: Callable[[T], None], journey: Callable[..., T], *args: object
    ) -> None:
        """Runs `journey(*args)` in a thread: for work that waits rather than computes."""
        self._run_beside(task, redraw, lambda: journey(*args))

    def stop_work(self, task: str) -> bool:
        """Ends the task of that name; whether there was one."""
        return bool(_screen(self).workers.cancel_group(_screen(self), task))

    def is_working(self, task: str) -> bool:
        """Whether the task of that name goes on."""
        me = _screen(self)
        return any(w.group == task and w.node is me and not w.is_finished for w in me.workers)

    def failed(self, task: str, error: ScaffoldError) -> None:  # noqa: ARG002
        """Shows an error of `task`; a screen with a place for it overrides this."""
        tell_error(_screen(self), error)

    def _run_beside(self, task: str, redraw: Callable[[T], None], run: Callable[[], T]) -> None:
        me = _screen(self)

        def guarded() -> None:
            worker = get_current_worker()
            try:
                result = run()
            except Exception as error:
                if not worker.is_cancelled:
                    me.post_message(Failed(task, error))
                return
            if not worker.is_cancelled:
                me.post_message(Finished(redraw, result))

        me.run_worker(guarded, group=task, exclusive=True, thread=True, exit_on_error=False)

    def _tell(self, show: Callable[[str], None] | None, line: str) -> None:
        if show:
            _screen(self).post_message(Told(show, line))

    def on_finished(self, message: Finished) -> None:
        """Redraws with what a journey brought."""
        message.stop()
        message.redraw(message.result)

    def on_told(self, message: Told) -> None:
        """Shows a line of work that goes on."""
        message.stop()
        message.show(message.line)

    def on_failed(self, message: Failed) -> None:
        """An error of a journey, shown; one that is our bug is kept in the log first."""
        message.stop()
        error = message.error
        if not isinstance(error, ScaffoldError):
            error = ScaffoldError(buglog.sentence(error, buglog.keep(error)))
        self.failed(message.task, error)


class Page(Working, Screen[None]):
    """One of the places that the bar names."""

    PLACE: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("left,h", "pane(-1)", "Pane to the left", show=False),
        Binding("right,l", "pane(1)", "Pane to the right", show=False),
        Binding("y", "copy_command", "Copy the command shown", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The frame; `body` is the screen's own."""
        yield Bar(self.PLACE)
        yield from self.body()
        yield CommandLine()
        yield Keys()

    def body(self) -> ComposeResult:
        """What stands between the bar and the command."""
        yield from ()

    @property
    def home(self) -> ScaffoldApp:
        """The program, with what all screens are about."""
        return cast("ScaffoldApp", self.app)

    def why_not(self, action: str) -> str:  # noqa: ARG002
        """Why an action of this screen cannot be done now; "" where it can."""
        return ""

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Greys out what cannot be done; asked for all the same, it is told why."""
        return None if self.is_mounted and self.why_not(action) else True

    def show_command(self, *words: object) -> None:
        """Says which command does what is shown here."""
        self.query_one(CommandLine).show(shlex.join(["scaffold", *map(str, words)]))

    def action_back(self) -> None:
        """Back to where one came from."""
        self.home.go_back()

    def action_pane(self, step: int) -> None:
        """Moves the focus to the next pane."""
        if step > 0:
            self.focus_next(".pane")
        else:
            self.focus_previous(".pane")

    def action_copy_command(self) -> None:
        """The command on the clipboard, where the terminal allows it."""
        line = self.query_one(CommandLine).line
        self.app.copy_to_clipboard(line)
        self.notify(f"Copied: {clean(line)}", markup=False)


class Dialog(Working, ModalScreen[Result]):
    """A question over a page; Esc leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back"),
        Binding("question_mark,f1", "app.help", "Help", show=False),
        Binding("q", "app.quit", "Leave", show=False),
        Binding("ctrl+c", "app.help_quit", "How to leave", show=False, system=True),
    ]

    def action_leave(self) -> None:
        """Nothing is answered."""
        self.dismiss(None)


def tell_error(screen: Screen[Any], error: ScaffoldError) -> None:
    """An error and how to mend it, as a message that goes by itself."""
    said = f"{error.message}\n{error.hint}" if error.hint else error.message
    screen.notify(
        clean(said, one_line=False), title="That did not work", severity="error", markup=False
    )


def _screen(working: Working) -> Screen[Any]:
    return cast("Screen[Any]", working)
