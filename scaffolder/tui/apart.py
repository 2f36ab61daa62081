"""Runs a journey in a process of its own, so that no key waits for it and Esc can end it.

Invariant: the process shares nothing with the screen but a socket, has no terminal to read, write
or prompt on, imports nothing from the working folder, and ends with whoever waits for it, with
everything it started. Asked to stop, it cleans up after itself first, as a command does.
(`multiprocessing.Process` would import from the working folder, and starts a tracker that wants
the standard error which the screen has taken.)
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, TypeVar, cast

from scaffolder import stopping
from scaffolder.errors import EnvironmentProblem, Interrupted, ScaffoldError

T = TypeVar("T")

POLL_SECONDS = 0.05
"""How often it is looked whether the work is still wanted."""

GRACE_SECONDS = 5.0
"""How long a process that was asked to stop may clean up."""

_LINE, _DONE, _FAILED = "line", "done", "failed"

_CODE = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from scaffolder.tui.apart import serve; serve(int(sys.argv[1]))"
)


def call(
    journey: Callable[..., T],
    *args: object,
    is_stopped: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] | None = None,
) -> T:
    """The result of `journey(*args)`; raises what it raised, Interrupted when it was stopped.

    With `tell` the journey gets a last argument of its own that passes lines on to it. The journey
    is a function that can be imported; arguments and result can be pickled.
    """
    if is_stopped():
        raise Interrupted("stopped.")
    ours, theirs = Pipe()
    with ours:
        with theirs:
            child = _start(theirs.fileno())
        try:
            with suppress(ConnectionError):
                ours.send((journey, args, tell is not None))
            kind, value = _follow(ours, child, is_stopped, tell)
        except BaseException:
            _ask_to_end(child)
            raise
        finally:
            _end(child)
    if kind == _FAILED:
        raise value
    return cast(T, value)


def serve(descriptor: int) -> None:
    """The other end: does the job that comes through the socket and says how it went."""
    stopping.listen()
    os.set_inheritable(descriptor, False)
    pipe = Connection(descriptor)
    one_at_a_time = threading.Lock()

    def say(kind: str, value: object) -> None:
        with one_at_a_time:
            pipe.send((kind, value))

    try:
        _answer(pipe, say)
    except OSError:
        return
    finally:
        stopping.done()


def _answer(pipe: Connection, say: Callable[[str, object], None]) -> None:
    try:
        journey, args, tells = pipe.recv()
        threading.Thread(target=_end_with, args=(pipe,), daemon=True).start()
        extra = [partial(say, _LINE)] if tells else []
        say(_DONE, journey(*args, *extra))
    except Exception as error:
        say(_FAILED, _sendable(error))


def _start(descriptor: int) -> "subprocess.Popen[bytes]":
    """`-P` and our own path: the working folder may be a stranger's, no place to import from."""
    path = [entry for entry in sys.path if entry]
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE, str(descriptor), *path],
            pass_fds=(descriptor,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentProblem(
            f"no process could be started for it: {error.strerror}",
            "Close other programs, or use the command that this screen shows.",
        ) from error


def _follow(
    pipe: Connection,
    child: "subprocess.Popen[bytes]",
    is_stopped: Callable[[], bool],
    tell: Callable[[str], None] | None,
) -> tuple[str, Any]:
    while not is_stopped():
        if not pipe.poll(POLL_SECONDS):
            continue
        try:
            kind, value = pipe.recv()
        except (EOFError, ConnectionError) as error:
            raise _died(child.wait(GRACE_SECONDS)) from error
        if kind != _LINE:
            return kind, value
        if tell:
            tell(value)
    raise Interrupted("stopped.")


def _died(code: int) -> Exception:
    """Of a process that ended before it said how it went."""
    if code in (-signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM):
        return EnvironmentProblem(
            "the process that did the work was ended from outside",
            "The machine may be short of memory; try again, with less open.",
        )
    return RuntimeError(f"the process that did the work ended without a word, code {code}")


def _ask_to_end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_SECONDS)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """The process, and what is left of those that it started: they are of its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _end_with(pipe: Connection) -> None:
    """Nobody sends a second message: what can be read is the end of who waited for us."""
    with suppress(OSError):
        pipe.poll(None)
    os.kill(os.getpid(), signal.SIGTERM)


def _sendable(error: Exception) -> Exception:
    """The error as it is where the other end can make it again, with its traceback if a bug."""
    if isinstance(error, ScaffoldError):
        return error if _travels(error) else ScaffoldError(str(error))
    story = "".join(traceback.format_exception(error))
    error.add_note(story)
    known = type(error).__module__ == "builtins" and _travels(error)
    return error if known else RuntimeError(story)


def _travels(error: Exception) -> bool:
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)
    except Exception:
        return False
