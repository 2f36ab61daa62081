"""`scaffold dev check-rubric` and `check-probes`: for contributors, the rubric's own tests."""

from __future__ import annotations

import argparse

from scaffolder.cli import output

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.journeys.check_probes import Checked


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "dev",
        help="for contributors: check-rubric and check-probes test the rubric",
        description="For contributors: check-rubric proves that every check tells apart;"
        " check-probes seeds defects in the finished projects and proves that a run notices each.",
        epilog="examples:\n  scaffold dev check-rubric\n"
        "  scaffold dev check-probes --only no-retry\n"
        "  scaffold dev check-probes --output docs/accuracy.md",
    )
    command.add_argument("what", choices=["check-rubric", "check-probes"], help="what to check")
    command.add_argument(
        "--only", action="append", default=[], metavar="NAME,...", help="only these defects"
    )
    command.add_argument(
        "--output", metavar="FILE", help="write the table there, between its markers"
    )
    command.add_argument(
        "--unsandboxed", action="store_true", help="run the projects without a sandbox"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints each problem; 1 where there is one."""
    if arguments.what == "check-probes":
        return _check_probes(arguments)
    _refuse_options(arguments)
    from scaffolder.journeys.check_rubric import problems
    from scaffolder.review.model import count

    found = problems()
    for problem in found:
        output.say(problem)
    output.narrate(count(len(found), "problem") if found else "the rubric holds")
    return 1 if found else 0


def _refuse_options(arguments: argparse.Namespace) -> None:
    from scaffolder.errors import UsageError

    if arguments.only or arguments.output or arguments.unsandboxed:
        raise UsageError("these options are for check-probes", "Leave them out.")


def _check_probes(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from scaffolder.journeys import check_probes

    only = [w.strip() for given in arguments.only for w in given.split(",") if w.strip()]
    target = Path(arguments.output) if arguments.output else None
    _fits(target, only)
    found = check_probes.check(only, output.narrate, arguments.unsandboxed)
    _deliver(found, target)
    return 0 if found.holds else 1


def _fits(target: Path | None, only: list[str]) -> None:
    """Refuses before anything is run what could not be written after it."""
    from scaffolder.errors import UsageError
    from scaffolder.journeys import check_probes

    if target is None or not target.exists():
        return
    if only:
        raise UsageError(f"{target} has the table of all defects", "Leave --only out.")
    check_probes.placed(target.read_text("utf-8"), "")


def _deliver(found: Checked, target: Path | None) -> None:
    from scaffolder.journeys import check_probes, export

    made = check_probes.table(found.verdicts)
    if target is None:
        output.say(made)
    else:
        there = target.exists()
        text = check_probes.placed(target.read_text("utf-8"), made) if there else f"{made}\n"
        export.write(export.target(target), text)
        output.narrate(f"the table is in {target}")
    for name in found.open_musts:
        output.say(f"{name} is open in the project without a defect")
    failed = [each.defect.name for each in found.verdicts if not each.holds]
    told = f"not told apart: {', '.join(failed)}" if failed else "every defect is told apart"
    output.narrate(told)
