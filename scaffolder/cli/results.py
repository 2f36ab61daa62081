"""`scaffold results`: what a project measured, over time, with intervals."""

from __future__ import annotations

import argparse

from scaffolder.cli import output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from scaffolder.journeys.results import History, Series

SHOWN = 12
"""Series that are plotted when several were asked for."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "results",
        help="a project's results over time, with intervals",
        description="What a project's claims say now and said in earlier commits, "
        "each with its interval and n.",
        epilog="examples:\n  scaffold results\n  scaffold results . --metric ndcg@10",
    )
    command.add_argument("path", nargs="?", default=".", metavar="PATH", help="the project")
    command.add_argument("--metric", default="", help="only results whose name holds this")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Plots what was asked for; without a metric the headline, and names the others."""
    from pathlib import Path

    from scaffolder.journeys import results
    from scaffolder.paths import absolute

    found = results.history(absolute(Path(arguments.path)))
    chosen = results.matching(found, arguments.metric)
    if arguments.json:
        output.say_json(results.as_json(chosen))
        return 0
    if found.note:
        output.tell(f"note: {found.note}", "  ", "")
    _refuse_nothing(found, chosen, arguments.metric)
    plotted = chosen.series[: SHOWN if arguments.metric else 1]
    for series in plotted:
        _show(series)
    _show_rest(chosen.series[len(plotted) :])
    return 0


def _refuse_nothing(found: History, chosen: History, metric: str) -> None:
    from scaffolder.errors import UsageError

    if found.series and not chosen.series:
        names = ", ".join(dict.fromkeys(series.metric for series in found.series))
        raise UsageError(f"no result has {metric!r} in its name", f"Metrics: {names}.")


def _show(series: Series) -> None:
    from scaffolder.journeys import plotting

    output.say(output.bold(clean(series.name)))
    for row in plotting.rows(series, output.width()):
        output.say(clean(str(row)))
    for note in plotting.notes(series):
        output.say(output.wrap(clean(note), "  "))
    output.say()


def _show_rest(rest: tuple[Series, ...]) -> None:
    from scaffolder.journeys import plotting

    if not rest:
        return
    output.say(f"{len(rest)} more; --metric plots those whose name holds it:")
    for series in rest:
        output.say(f"  {clean(plotting.summary(series)):<30} {clean(series.name)}")
