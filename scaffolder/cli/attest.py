"""`scaffold answer` and `scaffold waive`: what a person says of an item of the review."""

from __future__ import annotations

import argparse

from scaffolder.cli import asking, output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.journeys.attest import Kind, Recorded


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the two commands to the parser."""
    answer = commands.add_parser(
        "answer",
        help="answer an item that only a person can decide",
        description="Answer an item of the review that only a person can decide. The answer stands "
        "in the project's scaffold.toml and counts until what it speaks of changes.",
        epilog="examples:\n  scaffold answer . COM-28\n"
        "  scaffold answer . COM-28 --verdict yes --link docs/DEFENCE.md \\\n"
        '    --justification "Ten questions, each answered with a line of the code"',
    )
    _target(answer)
    answer.add_argument("--verdict", metavar="yes|partial|no", default="")
    answer.add_argument("--justification", metavar="TEXT", default="", help="why, in a sentence")
    answer.add_argument("--link", metavar="PATH#L12|URL", default="", help="what shows it")
    answer.set_defaults(run=run_answer)
    waive = commands.add_parser(
        "waive",
        help="say why an item does not count for a while",
        description="Waive an item of the review until a day. The reason stands in the project's "
        "scaffold.toml and in every report.",
        epilog="example:\n  scaffold waive . COM-20 --until 2027-01-31 \\\n"
        '    --reason "No container: it runs as a library"',
    )
    _target(waive)
    waive.add_argument("--reason", metavar="TEXT", default="", help="why it does not count")
    waive.add_argument("--until", metavar="YYYY-MM-DD", default="", help="the last day of it")
    waive.set_defaults(run=run_waive)


def run_answer(arguments: argparse.Namespace) -> int:
    """Asks what is not given, records the answer, says what to do next."""
    from pathlib import Path

    from scaffolder.journeys import attest

    if arguments.remove:
        return _removed(Path(arguments.path), "answer", arguments.id)
    check = attest.asked(arguments.id)
    given = {name: getattr(arguments, name) for name in attest.QUESTIONS}
    if asking.can_ask() and not all(given.values()):
        output.tell(f"{check.id}: {check.claim} {check.ask}")
    for name, question in attest.QUESTIONS.items():
        if not given[name] and asking.can_ask():
            given[name] = asking.ask(question, "", attest.check_answer)
    return _show(attest.answer(Path(arguments.path), arguments.id, **given), Path(arguments.path))


def run_waive(arguments: argparse.Namespace) -> int:
    """Records a waiver, says what to do next."""
    from pathlib import Path

    from scaffolder.journeys import attest

    path = Path(arguments.path)
    if arguments.remove:
        return _removed(path, "waive", arguments.id)
    until = attest.day(arguments.until)
    return _show(attest.waive(path, arguments.id, arguments.reason, until), path)


def _target(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", metavar="PATH", help="the folder of the project")
    command.add_argument("id", metavar="ID", help="the item, as in COM-28")
    command.add_argument("--remove", action="store_true", help="take what is recorded out again")


def _show(recorded: Recorded, path: Path) -> int:
    check, entry = recorded.check, recorded.entry
    said = entry.get("verdict") or f"waived until {entry['until']}"
    why = entry.get("justification") or entry["reason"]
    output.say(output.wrap(f"{check.id}: {said}. {clean(str(why))}", "  ", ""))
    if recorded.replaced:
        output.say("It takes the place of what was recorded before.")
    _next(recorded.path, path, check.id)
    return 0


def _removed(path: Path, kind: Kind, check_id: str) -> int:
    from scaffolder.journeys import attest

    place = attest.remove(path, kind, check_id)
    output.say(f"What was recorded for {clean(check_id.upper(), 40)} is taken out.")
    _next(place, path, check_id.upper())
    return 0


def _next(place: Path, path: Path, check_id: str) -> None:
    import shlex

    output.say(f"That is in {clean(str(place))}: commit it. Next:")
    shown = clean(shlex.quote(str(path)))
    output.say(f"  {clean(output.program())} review {shown} --only {clean(check_id, 40)}")
