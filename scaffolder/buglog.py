"""Where the details of a bug go: never to the user's screen, always to a file.

Invariant: nothing here raises; what could not be kept is None.
"""

import traceback
from pathlib import Path

from scaffolder.paths import log_file


def keep(error: BaseException) -> Path | None:
    """Appends the traceback to the log and returns its place; None where it cannot be written."""
    where = log_file()
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        with where.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write("".join(traceback.format_exception(error)))
    except OSError:
        return None
    return where


def sentence(error: BaseException, kept: Path | None) -> str:
    """What a user is told of a bug."""
    place = f"details are in {kept}" if kept else "and the details could not be kept"
    return f"a bug in scaffold, not in your work ({type(error).__name__}); {place}."
