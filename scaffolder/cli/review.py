"""`scaffold review`: what a sceptical reader will find in a repository, with evidence.

Invariant: the report is the only thing on stdout; with `--output` it is in that file whole, or the
file is as it was.
"""

from __future__ import annotations

import argparse
import os
import sys

from scaffolder.cli import output, reviewing
from scaffolder.review.render.formats import FORMATS

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.review.model import Report
    from scaffolder.review.render.text import Look

_SIGNS = ("█░·", "#-.")
"""What a terminal that knows ASCII only is shown instead of our own signs."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "review",
        help="what a sceptical reader finds in a repository",
        description="What a sceptical reader finds in a repository, each verdict with its evidence."
        " Nothing of it is run without --run, nothing in it is changed. Exit code 0 where the gate"
        " is ready, 1 where it is not.",
        epilog="examples:\n  scaffold review\n"
        "  scaffold review ~/code/rulebook --output report.html\n"
        "  scaffold review --only COM-04,COM-18\n  scaffold review --reader\n"
        "  scaffold review --run --yes",
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
    _add_run(command)
    _add_judge(command)
    command.set_defaults(run=run)


def _add_run(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--run", dest="run_it", action="store_true", help="run a copy of it, with faults injected"
    )
    command.add_argument(
        "--yes", action="store_true", help="do not ask before a run, or before sending"
    )
    command.add_argument(
        "--unsandboxed", action="store_true", help="with --run: without the protection of a sandbox"
    )


def _add_judge(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--judge", action="store_true", help="advice of a model beside the verdicts; costs money"
    )
    command.add_argument(
        "--budget", type=_dollars, metavar="USD", help="with --judge: never spend more"
    )


def run(arguments: argparse.Namespace) -> int:
    """Prints or writes the report; 0 where the gate is ready, 1 where it is not."""
    from pathlib import Path

    from scaffolder.journeys import export, portfolio

    target = export.target(Path(arguments.output)) if arguments.output else None
    if arguments.template_delta:
        return _show_delta(arguments, target)
    kind = _format(arguments, target)
    report, over = reviewing.reviewed(arguments)
    output.show_notices(portfolio.note(report))
    text = export.rendered(report, kind, _look(report, target), arguments.reader)
    if target is None:
        output.say(_for_stdout(text, kind).rstrip("\n"))
    else:
        export.write(target, text)
        _tell(report, target)
    return over or (0 if report.ready or arguments.reader else 1)


def _dollars(given: str) -> float:
    from math import isfinite

    try:
        amount = float(given)
    except ValueError:
        amount = 0.0
    if not isfinite(amount) or amount <= 0:
        raise argparse.ArgumentTypeError(f"{given!r} is no amount of money")
    return amount


def _format(arguments: argparse.Namespace, target: Path | None) -> str:
    from scaffolder.errors import UsageError
    from scaffolder.journeys import export

    if arguments.reader and arguments.only:
        raise UsageError("--reader looks at the whole project", "Leave --only out.")
    return export.form(arguments.format, target, arguments.reader)


def _look(report: Report, target: Path | None) -> Look:
    from scaffolder.journeys import export
    from scaffolder.review.render.text import Look

    if target is not None:
        return Look(export.WIDTH, False, bool(report.only))
    return Look(output.width(), _has_colour(), bool(report.only))


def _show_delta(arguments: argparse.Namespace, target: Path | None) -> int:
    from pathlib import Path

    from scaffolder.errors import UsageError
    from scaffolder.journeys import export, template_delta

    if arguments.only or arguments.reader or arguments.format not in (None, "text"):
        raise UsageError("--template-delta is a text of its own", "Give it alone.")
    text = "\n".join(template_delta.lines(template_delta.delta(Path(arguments.path))))
    if target is None:
        output.say(_for_stdout(text, "text"))
    else:
        export.write(target, text + "\n")
        output.tell(f"The comparison is in {target}")
    return 0


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


def _tell(report: Report, target: Path) -> None:
    from scaffolder.review.render import wording

    if not report.only:
        output.tell(f"{wording.title(report)} is {wording.level(report)}.")
    output.tell(f"The gate is {wording.gate(report)}.")
    output.tell(f"The report is in {target}")
