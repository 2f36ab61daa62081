"""A page on which the commands of a project run: one at a time, streaming, stoppable.

Invariant: what runs goes on when one leaves the page and ends with the program. Nothing of a folder
that was not made here is run without having asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from scaffolder.errors import ScaffoldError, UsageError
from scaffolder.journeys import outcome, run
from scaffolder.journeys.run import Planned, Ran
from scaffolder.tui.job import Job
from scaffolder.tui.page import Page
from scaffolder.tui.screens.consent import Consent
from scaffolder.tui.widgets.output import BAD, COMMAND, GOOD, NOTE, Line, Output
from scaffolder.tui.words import plain

DRAWS_A_SECOND = 12
NO_PROJECT = "There is no project here yet: 2 makes one, for a skill that has a template."


class Running(Page):
    """`path` is the project; the page has an `Output`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "run('setup')", "Set up"),
        Binding("x", "run('test')", "Tests"),
        Binding("d", "run('demo')", "Demo"),
        Binding("v", "run('eval')", "Eval"),
        Binding("s", "stop", "Stop"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self.job: Job | None = None
        self.chain: list[str] = []
        self.agreed: set[Path] = set()

    def on_mount(self) -> None:
        """Drawing waits for something to draw."""
        self.ticking = self.set_interval(1 / DRAWS_A_SECOND, self._tick, pause=True)
        self.query_one(Output).border_title = "Output"

    def on_unmount(self) -> None:
        """The program is left: nothing of it stays."""
        if self.job:
            self.job.stop()

    def why_not(self, action: str) -> str:
        """What needs a project, or a command that runs, or none."""
        if action == "stop":
            return "" if self.job else "Nothing runs."
        if action == "run" and self.path is None:
            return NO_PROJECT
        if action == "run" and self.job:
            return f"{self.job.planned.name} runs already: s stops it."
        return super().why_not(action)

    def runs(self, planned: Planned) -> None:
        """A command began."""

    def ran(self, ran: Ran) -> None:
        """A command ended, well or not."""

    def action_run(self, name: str) -> None:
        """Runs one command."""
        self.run_chain([name])

    def run_chain(self, names: Sequence[str]) -> None:
        """Runs several one after another; the first that does not end well ends it.

        It is about the project of the app, and may be called before the page was ever shown.
        """
        self.call_later(self._begin, list(names))

    def action_stop(self) -> None:
        """Ends what runs, and what would have followed."""
        if self.job:
            self.chain = []
            self.job.stop()
            self.query_one(Output).say(Line("stopping …", NOTE))

    def failed(self, task: str, error: ScaffoldError) -> None:
        """Where the output would have been."""
        if task == "run":
            self.chain = []
            self._over(Line(error.message, BAD), Line(error.hint, NOTE))
        else:
            super().failed(task, error)

    def _begin(self, names: list[str]) -> None:
        if not self.job:
            self.path = self.home.project
        if why := self.why_not("run"):
            self.notify(why, severity="warning", markup=False)
        else:
            self.chain = names
            self._next()

    def _next(self) -> None:
        if not self.chain or self.path is None:
            return
        try:
            self.chain = run.with_setup(self.path, self.chain)
            planned = run.plan(self.path, self.chain.pop(0))
        except UsageError as error:
            self.failed("run", error)
            return
        if planned.project in self.agreed or run.is_known(planned.project):
            self._start(planned)
        else:
            self.app.push_screen(Consent(planned), lambda yes: self._answered(planned, yes))

    def _answered(self, planned: Planned, yes: bool | None) -> None:
        if yes:
            self.agreed.add(planned.project)
            self._start(planned)
        else:
            self.chain = []
            self.notify("Nothing was run.", markup=False)

    def _start(self, planned: Planned) -> None:
        self.job = Job(planned)
        output = self.query_one(Output)
        output.begin()
        output.say(Line(f"$ {planned.line}", COMMAND))
        self.runs(planned)
        self.ticking.resume()
        self._tick()
        self.work_here("run", self._ended, self.job.work)
        self.refresh_bindings()

    def _ended(self, ran: Ran) -> None:
        told = [Line(said) for said in outcome.lines(ran.result)] if ran.result else []
        kind = GOOD if ran.done else NOTE if ran.stopped else BAD
        sign = "✓" if ran.done else "■" if ran.stopped else "✗"
        self._over(*told, Line(f"{sign} {ran.said}", kind))
        if not ran.done and self.chain:
            skipped = ", ".join(self.chain)
            self.query_one(Output).say(Line(f"not run after that: {skipped}", NOTE))
            self.chain = []
        self.ran(ran)
        self._next()

    def _over(self, *lines: Line) -> None:
        output = self.query_one(Output)
        if self.job:
            output.draw(self.job.backlog)
        self.job = None
        self.ticking.pause()
        output.say(*(line for line in lines if line.text or line.kind == ""))
        output.border_title = "Output"
        self.refresh_bindings()

    def _tick(self) -> None:
        if self.job is None:
            return
        output, name = self.query_one(Output), self.job.planned.name
        output.draw(self.job.backlog)
        waits = "ending" if self.job.stopping.is_set() else "running"
        output.border_title = plain(f"Output: {name} {waits}, {self.job.seconds:.0f} s")
