"""Opens a file in the user's editor, from any screen.

Invariant: an editor of the terminal gets the terminal for as long as it runs; one with a window of
its own never holds the screen. What cannot be opened is a message.
"""

import contextlib
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from textual.app import App, SuspendNotSupported

from scaffolder.errors import EnvironmentProblem, ScaffoldError
from scaffolder.journeys import edit
from scaffolder.tui.page import Page, tell_error


def open_in_editor(page: Page, path: Path, line: int | None, project: Path | None = None) -> None:
    """Opens `path` of `project` (that of the app where none is given) at `line`."""
    root = project or page.home.project
    if root is None:
        page.notify("There is no project to open a file of.", severity="warning", markup=False)
        return
    try:
        opening = edit.command(root / path, line, root)
        if opening.takes_terminal:
            _in_terminal(page.app, opening.argv, root)
        else:
            _in_window(opening.argv, root)
    except ScaffoldError as error:
        tell_error(page, error)


def _in_terminal(app: App[None], argv: Sequence[str], root: Path) -> None:
    try:
        with app.suspend(), _interrupts_go_to_it():
            ended = subprocess.run(argv, cwd=root, check=False).returncode
    except (OSError, SuspendNotSupported) as error:
        raise EnvironmentProblem(f"`{argv[0]}` cannot be started here: {error}") from error
    if ended:
        raise EnvironmentProblem(f"`{argv[0]}` ended with exit code {ended}")


def _in_window(argv: Sequence[str], root: Path) -> None:
    nowhere = subprocess.DEVNULL
    try:
        child = subprocess.Popen(
            argv, cwd=root, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
    except OSError as error:
        raise EnvironmentProblem(f"`{argv[0]}` cannot be started: {error.strerror}") from error
    threading.Thread(target=child.wait, daemon=True).start()


@contextlib.contextmanager
def _interrupts_go_to_it() -> Iterator[None]:
    """Ctrl-C is for the editor; a handler of ours, as one that is ignored would be inherited."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
