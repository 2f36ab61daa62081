"""`scaffold init-review`: drafts a `scaffold.toml` for a project that was not made here."""

from __future__ import annotations

import argparse

from scaffolder.cli import output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.journeys.init_review import Draft


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "init-review",
        help="draft a scaffold.toml for a project not made here",
        description="Draft a scaffold.toml from what the files of a project show, so that "
        "`scaffold review --run` knows its commands. Nothing of it is run, no file is replaced.",
        epilog="examples:\n  scaffold init-review ~/code/rulebook\n"
        "  scaffold init-review . --output -",
    )
    command.add_argument("path", nargs="?", default=".", metavar="PATH", help="default: here")
    command.add_argument(
        "--output", metavar="FILE", help="where (default: scaffold.toml in it; - for stdout)"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Drafts, writes or shows the draft, says what to check."""
    from pathlib import Path

    from scaffolder.journeys import init_review

    path = Path(arguments.path)
    if arguments.output == "-":
        made = init_review.draft(path)
        output.say(made.text.rstrip("\n"))
        _next(made, None)
        return 0
    target = init_review.place(path, Path(arguments.output) if arguments.output else None)
    made = init_review.draft(path)
    _next(made, init_review.write(made, target))
    return 0


def _next(made: Draft, written: Path | None) -> None:
    import shlex

    from scaffolder.journeys import init_review

    shown = shlex.quote(str(made.project))
    head = f"Drafted {clean(str(written), 400)}: {made.said}. " if written else ""
    told = [(f"{head}Check before you use it:", "")]
    told += [(line, "  - ") for line in init_review.checks(made)]
    told += [(f"Then: {output.program()} review {shown} --run", "")]
    for line, first in told:
        if written:
            output.say(output.wrap(clean(line), "    ", first))
        else:
            output.tell(line, "    ", first)
