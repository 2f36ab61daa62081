"""Reviews of one folder, one after the other, for a page: started, stopped, repeated on a save.

Invariant: one review at a time; the last report stays until the next one is there. A save while a
review goes on starts it again, but never more than `PATIENCE` times in a row.
"""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from textual.content import Content

from scaffolder.errors import ScaffoldError
from scaffolder.journeys import rounds, sift, watch
from scaffolder.journeys.rounds import Round
from scaffolder.journeys.sift import Change
from scaffolder.journeys.watch import Print
from scaffolder.review.model import Report
from scaffolder.sanitise import clean
from scaffolder.tui.page import Page
from scaffolder.tui.wording import findings

TICK = 0.7
"""Seconds between two looks at the folder, and between two redraws of the time that passed."""

PATIENCE = 3
WAYS = (
    ("o", "names a folder to review: any repository, nothing of it is run"),
    ("1", "chooses a skill and its project"),
    ("2", "makes a new project"),
)

_SHARE = 10
"""A look may take a tenth of the time at most: large folders are looked at less often."""


class Reviewing(Page):
    """`root` is the folder, `report` what is known of it, `change` how it differs from before."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Path | None = None
        self.report: Report | None = None
        self.change = Change()
        self.changed_at = ""
        self.watching = True
        self.error: ScaffoldError | None = None
        self.is_reviewing = False
        self._seen: Print | None = None
        self._started = 0.0
        self._restarts = 0
        self._next_look = 0.0
        self._looking_since = 0.0

    def on_mount(self) -> None:
        """Time passes."""
        self.set_interval(TICK, self._tick)

    @property
    def seconds(self) -> int:
        """How long the review goes on."""
        return int(time.monotonic() - self._started)

    def take(self, root: Path | None) -> None:
        """Another folder; nothing of the one before is kept."""
        self.stop_work("review")
        self.is_reviewing = False
        self.root, self.report, self.error = root, None, None
        self.change, self._seen = Change(), None
        self.refresh_report()
        if root is not None:
            self.start()

    def start(self) -> None:
        """Reviews the folder, from the beginning if a review goes on."""
        if self.root is None:
            return
        self._started, self.error = time.monotonic(), None
        self.is_reviewing = True
        self.work_apart("review", self._reviewed, rounds.review_round, self.root)
        self.refresh_state()

    def stop(self) -> bool:
        """Ends a review; whether there was one."""
        if not self.is_reviewing:
            return False
        self.stop_work("review")
        self.is_reviewing = self.watching = False
        self.refresh_state()
        return True

    def look(self) -> None:
        """Looks whether the folder has changed, unless that is being done."""
        if self.root is not None and not self.is_working("watch"):
            self._looking_since = time.monotonic()
            self.work_here("watch", self._looked, watch.fingerprint, self.root)

    def failed(self, task: str, error: ScaffoldError) -> None:
        """A review that did not come to an end says why where its report would be."""
        if task == "review":
            self.error, self.is_reviewing = error, False
            self.refresh_report()
        elif task != "watch":
            super().failed(task, error)

    def refresh_report(self) -> None:
        """Draws everything again; a page says how."""

    def refresh_state(self) -> None:
        """Draws what is going on; a page says how."""

    def going_on(self) -> str:
        """What goes on, in words."""
        if self.is_reviewing and self.report:
            name = self.root.name if self.root else ""
            what = f"Reviewing {clean(name, 60)}: reads files and history"
            return f"{what} … {self.seconds} s · Esc stops"
        if self.report is None:
            return ""
        if self.error:
            return f"The last review failed: {clean(self.error.message)} · r tries again"
        if self.watching:
            return "Watching: each save runs scaffold review again · w stops that"
        return "Not watching · w reviews on each save, r reviews now"

    def emptiness(self) -> Content:
        """What to say, and what to do, where there is no report."""
        if self.is_reviewing:
            what = f"Reviewing {self.root} … {self.seconds} s"
            return findings.no_report(what, (("Esc", "stops it"),))
        if self.error:
            ways = (("r", "tries again"), *WAYS)
            return findings.no_report(self.error.message, ways, self.error.hint)
        if self.root:
            return findings.no_report("The review was stopped.", (("r", "begins again"), *WAYS))
        return findings.no_report("There is no project here to review yet.", WAYS)

    def _reviewed(self, done: Round) -> None:
        if self.report is not None:
            change = sift.compare(self.report, done.report)
            if change:
                self.change = change
                self.changed_at = datetime.now().strftime("%H:%M:%S")
        self.report, self._seen, self._restarts = done.report, done.seen, 0
        self.is_reviewing = False
        self.home.choose(done.report.project.skill or self.home.skill, self.root)
        for notice in done.notices:
            self.notify(notice, severity="warning", markup=False)
        self.refresh_report()

    def _tick(self) -> None:
        if not self.is_current:
            return
        if self.is_reviewing:
            self.refresh_state()
        if self.watching and self._seen is not None and time.monotonic() >= self._next_look:
            self.look()

    def _looked(self, seen: Print) -> None:
        now = time.monotonic()
        self._next_look = now + (now - self._looking_since) * _SHARE
        if self._seen is None or seen == self._seen:
            return
        self._seen = seen
        if self.is_reviewing:
            self._restarts += 1
        if self._restarts <= PATIENCE:
            self.start()
