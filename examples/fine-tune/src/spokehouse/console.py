"""The only writer of results and the only place where an error becomes an exit code.

Results go to stdout, everything else to stderr, so that `--json` output can be piped.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .errors import ProjectError
from .result import Result

INTERRUPTED = 130
BROKEN_PIPE = 141


class NotWritten(ProjectError):
    """There is a result, and stdout is closed or its disk is full."""

    exit_code = 3


def deliver(result: Result, as_json: bool, human: str) -> None:
    """Print the result as one JSON object, or `human` with its control characters made visible."""
    show(result.to_json() if as_json else printable(human))


def show(line: str) -> None:
    """Print one line of the result as it is. Raises NotWritten."""
    with _stdout():
        print(line)


def note(text: str) -> None:
    """Tell the user something that is not the result; where nobody can read it, nothing is lost."""
    if sys.stderr is not None:
        with suppress(OSError):
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
        with _stdout():
            sys.stdout.flush()
        return code
    except ProjectError as error:
        note(f"error: {error.message}" + (f"\n  {error.hint}" if error.hint else ""))
        return error.exit_code
    except KeyboardInterrupt:
        note("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_the_rest()
        return BROKEN_PIPE


@contextmanager
def _stdout() -> Iterator[None]:
    """Around every write to stdout; Python has None for a stream that was closed at the start."""
    if sys.stdout is None:
        raise NotWritten("the result could not be written: stdout is closed")
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        _drop_the_rest()
        raise NotWritten(f"the result could not be written: {error.strerror}") from error


def _drop_the_rest() -> None:
    """Python flushes stdout once more at exit and would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
