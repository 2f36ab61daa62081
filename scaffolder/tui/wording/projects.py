"""A project in words on the screen: its header, its milestones, the item under the cursor.

Invariant: only wording; what is true of a project is said by the journeys.
"""

import shlex
from collections.abc import Iterator

from textual.content import Content

from scaffolder.journeys import plotting, project, run
from scaffolder.journeys.milestones import Judged, MilestoneState
from scaffolder.journeys.project import Look
from scaffolder.journeys.results import History, Series
from scaffolder.progress import Clock
from scaffolder.review.model import Evidence, Item, Status
from scaffolder.sanitise import clean
from scaffolder.skills import Skill
from scaffolder.tui.widgets.output import COMMAND, NOTE, Line
from scaffolder.tui.words import HEADING, MUTED, SIGNS, STYLES, block, lines, plain, words

KEYS = {"setup": "u", "test": "x", "demo": "d", "eval": "v"}
"""The key of each command."""


def header(look: Look) -> Content:
    """Where it is, and how far."""
    counted = any(state.judged for state in look.milestones)
    met = f"{look.met} of {len(look.milestones)} milestones met" if counted else ""
    title = look.skill.title if look.skill else ""
    parts = [met, clock(look.clock) if look.skill else "", title, _template(look)]
    return Content.assemble(
        plain(look.path.name, "bold"),
        plain(f"  {look.path}", MUTED),
        "\n",
        plain(" · ".join(filter(None, parts))),
    )


def clock(running: Clock | None) -> str:
    """The 48 hours."""
    if running is None:
        return "clock not started"
    if running.over:
        return "the 48 hours are up"
    return f"{running.hours_left:.0f} of 48 hours left"


def nothing(skill: Skill | None) -> Content:
    """There is no project for the skill."""
    if skill is None:
        return Content.assemble(
            ("No skill is chosen.", "bold"), "\n", ("1", "bold $accent"), " is the list of skills."
        )
    do = Content.assemble(("2", "bold $accent"), " makes one: this is what it will have to show.")
    if not skill.available:
        do = Content("It has a card only: build it by hand; 4, then o reviews your own folder.")
    return Content.assemble(plain(f"No project yet for {skill.title}.", "bold"), "\n", do)


def milestone(state: MilestoneState, width: int) -> Content:
    """The heading of a milestone."""
    sign, style = ("✓", "bold $success") if state.met else ("○", HEADING)
    head = Content.styled(f"{sign} {state.milestone.id} ", style)
    said = f"{'met' if state.met else 'open'}, by hour {state.milestone.by_hour}"
    title = plain(state.milestone.title, "bold").wrap(max(16, width - head.cell_length))
    indent = "\n" + " " * head.cell_length
    return Content.assemble(head, Content(indent).join([*title, Content.styled(said, MUTED)]))


def row(judged: Judged, width: int) -> Content:
    """An item that proves a milestone."""
    item = judged.item
    head = Content.assemble((f"  {_sign(judged)} ", _style(judged)), (f"{item.check.id}  ", "bold"))
    indent = " " * head.cell_length
    wrapped = plain(judged.evidence.say).wrap(max(16, width - head.cell_length))
    return Content.assemble(head, Content("\n" + indent).join(wrapped))


def detail(judged: Judged, look: Look) -> Content:
    """Why an item is as it is, and what brings it."""
    item = judged.item
    parts = [
        Content.assemble(
            (f"{_sign(judged)} {item.check.id} {_state(judged)}", _style(judged)),
            plain(f"  {_reason(item)}"),
        )
    ]
    if place := evidence(item):
        parts.append(plain(f"at {place.path}{f':{place.line}' if place.line else ''}", MUTED))
    if not judged.met:
        command = project.bring(judged, look)
        parts.append(plain(f"$ {command}", "bold") if command else plain(item.check.fix))
    return lines(parts)


def goal(state: MilestoneState) -> Content:
    """What a milestone asks for."""
    done = [Content.assemble("· ", block(said)) for said in state.milestone.done]
    return lines([plain(state.milestone.title, "bold"), *done])


def evidence(item: Item) -> Evidence | None:
    """The first place in a file that the verdict rests on."""
    return next((e for e in item.evidence if e.path), None)


def offer(look: Look | None) -> list[Line]:
    """What can be run, as long as nothing was."""
    known = [(key, name) for name, key in KEYS.items() if look and name in look.commands]
    if not look or not known:
        return [Line("Nothing can be run here yet.", NOTE)]
    found = [Line("Nothing was run yet. What it prints will stand here.", NOTE), Line("")]
    for key, name in known:
        argv = clean(shlex.join(look.commands[name]), 200)
        found += [Line(f"{key}  {run.MEANT[name]}", COMMAND), Line(f"   {argv}", NOTE)]
    return found


def results(series: Series, place: int, of: int, width: int) -> Content:
    """A series as a plot."""
    return lines(list(_results(series, place, of, width)))


def no_results(history: History) -> Content:
    """Why there is nothing to plot."""
    return Content.assemble(
        plain(f"{history.note[:1].upper()}{history.note[1:]}."),
        "\n",
        ("v", "bold $accent"),
        " runs the eval here.",
    )


def _results(series: Series, place: int, of: int, width: int) -> Iterator[Content]:
    yield Content.assemble(plain(series.name, "bold"), (f"  {place} of {of}, m next", MUTED))
    *points, line, numbers = plotting.rows(series, width)
    for at, found in enumerate(points):
        newest = at == len(points) - 1 and not series.by_change
        reference = plotting.REFERENCE in found.plot
        style = MUTED if reference else "bold $primary" if newest else "$primary"
        figures = "bold" if newest and not reference else MUTED if reference else ""
        yield Content.assemble(
            plain(found.label, figures), "  ", plain(found.plot, style), "  ",
            plain(found.figures, figures),
        )  # fmt: skip
    for found in (line, numbers):
        yield plain(str(found), MUTED)
    yield from (plain(note, MUTED) for note in plotting.notes(series))


def _template(look: Look) -> str:
    return f"template {look.template_version}" if look.template_version else ""


def _sign(judged: Judged) -> str:
    return SIGNS[Status.PASS if judged.met else judged.item.status]


def _style(judged: Judged) -> str:
    return STYLES[Status.PASS if judged.met else judged.item.status]


def _state(judged: Judged) -> str:
    return "met" if judged.met else words(judged.item.status)


def _reason(item: Item) -> str:
    return "still the template's" if item.status is Status.NOT_STARTED else item.reason
