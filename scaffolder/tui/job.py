"""A command of a project that runs beside the screen.

Invariant: it ends when it is asked to, when its worker is cancelled and when the program is left;
none outlives the program.
"""

import threading
import time
from dataclasses import dataclass, field

from textual.worker import get_current_worker

from scaffolder.journeys import run
from scaffolder.journeys.run import Listener, Planned, Ran
from scaffolder.tui.widgets.output import Backlog


@dataclass
class Job:
    """One command; a result in JSON is not among its lines."""

    planned: Planned
    backlog: Backlog = field(default_factory=Backlog)
    stopping: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.started

    def stop(self) -> None:
        """Asks it to end."""
        self.stopping.set()

    def work(self) -> Ran:
        """Runs it to its end, in the thread that calls."""
        worker = get_current_worker()
        listener = Listener(self.backlog.add, passing=self.backlog.pass_on)
        return run.run(
            self.planned, listener, lambda: self.stopping.is_set() or worker.is_cancelled
        )
