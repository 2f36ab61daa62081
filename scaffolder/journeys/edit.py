"""Which command opens a file of a project in the user's editor, at a line.

Invariant: the editor is the one that the user's own environment names, it is started without a
shell, and what it is given is a regular file that really lies in the project.
"""

import os
import shlex
import shutil
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder.errors import EnvironmentProblem, UsageError
from scaffolder.sanitise import clean

_Place = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Opening:
    """The argv that opens the file; `takes_terminal` where the editor runs in this terminal."""

    argv: Sequence[str]
    takes_terminal: bool


def _plus(path: str, line: int) -> list[str]:
    return [f"+{line}", path]


def _colon(path: str, line: int) -> list[str]:
    return [f"{path}:{line}"]


def _goto(path: str, line: int) -> list[str]:
    return ["-g", f"{path}:{line}"]


def _option(path: str, line: int) -> list[str]:
    return ["--line", str(line), path]


_IN_TERMINAL: Mapping[str, _Place] = {
    **dict.fromkeys(("vi", "vim", "nvim", "view", "nano", "pico", "micro", "joe", "kak"), _plus),
    **dict.fromkeys(("emacs", "emacsclient", "mg", "ne", "jed"), _plus),
    **dict.fromkeys(("hx", "helix"), _colon),
}
_IN_WINDOW: Mapping[str, _Place] = {
    **dict.fromkeys(("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"), _goto),
    **dict.fromkeys(("subl", "sublime_text", "zed", "zeditor"), _colon),
    **dict.fromkeys(("idea", "pycharm", "kate"), _option),
    **dict.fromkeys(("gvim", "mvim", "gedit"), _plus),
}
_WAITS = frozenset({"--wait", "-w", "--nofork", "-f"})
"""What makes an editor with a window hold on to whoever started it: nobody waits here."""


def command(path: Path, line: int | None, project: Path) -> Opening:
    """How to open `path`, a file of `project`; UsageError where it is none.

    EnvironmentProblem where VISUAL and EDITOR name no editor that can be started.
    """
    real = _inside(path, project)
    words = _editor()
    name = Path(words[0]).name.lower().removesuffix(".exe")
    if name in _IN_WINDOW:
        kept = [words[0], *(word for word in words[1:] if word not in _WAITS)]
        return Opening((*kept, *_at(_IN_WINDOW[name], real, line)), takes_terminal=False)
    return Opening((*words, *_at(_IN_TERMINAL.get(name), real, line)), takes_terminal=True)


def _at(place: _Place | None, path: str, line: int | None) -> list[str]:
    return place(path, line) if place and line is not None and line > 0 else [path]


def _editor() -> list[str]:
    hint = "Set VISUAL or EDITOR, for example: export EDITOR=nano"
    named = os.environ.get("VISUAL", "").strip() or os.environ.get("EDITOR", "").strip()
    if not named:
        raise EnvironmentProblem("no editor is named in VISUAL or EDITOR", hint)
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise EnvironmentProblem(
            f"the editor {clean(named, 80)} cannot be read: {error}"
        ) from error
    if not words or shutil.which(words[0]) is None:
        raise EnvironmentProblem(f"there is no editor {clean(named, 80)} on this machine", hint)
    return words


def _inside(path: Path, project: Path) -> str:
    """Where the file really is."""
    shown = clean(str(path), 200)
    try:
        real, root = os.path.realpath(path), os.path.realpath(project)
        mode = os.stat(real).st_mode  # noqa: PTH116 - it is a str
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{shown} cannot be opened: {why}") from error
    if not Path(real).is_relative_to(root):
        raise UsageError(f"{shown} leads out of the project", "Open it yourself if you trust it.")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{shown} is not a regular file")
    return real
