"""`scaffold new`: a repository for one skill."""

from __future__ import annotations

import argparse

from scaffolder.cli import asking, output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffolder.journeys.start_skill import Started, Verified
    from scaffolder.skills import Skill


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "new",
        help="generate a repository for a skill",
        description="Generate a repository that runs, tests and measures itself without a key.",
        epilog="examples:\n  scaffold new rag-app\n"
        "  scaffold new rag-app ~/code/rulebook --set provider=openai\n"
        "  scaffold new rag-app --defaults --verify",
    )
    command.add_argument("slug", metavar="SKILL", help="which skill (`scaffold skills`)")
    command.add_argument("dest", nargs="?", help="where (default: a folder named like the skill)")
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="answers", help="an answer"
    )
    command.add_argument("--defaults", action="store_true", help="ask nothing")
    command.add_argument(
        "--verify", action="store_true", help="make its environment, run its tests and demo"
    )
    command.add_argument("--no-git", action="store_true", help="start no repository")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Asks what is not given, generates, says what to type next."""
    from pathlib import Path

    from scaffolder import generate, progress, skills
    from scaffolder.journeys import answers as journey
    from scaffolder.journeys import start_skill

    skill = skills.find(arguments.slug)
    skills.layers(skill)
    destination = generate.check_destination(Path(arguments.dest or arguments.slug))
    profile = progress.load().profile
    given = journey.parse_settings(arguments.answers)
    journey.refuse_unknown(given, skills.questions(skill))
    if asking.can_ask() and not (arguments.defaults or arguments.json):
        given = _ask(skill, destination, given, profile)
    started = start_skill.make(skill.slug, destination, given, not arguments.no_git)
    output.show_notices(started.notices)
    verified = start_skill.verify(started.path, output.narrate) if arguments.verify else None
    _show(arguments, started, verified)
    return 0


def _ask(
    skill: Skill, destination: Path, given: Mapping[str, str], profile: Mapping[str, str]
) -> dict[str, str]:
    from scaffolder import skills
    from scaffolder.journeys import answers as journey

    asked = dict(given)
    for question in skills.questions(skill):
        if question.name not in asked:
            default = journey.propose(question, destination, asked, profile)
            asked[question.name] = asking.ask(question, default, journey.check)
    return asked


def _show(arguments: argparse.Namespace, started: Started, verified: Verified | None) -> None:
    if arguments.json:
        seen = (
            {"verified": {"seconds": verified.seconds, "demo": verified.demo}} if verified else {}
        )
        output.say_json(
            {
                "path": str(started.path),
                "skill": started.skill,
                "commit": started.commit,
                "template_version": started.template_version,
                "next": list(started.next),
                **seen,
            }
        )
        return
    output.say(f"{started.skill} is in {clean(str(started.path))}")
    if verified:
        _show_verified(verified)
    output.say("\nNext:" if not verified else "\nIts environment is ready. Next:")
    for step in (started.enter, started.demo) if verified else started.next:
        output.say(f"  {clean(step)}")
    output.say("\nTonight: the first page of .scaffold/plan.md. What comes next, at any time:")
    output.say(f"  {clean(output.program())} next")


def _show_verified(verified: Verified) -> None:
    times = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in verified.seconds.items())
    output.say(output.wrap(f"It runs: {times}. Its first answer:") + "\n")
    output.say(output.wrap(clean(" ".join(verified.answer.split())), "    "))
    for source in verified.sources[:3]:
        output.say(f"    [{clean(source)}]")
