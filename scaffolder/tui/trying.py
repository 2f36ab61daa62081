"""A review page that can run the project: asked for, agreed to, told of as it goes, stopped.

Invariant: nothing is run before somebody has agreed to its terms on the screen; what runs ends with
Esc, with another folder and with the program. The report of a run stays until it is asked for
another: a save does not take its verdicts away.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from scaffolder.errors import Interrupted, ScaffoldError
from scaffolder.journeys import trying
from scaffolder.journeys.rounds import Round
from scaffolder.journeys.trying import Terms
from scaffolder.sanitise import clean
from scaffolder.tui.reviewing import Reviewing
from scaffolder.tui.screens.trial import Trial

GOES_ON = "A run goes on: Esc stops it."
DRAW = 0.1
"""Seconds between two redraws for what a run tells."""


class Trying(Reviewing):
    """`is_trying` while a run goes on, `told` its last line, `ran_at` when the last one ended."""

    TERMS: ClassVar[Callable[[Path], Terms]] = staticmethod(trying.terms)
    RUN: ClassVar[Callable[..., Round]] = staticmethod(trying.run_round)

    def __init__(self) -> None:
        super().__init__()
        self.is_trying = False
        self.told = ""
        self.ran_at = ""
        self._run_error = ""
        self._drawn = 0.0

    def why_not_run(self) -> str:
        """Why the project cannot be run now; "" where it can."""
        if self.root is None:
            return "There is no folder to run: o names one."
        return GOES_ON if self.is_trying else ""

    def action_run_it(self) -> None:
        """Asks what a run would do, then whether to do it."""
        self._run_error = ""
        self.show_run()
        self.notify("Looking what a run would do …", markup=False)
        self.work_apart("terms", self._asked, type(self).TERMS, self.root)

    def take(self, root: Path | None) -> None:
        """Another folder: what ran for the one before is over."""
        self.stop_work("terms")
        self._over()
        self.ran_at = self._run_error = ""
        super().take(root)

    def start(self) -> None:
        """Reads the files again; a run that goes on is let be."""
        if not self.is_trying:
            self.ran_at = self._run_error = ""
            super().start()

    def stop(self) -> bool:
        """Ends a run with all that it started, else a review; whether there was one."""
        if not self.is_trying:
            return super().stop()
        self._over()
        self._run_error = "stopped; what was seen until then is kept"
        self.refresh_state()
        return True

    def failed(self, task: str, error: ScaffoldError) -> None:
        """A run that did not come to an end says why; the report stays as it was."""
        if task == "run":
            self._over()
            self._run_error = clean(error.message)
        if not isinstance(error, Interrupted):
            super().failed(task, error)
        self.refresh_state()

    def going_on(self) -> str:
        """What goes on, in words."""
        if self.is_trying:
            return f"Running a copy: {clean(self.told, 200)} … {self.seconds} s · Esc stops"
        if self._run_error:
            return f"The run did not end: {self._run_error} · R runs again"
        if self.ran_at and not (self.is_reviewing or self.watching):
            return f"With the run of {self.ran_at} · R runs again, r reads the files only"
        return super().going_on()

    def show_run(self) -> None:
        """The command that does the same; a page says how."""

    def _asked(self, terms: Terms) -> None:
        self.app.clear_notifications()
        if terms.is_fresh:
            self._run(terms)
        else:
            self.app.push_screen(Trial(terms), lambda yes: self._answered(terms, yes))

    def _answered(self, terms: Terms, yes: bool | None) -> None:
        if yes:
            self._run(terms)
        else:
            self.notify("Nothing was run.", markup=False)

    def _run(self, terms: Terms) -> None:
        super().stop()
        self.is_trying, self.told = True, "begins"
        self._started = time.monotonic()
        bare = bool(terms.no_sandbox)
        self.work_apart("run", self._ran, type(self).RUN, self.root, bare, tell=self._hear)
        self.show_run()
        self.refresh_state()

    def _hear(self, line: str) -> None:
        if self.is_trying:
            self.told = line
            if time.monotonic() - self._drawn > DRAW:
                self._drawn = time.monotonic()
                self.refresh_state()

    def _ran(self, done: Round) -> None:
        self._over()
        self.watching = False
        self.ran_at = datetime.now().strftime("%H:%M:%S")
        self._reviewed(done)

    def _over(self) -> None:
        self.stop_work("run")
        self.is_trying, self.told = False, ""

    def _tick(self) -> None:
        if self.is_trying and self.is_current:
            self.refresh_state()
        elif not self.is_trying:
            super()._tick()
