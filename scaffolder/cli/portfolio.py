"""`scaffold portfolio`: all projects, what each proves, what the set still lacks."""

from __future__ import annotations

import argparse

from scaffolder.cli import output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from typing import Any

    from scaffolder.journeys.portfolio import Overview
    from scaffolder.journeys.projects import Entry, Lack


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "portfolio",
        help="all projects, what each proves, what is missing",
        description="All your projects, which skill each proves, how its level went, and what is"
        " missing before the set is worth showing; all from the last review of each.",
        epilog="examples:\n  scaffold portfolio\n  scaffold portfolio --review\n"
        "  scaffold portfolio --json\n"
        "  scaffold portfolio --page site --link Code=https://github.com/ada",
    )
    command.add_argument("--review", action="store_true", help="review every project first")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--page", metavar="FOLDER", help="write one static page there")
    command.add_argument("--name", default="Portfolio", help="heading of the page")
    command.add_argument(
        "--link", action="append", default=[], metavar="NAME=URL", help="a link on the page"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the projects and what is missing."""
    from scaffolder.journeys import portfolio

    if arguments.review:
        output.show_notices(portfolio.measure_again(output.narrate))
    if arguments.page is not None:
        return _write_page(arguments)
    found = portfolio.overview()
    output.show_notices(found.notices)
    if arguments.json:
        output.say_json(_as_json(found))
        return 0
    if not found.entries:
        output.say("There is no project yet.\n")
    for entry in found.entries:
        _show(entry)
    _show_missing(found)
    return 0


def _write_page(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from scaffolder.journeys import showcase

    links = [showcase.link(typed) for typed in arguments.link]
    place, notices = showcase.write(Path(arguments.page), arguments.name, links)
    output.show_notices(notices)
    if arguments.json:
        output.say_json({"page": str(place)})
    else:
        output.say(output.wrap(f"The page is {clean(str(place))}: look at it before it goes out."))
    return 0


def _show(entry: Entry) -> None:
    said = "its skill" if entry.proves else "nothing yet: " + "; ".join(_whats(entry))
    output.say(output.bold(output.wrap(clean(f"{entry.name}: {entry.title}"))))
    output.say(output.wrap_row("  proves      ", clean(said)))
    if entry.last is not None:
        output.say(output.wrap_row("  level       ", clean(_level(entry))))
        output.say(output.wrap_row("  gate        ", clean(entry.gate)))
        output.say(f"  milestones  {entry.last.met} of {entry.last.milestones} met")
        output.say(output.wrap_row("  reviewed    ", _reviewed(entry)))
    output.say(output.wrap_row("  folder      ", clean(entry.path)))
    output.say()


def _whats(entry: Entry) -> list[str]:
    return [lack.what for lack in entry.lacks]


def _level(entry: Entry) -> str:
    shares = " ".join(f"{share:.0%}" for share in entry.shares[-6:])
    return f"{entry.last.level if entry.last else ''}: {entry.trend}; points {shares}"


def _reviewed(entry: Entry) -> str:
    if entry.last is None:
        return ""
    at = f"{entry.last.at.astimezone():%d %b %H:%M}"
    commit = f" at {clean(entry.last.commit)[:12]}" if entry.last.commit else ""
    return f"{at}{commit}" + (", and HEAD has moved since" if entry.moved else "")


def _show_missing(found: Overview) -> None:
    from scaffolder.journeys.portfolio import ENOUGH
    from scaffolder.journeys.projects import RULE

    needed = [lack for lack in found.missing if lack.needed]
    if needed:
        output.say(output.bold("Missing before the set is worth showing"))
    else:
        output.say(output.bold("The set is worth showing."))
    _show_list(needed)
    proposed = [lack for lack in found.missing if not lack.needed]
    if proposed:
        output.say(output.bold("What would widen it, not needed"))
        _show_list(proposed)
    output.say(output.wrap(RULE))
    output.say(output.wrap(ENOUGH))


def _show_list(lacks: list[Lack]) -> None:
    for number, lack in enumerate(lacks, 1):
        output.say(output.wrap_row(f"  {number}. ", clean(lack.what)))
        output.say(output.wrap(clean(lack.why), "     "))
        output.say(f"     {clean(lack.command)}")
    output.say()


def _as_json(found: Overview) -> dict[str, Any]:
    return {
        "worth_showing": found.worth_showing,
        "projects": [_entry_json(entry) for entry in found.entries],
        "missing": [vars(lack) for lack in found.missing],
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "path": entry.path,
        "name": entry.name,
        "skill": entry.slug,
        "there": entry.there,
        "proves": entry.proves,
        "lacks": _whats(entry),
        "gate": entry.gate,
        "trend": entry.trend,
        "moved_since": entry.moved,
        "reviews": [{**vars(review), "at": review.at.isoformat()} for review in entry.reviews],
    }
