"""`scaffold begin`: asks once what all projects are about."""

from __future__ import annotations

import argparse

from scaffolder.cli import asking, output, study


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "begin",
        help="say once what your projects are about; see where to start",
        description="Domain, who has the problem, the painful task, open data, provider: asked "
        "once, proposed in every project. Skip it if you like; nothing needs it. An answer that is "
        "set to nothing is cleared.",
        epilog="examples:\n  scaffold begin\n"
        '  scaffold begin --set domain="town planning" --set provider=openai\n'
        "  scaffold begin --set task=",
    )
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="answers", help="an answer"
    )
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Asks what is not given, keeps it, says where to begin."""
    from scaffolder import progress
    from scaffolder.journeys import begin
    from scaffolder.journeys.answers import check, parse_settings

    given = parse_settings(arguments.answers)
    told: list[str] = []
    if not given and asking.can_ask():
        known = progress.load().profile
        for question in begin.QUESTIONS:
            default = known.get(question.name, question.default)
            given[question.name] = asking.ask(question, default, check)
            notices = progress.save_profile({question.name: given[question.name]})
            output.show_notices(notices, told)
            told += notices
    beginning = begin.begin(given)
    output.show_notices(beginning.notices, told)
    if given:
        output.say(f"Kept: {', '.join(given)}. Every new project starts with them.\n")
    for line in beginning.advice:
        output.say(output.wrap(line, "  ", ""))
    return study.show_next([*told, *beginning.notices])
