"""The only writer of results and the only place where an error becomes an exit code.

Results go to stdout, everything else to stderr, so that `--json` output can be piped.
"""

import os
import sys
from collections.abc import Callable

from .errors import ProjectError
from .result import Result

INTERRUPTED = 130
BROKEN_PIPE = 141


def deliver(result: Result, as_json: bool, human: str) -> None:
    """Print the result as one JSON object, or `human` with its control characters made visible."""
    print(result.to_json() if as_json else printable(human))


def note(text: str) -> None:
    """Tell the user something that is not the result."""
    print(printable(text), file=sys.stderr)


def printable(text: str) -> str:
    """Document text may carry terminal escapes and lone surrogates: show them, never send them."""
    return "".join(c if c.isprintable() or c in "\n\t\u00a0" else ascii(c)[1:-1] for c in text)


def guard(run: Callable[[], int]) -> int:
    """Run a command and return its exit code; any other exception is a bug and keeps its traceback.

    ProjectError has its own code, Ctrl-C ends with 130, a reader that stops reading with 141.
    """
    try:
        code = run()
        sys.stdout.flush()
        return code
    except ProjectError as error:
        note(f"error: {error.message}" + (f"\n  {error.hint}" if error.hint else ""))
        return error.exit_code
    except KeyboardInterrupt:
        note("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at exit and would complain about the same pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
