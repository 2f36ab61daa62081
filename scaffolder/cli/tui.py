"""`scaffold` alone: the terminal interface."""

from __future__ import annotations

import os
import sys


def can_run() -> bool:
    """Whether both ends are a terminal that can show it."""
    ends = (sys.stdin, sys.stdout)
    return all(e is not None and e.isatty() for e in ends) and os.environ.get("TERM") != "dumb"


def run() -> int:
    """Runs it until it is left; what broke it is raised here, for the one place that says so."""
    from scaffolder.tui import terminal

    return terminal.run()
