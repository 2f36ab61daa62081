"""A report in one of its forms, and into a file.

Invariant: the file holds the report whole, or is as it was: it is written beside it, then moved.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from stat import S_ISDIR
from typing import TYPE_CHECKING

from scaffolder.errors import CannotWrite, UsageError
from scaffolder.paths import absolute
from scaffolder.review.model import Report
from scaffolder.review.render.formats import FORMATS

if TYPE_CHECKING:
    from scaffolder.review.render.text import Look

WIDTH = 88
"""Columns of a report in a text file."""


def form(name: str | None, target: Path | None, reader: bool = False) -> str:
    """The form asked for by name, else by what the file's name ends in, else text."""
    suffix = target.suffix.lower() if target else ""
    meant = next((f.name for f in FORMATS if suffix and f.suffix == suffix), "text")
    kind = name or meant
    seen = [f.name for f in FORMATS if f.reader]
    if reader and kind not in seen:
        raise UsageError(f"--reader has no {kind} form", f"One of: {', '.join(seen)}.")
    return kind


def rendered(report: Report, kind: str, look: Look, reader: bool = False) -> str:
    """The report in one form; only what renders that form is loaded."""
    name = next(f.module for f in FORMATS if f.name == kind)
    module = importlib.import_module(f"scaffolder.review.render.{name}")
    extra: list[object] = [look] if kind == "text" else []
    if reader and report.reader is not None:
        return str(module.render_reader(report, report.reader, *extra))
    if kind == "sarif":
        root = report.project.path
        extra = [_below(root), lambda path: _is_file(root, path)]
    return str(module.render(report, *extra))


def target(path: Path) -> Path:
    """The file to write; refused before anything is read where it cannot be one."""
    whole = absolute(path)
    if whole.is_symlink():
        raise UsageError(f"{whole} is a link", "Name the file that it leads to.")
    if whole.is_dir():
        raise UsageError(f"{whole} is a folder", "Name a file in it.")
    if whole.exists() and not whole.is_file():
        raise UsageError(f"{whole} is no regular file", "Without --output it goes to stdout.")
    if not whole.parent.is_dir():
        raise CannotWrite(f"{whole} cannot be written: there is no folder {whole.parent}")
    return whole


def write(place: Path, text: str) -> None:
    """The file is there whole, or as it was before; CannotWrite says why not."""
    beside = place.with_name(f".{place.name[:100]}.{token_hex(4)}.part")
    try:
        with beside.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(f"{place} cannot be written: {why}") from error
    finally:
        with suppress(OSError):  # it was moved, or never came to be
            beside.unlink()


def export(report: Report, kind: str, path: Path, replace: bool = False) -> Path:
    """Writes `report` to `path` and says where it is; UsageError where a file is there already."""
    from scaffolder.review.render.text import Look

    place = target(path)
    if place.exists() and not replace:
        raise UsageError(f"{place} is there already.", "Name another, or replace it.")
    write(place, rendered(report, kind, Look(WIDTH, False, bool(report.only))))
    return place


def suggested(report: Report, kind: str, here: Path) -> Path:
    """A file beside the project, not in it: there the next review would read it as its own work."""
    root = Path(report.project.path)
    inside = here == root or root in here.parents
    return (root.parent if inside else here) / _named(report, kind)


def _named(report: Report, kind: str) -> str:
    suffix: str = next(f.suffix for f in FORMATS if f.name == kind)
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in report.project.name[:60])
    return f"{name.strip('.') or 'project'}-review{suffix or '.txt'}"


def kinds() -> Sequence[str]:
    """The forms by name."""
    return [f.name for f in FORMATS]


def _below(root: str) -> str:
    """Where the folder lies in its repository: code scanning counts paths from there."""
    here = Path(root)
    top = next((p for p in (here, *here.parents) if os.path.lexists(p / ".git")), here)
    return "" if top == here else here.relative_to(top).as_posix()


def _is_file(root: str, path: str) -> bool:
    """Whether a path of the report is a file of the folder; a link is one, and is not followed."""
    try:
        return not S_ISDIR(os.lstat(f"{root}/{path}").st_mode)
    except (OSError, ValueError):  # a commit, a deleted file, a name that cannot be one
        return False
