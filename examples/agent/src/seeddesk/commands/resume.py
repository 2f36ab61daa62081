"""`resume`: a run that was killed goes on; what it had done is not done again."""

import argparse

from .. import runs
from ..console import deliver
from ..desk import resume
from ..errors import UsageError
from ..layout import terminal_width, wrapped
from ..trace import Trace
from . import choose_system, human, open_settings


def run(args: argparse.Namespace) -> int:
    """Go on with a run that has not ended."""
    settings = open_settings()
    found = runs.load_run(settings.runs, args.run)
    if found.status != "open":
        raise UsageError(f"the run {found.id} has ended: {found.status}", "`trace` shows its steps")
    choose_system(found.system)  # type: ignore[arg-type]
    result = resume(found, settings, Trace.start(settings.traces, "resume"))
    deliver(result, args.json, wrapped(human(result), terminal_width()))
    return 0
