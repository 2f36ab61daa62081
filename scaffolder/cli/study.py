"""`scaffold start`, `status` and `next`: the 48-hour clock and where the learner is."""

from __future__ import annotations

import argparse

from scaffolder.cli import output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from scaffolder.journeys.study import Standing, Step
    from scaffolder.progress import Clock
    from scaffolder.review.model import Item


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the three commands to the parser."""
    start = commands.add_parser(
        "start",
        help="begin studying a skill, or start its 48-hour clock",
        description="Begin studying a skill; with --build, start the clock: "
        "build within 48 hours of learning it.",
        epilog="examples:\n  scaffold start rag-app\n  scaffold start rag-app --build",
    )
    start.add_argument("slug", metavar="SKILL", help="which skill (`scaffold skills`)")
    start.add_argument("--build", action="store_true", help="start the 48-hour clock")
    start.set_defaults(run=run_start)
    status = commands.add_parser(
        "status",
        help="where you are, from what your projects hold",
        description="Every skill begun: its clock, and its milestones counted from your files.",
        epilog="examples:\n  scaffold status\n  scaffold status --json",
    )
    status.add_argument("--json", action="store_true", help="print one JSON object")
    status.set_defaults(run=run_status)
    following = commands.add_parser(
        "next",
        help="the one next thing to do",
        description="The one next thing to do, from what your projects hold.",
        epilog="example: scaffold next",
    )
    following.set_defaults(run=run_next)


def run_start(arguments: argparse.Namespace) -> int:
    """Starts and says what follows."""
    from scaffolder.journeys import study

    skill, notices = study.start(arguments.slug, arguments.build)
    output.show_notices(notices)
    if arguments.build:
        output.say(output.bold(f"48 hours for {skill.title}: {skill.build.name}"))
        for milestone in skill.build.milestones:
            head = f"  {milestone.id}  by hour {milestone.by_hour:<3} "
            output.say(output.wrap_row(head, milestone.title))
    else:
        output.say(output.bold(f"Studying {skill.title}, about {skill.hours['study']} hours"))
        output.say(output.wrap(skill.pitch))
        output.say(f"\nWhat to learn and what to skip: scaffold skills {skill.slug}")
    return show_next(notices)


def run_status(arguments: argparse.Namespace) -> int:
    """Prints every started skill with its clock and milestones."""
    from scaffolder.journeys import study

    found, notices = study.standings()
    output.show_notices(notices)
    step = study.next_step(found)
    if arguments.json:
        output.say_json({"skills": [_as_json(s) for s in found], "next": _step_as_json(step)})
        return 0
    if not found:
        output.say("Nothing is begun yet.")
    for standing in found:
        _show(standing)
    _show_step(step)
    return 0


def run_next(_: argparse.Namespace) -> int:
    """Prints the one next thing."""
    return show_next()


def show_next(told: Sequence[str] = ()) -> int:
    """Prints the one next thing, and the notices that were not `told` yet."""
    from scaffolder.journeys import study

    found, notices = study.standings()
    output.show_notices(notices, told)
    _show_step(study.next_step(found))
    return 0


def _show(standing: Standing) -> None:
    kept = standing.kept
    since = (kept.build_started or kept.studying_since).astimezone()
    output.say(output.bold(f"{standing.skill.title}: {kept.state} since {since:%d %b %H:%M}"))
    if standing.clock:
        output.say(f"  {_time(standing.clock)}")
    if standing.unknown:
        output.say(output.wrap(clean(standing.unknown), "  "))
    elif standing.project:
        output.say(f"  {clean(str(standing.project))}")
    for state in standing.milestones:
        head = f"  {'met ' if state.met else 'open'} {state.milestone.id} "
        output.say(output.wrap_row(head, state.milestone.title))
        for judged in state.judged:
            wanted = judged.evidence
            head = f"       {'met ' if judged.met else 'open'} {wanted.item} "
            output.say(output.wrap_row(head, wanted.say))
            if not judged.met and state is standing.first_open:
                output.say(output.wrap(_reason(judged.item), " " * 19))


def _reason(item: Item) -> str:
    return "still the template's" if item.status == "not_started" else item.reason


def _time(clock: Clock) -> str:
    if clock.over:
        return "The 48 hours are up: ship what is measured, write down what is missing."
    return f"{clock.hours_left:.0f} of 48 hours left"


def _show_step(step: Step) -> None:
    output.say()
    output.say(output.wrap(f"Next: {clean(_whole(step))}", "      ", ""))
    output.say(output.wrap(clean(step.why), "      "))
    if step.command:
        output.say(f"      {clean(step.command)}")


def _whole(step: Step) -> str:
    return f"{step.do} {step.detail}".strip()


def _step_as_json(step: Step) -> dict[str, str]:
    return {"do": _whole(step), "why": step.why, "command": step.command}


def _as_json(standing: Standing) -> dict[str, Any]:
    kept, clock = standing.kept, standing.clock
    return {
        "slug": standing.skill.slug,
        "state": kept.state,
        "studying_since": kept.studying_since.isoformat(),
        "build_started": kept.build_started.isoformat() if kept.build_started else None,
        "hours_left": round(clock.hours_left, 2) if clock else None,
        "project": str(standing.project) if standing.project else None,
        "unknown": standing.unknown,
        "milestones": [
            {
                "id": state.milestone.id,
                "by_hour": state.milestone.by_hour,
                "title": state.milestone.title,
                "met": state.met,
                "evidence": [
                    {
                        **vars(judged.evidence),
                        "met": judged.met,
                        "status": judged.item.status,
                        "reason": judged.item.reason,
                    }
                    for judged in state.judged
                ],
            }
            for state in standing.milestones
        ],
    }
