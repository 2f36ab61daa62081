"""`scaffold skills`: the sequence with progress, or one card."""

from __future__ import annotations

import argparse

from scaffolder.cli import output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.journeys.study import Line
    from scaffolder.skills import Build, Skill, Skip, Source


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "skills",
        help="the sequence with your progress, or one skill's card",
        description="The seven skills in order, or everything about one (`tier-3`: what to skip).",
        epilog="examples:\n  scaffold skills\n  scaffold skills rag-app\n"
        "  scaffold skills --order seed",
    )
    command.add_argument("slug", nargs="?", metavar="SKILL", help="show this card")
    command.add_argument(
        "--order",
        choices=["recommended", "seed"],
        default="recommended",
        help="seed: the order of the original guide",
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the list or the card."""
    from scaffolder.journeys import study

    if arguments.slug == "tier-3":
        return _tier3(arguments.json)
    if arguments.slug:
        return _card(arguments.slug, arguments.json)
    listed, notices = study.sequence(arguments.order)
    output.show_notices(notices)
    if arguments.json:
        output.say_json({"skills": [line.as_json() for line in listed]})
        return 0
    _list(listed)
    if arguments.order == "seed":
        from scaffolder.skills import seed_warning

        output.say("\n" + output.wrap(seed_warning()))
    return 0


def _list(listed: Sequence[Line]) -> None:
    tier = 0
    for line in listed:
        if line.skill.tier != tier:
            tier = line.skill.tier
            output.say(output.bold(f"\nTier {tier}" if line.skill.order > 1 else f"Tier {tier}"))
        has = "template" if line.skill.available else "card only"
        output.say(
            f"  {line.skill.order}  {line.skill.slug:<14} {line.skill.title:<37} {has:<10} "
            f"{line.progress}".rstrip()
        )
    output.say("\nTier 3: what to skip: `scaffold skills tier-3`")
    output.say("One card: `scaffold skills SKILL`   The next step: `scaffold next`")


def _card(slug: str, as_json: bool) -> int:
    from scaffolder import skills

    card = skills.find(slug)
    if as_json:
        from dataclasses import asdict

        output.say_json({**asdict(card), "available": card.available})
        return 0
    _head(card)
    _learn_and_skip(card)
    _build(card.build)
    if card.template and card.template.example:
        _example(card.template.example)
    _interview(card)
    return 0


def _head(card: Skill) -> None:
    output.say(output.bold(f"{card.title}  (tier {card.tier}, number {card.order})"))
    output.say(output.wrap(card.pitch))
    output.say()
    output.say(output.wrap(f"Why here: {card.reason}"))
    needs = ", ".join((*card.needs, *card.knows)) or "nothing"
    hours = " and ".join(f"{n} h {what}" for what, n in card.hours.items())
    output.say()
    output.say(output.wrap(f"Before it: {needs}. Time: {hours}."))
    if card.skip_if:
        output.say()
        output.say(output.wrap(card.skip_if))


def _learn_and_skip(card: Skill) -> None:
    output.say(output.bold("\nLearn"))
    for topic in card.learn:
        output.say(output.wrap(f"{topic.topic}. {topic.why}", "    ", "  - "))
    output.say(output.bold("\nSkip"))
    _skips(card.skip)


def _skips(skips: Sequence[Skip]) -> None:
    for skip in skips:
        output.say(output.wrap(f"{skip.what}. Until: {skip.until}", "    ", "  - "))


def _build(build: Build) -> None:
    output.say(output.bold(f"\nBuild in 48 hours: {build.name}"))
    output.say(output.wrap(build.brief, "  "))
    output.say(output.wrap(f"Not this: {build.boring}", "  "))
    output.say(output.wrap(f"What makes it yours: {build.yours}", "  "))
    for milestone in build.milestones:
        output.say()
        head = f"  {milestone.id}, by hour {milestone.by_hour}: "
        output.say(output.wrap_row(head, milestone.title))
        for done in milestone.done:
            output.say(output.wrap(done, "      ", "    - "))
    output.say()
    output.say(output.wrap(f"Short of time: {build.short_of_time}", "  "))


def _example(place: str) -> None:
    from scaffolder.paths import in_source

    here = in_source(place)
    said = str(here) if here else f"{place} in the source of scaffold"
    output.say()
    output.say(f"  A finished one, to read: {clean(said)}")


def _interview(card: Skill) -> None:
    output.say(output.bold("\nTen interview questions, and what a strong answer holds"))
    for number, question in enumerate(card.questions, 1):
        mark = "" if question.origin == "reported" else " (constructed)"
        output.say(output.wrap(f"{question.ask}{mark}", "     ", f"{number:>3}. "))
        output.say(output.wrap(question.strong, "     "))
    output.say(output.bold("\nPitfalls"))
    for pitfall in card.pitfalls:
        output.say(output.wrap(pitfall, "    ", "  - "))
    _sources(card.sources)


def _sources(sources: Sequence[Source]) -> None:
    output.say(output.bold("\nSources"))
    for source in sources:
        checked = f"{source.title}, checked {source.checked} ({source.seen})"
        output.say(output.wrap_row("  - ", checked))
        output.say(f"    {source.url}")


def _tier3(as_json: bool) -> int:
    from scaffolder import skills

    card = skills.tier3()
    if as_json:
        from dataclasses import asdict

        output.say_json(asdict(card))
        return 0
    output.say(output.bold(card.title))
    output.say(output.wrap(card.pitch))
    output.say(output.bold("\nSkip"))
    _skips(card.skip)
    output.say(output.bold("\nBut keep"))
    for keep in card.keep:
        output.say(output.wrap(f"{keep.what}. {keep.why}", "    ", "  - "))
    _sources(card.sources)
    return 0
