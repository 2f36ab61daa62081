"""`approve`: a person's word on exactly what a run waits for; then the run goes on."""

import argparse

from .. import runs
from ..console import deliver
from ..desk import resume
from ..errors import UsageError
from ..layout import terminal_width, wrapped
from ..trace import Trace
from . import choose_system, human, open_settings


def run(args: argparse.Namespace) -> int:
    """Decide every waiting call of the run, then resume it."""
    settings = open_settings()
    waiting = runs.load_run(settings.runs, args.run)
    pending = runs.waiting(settings.runs, waiting.id)
    if not pending:
        ended = f"it ended: {waiting.status}"
        hint = f"it did not end: `resume {waiting.id}`" if waiting.status == "open" else ended
        raise UsageError(f"the run {waiting.id} waits for nothing", hint)
    choose_system(waiting.system)  # type: ignore[arg-type]
    for each in pending:
        runs.decide(settings.runs, each, not args.deny)
    result = resume(waiting, settings, Trace.start(settings.traces, "approve"))
    deliver(result, args.json, wrapped(human(result), terminal_width()))
    return 0
