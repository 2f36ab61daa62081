"""`scaffold drill`: questions to answer aloud, then what a strong answer holds.

Invariant: what is typed as an answer is read and dropped; a rating is kept at once, so that leaving
at any moment loses nothing. Nothing is asked unless both ends are a terminal.
"""

from __future__ import annotations

import argparse
import sys

from scaffolder.cli import output
from scaffolder.sanitise import clean

TYPE_CHECKING = False  # importing typing would cost `scaffold --help` a tenth of its time
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from scaffolder.journeys.drill import Asked, Drill, Part
    from scaffolder.review.model import Evidence

LEAVE = "q"
_KEYS = "mps"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "drill",
        help="interview questions, or those that a repository invites",
        description="Interview questions of a skill, or the questions that a repository invites:"
        " answer first, aloud or typed, then compare with what a strong answer holds and rate"
        " yourself. Weak answers come back first. Without a terminal it prints them all.",
        epilog="examples:\n  scaffold drill rag-app\n  scaffold drill system-design --design\n"
        "  scaffold drill .\n  scaffold drill rag-app --json",
    )
    command.add_argument(
        "what", nargs="?", default="", metavar="SKILL-or-PATH", help="default: the skill you are at"
    )
    command.add_argument(
        "--design", action="store_true", help="the skill's design prompts, with their arithmetic"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Asks on a terminal, prints elsewhere."""
    about, found = _drill(arguments)
    output.show_notices(found.notices)
    if arguments.json:
        output.say_json({**about, "questions": [_as_json(q, found) for q in found.questions]})
    elif _can_ask():
        _ask(found)
    else:
        _sheet(found)
    return 0


def _drill(arguments: argparse.Namespace) -> tuple[Mapping[str, str], Drill]:
    """What it is about, for JSON, and the questions."""
    from scaffolder.journeys import drill

    meant = drill.meant(arguments.what)
    if not isinstance(meant, str):
        return {"project": str(meant)}, _defence(meant, arguments.design)
    kind = "design" if arguments.design else "interview"
    found = drill.design(meant) if arguments.design else drill.interview(meant)
    return {"skill": meant, "kind": kind}, found


def _defence(folder: Path, design: bool) -> Drill:
    from scaffolder.errors import UsageError
    from scaffolder.journeys import defend

    if design:
        raise UsageError("--design goes with a skill", "scaffold drill system-design --design")
    if sys.stderr is not None and sys.stderr.isatty():
        output.narrate(f"reading {folder} ...")
    return defend.defend(folder).drill


def _can_ask() -> bool:
    ends = (sys.stdin, sys.stdout)
    return all(end is not None and end.isatty() for end in ends)


def _ask(found: Drill) -> None:
    """Question, answer, comparison, rating, until all have held at least partly or one leaves."""
    from scaffolder.journeys import drill

    _head(found)
    sitting = drill.Round(found.questions)
    while sitting.queue:
        asked = sitting.queue[0]
        _question(asked, found.last(asked), len(sitting.queue))
        if _read("Answer aloud or type, then Enter (q leaves) > ") == LEAVE:
            break
        _strong(asked)
        rating = _rating()
        if rating == LEAVE:
            break
        found = drill.rate(found, asked, rating)
        output.show_notices(found.notices)
        sitting = sitting.after(asked, rating)
    _end(found, sitting)


def _head(found: Drill) -> None:
    from scaffolder.journeys import drill

    output.say(output.bold(clean(found.about)))
    kinds = (drill.MISSED, drill.PARTLY, drill.NEVER, drill.STRONG)
    counts = ", ".join(f"{found.count(k)} {k}" for k in kinds if found.count(k))
    output.say(f"{len(found.questions)} questions: {counts}. What you type is kept nowhere.")


def _question(asked: Asked, last: str, left: int) -> None:
    note = f" · {asked.note}" if asked.note else ""
    more = f"{left} to go · " if left > 1 else ""
    output.say(f"\n{more}{last}{note}")
    output.say(output.wrap(output.bold(clean(asked.ask))))
    for place in asked.quoted:
        _quote(place, "  ")


def _strong(asked: Asked) -> None:
    output.say(output.bold("\nA strong answer"))
    for part in asked.strong:
        _part(part)
    output.say()


def _part(part: Part) -> None:
    if part.about:
        output.say("\n  " + output.bold(clean(part.about)))
    for point in part.points:
        output.say(output.wrap(clean(point), "      ", "    - ") if part.about else _plain(point))
    for place in part.places:
        _quote(place, "      ")


def _plain(point: str) -> str:
    return output.wrap(clean(point), "  ")


def _quote(place: Evidence, indent: str) -> None:
    from scaffolder.journeys.defend import where

    output.say(output.wrap_row(f"{indent}{clean(where(place))}  ", clean(place.text)))


def _rating() -> str:
    """One of the ratings, or that one leaves."""
    from scaffolder.notebook import RATINGS

    ways = zip("123", _KEYS, RATINGS, strict=True)
    named = {word: rating for digit, key, rating in ways for word in (digit, key, rating)}
    while True:
        said = _read("How did it hold? 1 missed, 2 partly, 3 strong (q leaves) > ")
        if said == LEAVE or said in named:
            return named.get(said, LEAVE)


def _read(prompt: str) -> str:
    """A line that was typed, bare; the end of input leaves."""
    output.prompt(prompt)
    line = sys.stdin.readline()
    if not line:
        output.narrate("")
        return LEAVE
    return line.strip().casefold()


def _end(found: Drill, sitting: Any) -> None:
    by_id = {asked.id: asked for asked in found.questions}
    if not sitting.rated:
        output.say("\nNothing was rated.")
    elif not sitting.weak:
        output.say(f"\n{len(sitting.rated)} rated, nothing weak.")
    else:
        output.say(output.bold("\nWeak; these come first the next time:"))
    for question in sitting.weak:
        output.say(output.wrap_row(f"  {sitting.rated[question]}  ", clean(by_id[question].title)))


def _sheet(found: Drill) -> None:
    """All of it, to print or to read."""
    output.say(output.bold(clean(found.about)))
    for number, asked in enumerate(found.questions, 1):
        output.say()
        output.say(output.wrap(clean(asked.ask), "    ", f"{number:>2}. "))
        for place in asked.quoted:
            _quote(place, "    ")
        for part in asked.strong:
            _part(part)
    if not found.questions:
        output.say("There is no such question yet.")


def _as_json(asked: Asked, found: Drill) -> Mapping[str, Any]:
    return {
        "id": asked.id,
        "ask": asked.ask,
        "note": asked.note,
        "quoted": [_place_json(place) for place in asked.quoted],
        "strong": [
            {"about": p.about, "points": p.points, "places": [_place_json(e) for e in p.places]}
            for p in asked.strong
        ],
        "rating": found.last(asked),
        "ratings": list(found.ratings.get(asked.id, ())),
    }


def _place_json(place: Evidence) -> Mapping[str, Any]:
    return {"path": place.path, "line": place.line, "text": place.text}
