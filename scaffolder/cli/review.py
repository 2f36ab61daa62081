"""`scaffold review`: what a sceptical reader will find in a repository, with evidence.

Invariant: the report is the only thing on stdout; with `--output` it is in that file whole, or the
file is as it was.
"""

from __future__ import annotations

import argparse
import os
import sys

from scaffolder.cli import output
from scaffolder.review.render.formats import FORMATS

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.review.model import Report
    from scaffolder.review.render.text import Look

_SIGNS = ("█░·", "#-.")
"""What a terminal that knows ASCII only is shown instead of our own signs."""

PATIENCE = 1.0
"""Seconds after which somebody who looks at a terminal is told what is going on."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "review",
        help="what a sceptical reader finds in a repository",
        description="What a sceptical reader finds in a repository, each verdict with its evidence."
        " Nothing of it is run, nothing in it is changed. Exit code 0 where the gate is ready,"
        " 1 where it is not.",
        epilog="examples:\n  scaffold review\n"
        "  scaffold review ~/code/rulebook --output report.html\n"
        "  scaffold review --only COM-04,COM-18\n  scaffold review --reader",
    )
    command.add_argument("path", nargs="?", default=".", metavar="PATH", help="default: here")
    command.add_argument("--skill", metavar="S", help="kind of project (default: from its code)")
    command.add_argument(
        "--format",
        choices=tuple(form.name for form in FORMATS),
        help="default: text, or what the name of FILE ends in",
    )
    command.add_argument("--output", metavar="FILE", help="write the report there")
    command.add_argument(
        "--only", action="append", default=[], metavar="ID,...", help="only these checks"
    )
    command.add_argument(
        "--reader", action="store_true", help="what is seen without reading the code"
    )
    command.add_argument(
        "--template-delta", action="store_true", help="what differs from the template"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints or writes the report; 0 where the gate is ready, 1 where it is not."""
    from pathlib import Path

    target = _target(Path(arguments.output)) if arguments.output else None
    if arguments.template_delta:
        return _show_delta(arguments, target)
    kind = _format(arguments, target)
    report = _reviewed(arguments)
    text = _rendered(report, kind, arguments, target)
    if target is None:
        output.say(_for_stdout(text, kind).rstrip("\n"))
    else:
        _write(target, text)
        _tell(report, target)
    return 0 if report.ready or arguments.reader else 1


def _format(arguments: argparse.Namespace, target: Path | None) -> str:
    from scaffolder.errors import UsageError

    suffix = target.suffix.lower() if target else ""
    meant = next((form.name for form in FORMATS if suffix and form.suffix == suffix), "text")
    kind = str(arguments.format or meant)
    if arguments.reader and arguments.only:
        raise UsageError("--reader looks at the whole project", "Leave --only out.")
    seen = [form.name for form in FORMATS if form.reader]
    if arguments.reader and kind not in seen:
        raise UsageError(f"--reader has no {kind} form", f"One of: {', '.join(seen)}.")
    return kind


def _reviewed(arguments: argparse.Namespace) -> Report:
    """The report; somebody who waits at a terminal is told what for."""
    from pathlib import Path
    from threading import Timer

    from scaffolder.journeys.review import review_repo

    words = [w.strip() for given in arguments.only for w in given.split(",") if w.strip()]
    only = _checks(words) if words else []
    waiting = Timer(PATIENCE, output.narrate, [f"reading {arguments.path} ..."])
    waiting.daemon = True
    if sys.stderr is not None and sys.stderr.isatty():
        waiting.start()
    try:
        return review_repo(Path(arguments.path), arguments.skill, only)
    finally:
        waiting.cancel()


def _checks(words: list[str]) -> list[str]:
    from scaffolder.journeys.explain import check_id

    return list(dict.fromkeys(check_id(word) for word in words))


def _rendered(report: Report, kind: str, arguments: argparse.Namespace, target: Path | None) -> str:
    """The report in one form; only what renders that form is loaded."""
    import importlib

    module = next(form.module for form in FORMATS if form.name == kind)
    form = importlib.import_module(f"scaffolder.review.render.{module}")
    extra: list[object] = [_look(report, target)] if kind == "text" else []
    if arguments.reader and report.reader is not None:
        return str(form.render_reader(report, report.reader, *extra))
    if kind == "sarif":
        root = report.project.path
        extra = [_below(root), lambda path: _is_file(root, path)]
    return str(form.render(report, *extra))


def _look(report: Report, target: Path | None) -> Look:
    from scaffolder.review.render.text import Look

    if target is not None:
        return Look(output.WIDTH, False, bool(report.only))
    return Look(output.width(), _has_colour(), bool(report.only))


def _show_delta(arguments: argparse.Namespace, target: Path | None) -> int:
    from pathlib import Path

    from scaffolder.errors import UsageError
    from scaffolder.journeys import template_delta

    if arguments.only or arguments.reader or arguments.format not in (None, "text"):
        raise UsageError("--template-delta is a text of its own", "Give it alone.")
    text = "\n".join(template_delta.lines(template_delta.delta(Path(arguments.path))))
    if target is None:
        output.say(_for_stdout(text, "text"))
    else:
        _write(target, text + "\n")
        output.tell(f"The comparison is in {target}")
    return 0


def _below(root: str) -> str:
    """Where the folder lies in its repository: code scanning counts paths from there."""
    from pathlib import Path

    here = Path(root)
    top = next((p for p in (here, *here.parents) if os.path.lexists(p / ".git")), here)
    return "" if top == here else here.relative_to(top).as_posix()


def _is_file(root: str, path: str) -> bool:
    """Whether a path of the report is a file of the folder; a link is one, and is not followed."""
    from stat import S_ISDIR

    try:
        return not S_ISDIR(os.lstat(f"{root}/{path}").st_mode)
    except (OSError, ValueError):  # a commit, a deleted file, a name that cannot be one
        return False


def _has_colour() -> bool:
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _for_stdout(text: str, kind: str) -> str:
    """`text` in characters that standard output takes, nothing lost where there is another way."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if encoding.lower().replace("-", "") == "utf8":
        return text
    if kind == "text":
        text = text.translate(str.maketrans(*_SIGNS)).replace("…", "...").replace("␊", "\\n")
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text.encode(encoding, "xmlcharrefreplace").decode(encoding)


def _target(path: Path) -> Path:
    """The file to write, refused before anything is read where it cannot be one."""
    from scaffolder.errors import CannotWrite, UsageError
    from scaffolder.paths import absolute

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


def _write(target: Path, text: str) -> None:
    """The file is there whole, or as it was before: written beside it, then moved over it."""
    from secrets import token_hex

    from scaffolder.errors import CannotWrite

    beside = target.with_name(f".{target.name[:100]}.{token_hex(4)}.part")
    try:
        with beside.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(f"{target} cannot be written: {why}") from error
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    from contextlib import suppress

    with suppress(OSError):  # it was moved, or never came to be
        path.unlink()


def _tell(report: Report, target: Path) -> None:
    from scaffolder.review.render import wording

    if not report.only:
        output.tell(f"{wording.title(report)} is {wording.level(report)}.")
    output.tell(f"The gate is {wording.gate(report)}.")
    output.tell(f"The report is in {target}")
