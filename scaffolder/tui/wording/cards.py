"""A skill in words on the screen: its row, its card, the next step.

Invariant: only wording; what is true of a skill is said by the journeys.
"""

from collections.abc import Iterator, Sequence

from textual.content import Content

from scaffolder.journeys.study import Standing, Step
from scaffolder.notebook import Level
from scaffolder.sanitise import clean
from scaffolder.skills import Skill, Tier3
from scaffolder.tui.widgets.reading import Hanging, Prose
from scaffolder.tui.words import HEADING, MUTED, lines, plain

TIERS = {1: "Tier 1: what every AI engineer must have", 2: "Tier 2: what sets you apart"}
_ONE_LINE = 64
"""Columns from which a row stands on one line."""


def state(standing: Standing | None, level: Level | None) -> tuple[str, str]:
    """The sign and the words of where one stands with a skill."""
    if standing is None:
        return "○", "not started"
    said = [_clock(standing)]
    if standing.milestones:
        met = sum(s.met for s in standing.milestones)
        said.append(f"{met} of {len(standing.milestones)} met")
    if level:
        said.append(clean(level.level, 20))
    return ("●", ", ".join(said[1:])) if standing.built else ("◐", ", ".join(said))


def _clock(standing: Standing) -> str:
    if standing.clock is None:
        return "studying" if standing.project is None else "building, no clock"
    if standing.clock.over:
        return "48 hours are up"
    return f"building {standing.clock.hours_left:.0f} h left"


def row(card: Skill, standing: Standing | None, level: Level | None, columns: int) -> Content:
    """A skill in the list: on one line where there is room, else on two."""
    mark, said = state(standing, level)
    title = f" {card.order} {mark} {card.title}"
    style = MUTED if standing is None else "$success" if mark == "●" else "$warning"
    if columns >= _ONE_LINE:
        return Content.assemble(f"{title:<42} ", Content.styled(said, style))
    return lines([Content(title), Content.styled(f"     {said}", style)])


def count(found: Sequence[Standing], skills: int) -> str:
    """How far the whole sequence is."""
    built = sum(standing.built for standing in found)
    return f"{len(found)} of {skills} begun, {built} built"


def tier(number: int, columns: int) -> Content:
    """The heading of a tier, with air above it where there is room."""
    heading = Content.styled(TIERS.get(number, f"Tier {number}"), HEADING)
    return heading if number == 1 or columns >= _ONE_LINE else lines([Content(""), heading])


def tier3_row(card: Tier3, columns: int) -> Content:
    """The last row: what to leave out, by name where there is room."""
    heading = Content.styled("Tier 3: what to skip", HEADING)
    names = [_bare(skip.what) for skip in card.skip]
    if columns >= _ONE_LINE:
        return Content.assemble(heading, Content.styled(f"  {names[0]}, …", MUTED))
    return lines([Content(""), heading, Content.styled("; ".join(names), MUTED)])


def holds(card: Skill, wanted: str) -> bool:
    """Whether the card speaks of `wanted` (lower case)."""
    topics = (topic.topic for topic in card.learn)
    spoken = (card.slug, card.title, card.pitch, card.build.name, card.build.brief, *topics)
    return not wanted or any(wanted in text.casefold() for text in spoken)


def skill(card: Skill, standing: Standing | None, level: Level | None) -> Prose:
    """The card: the build and its milestones first, then what to learn and what to skip."""
    return list(_card(card, standing, level))


def tier3(card: Tier3) -> Prose:
    """What to skip for the whole path, and the little to keep."""
    skips = ((s.what, f"Until: {s.until}") for s in card.skip)
    keeps = ((k.what, k.why) for k in card.keep)
    head = [plain(card.title, "bold"), Content(""), plain(card.pitch)]
    return [*head, *_section("Skip", _pairs(skips)), *_section("But keep", _pairs(keeps))]


def next_step(step: Step | None, first: bool) -> Prose:
    """The one next thing; on the first start an offer."""
    if first:
        return [Content.styled("Seven skills, one order, one repository each.", "bold"), _offer()]
    if step is None:
        return [Content.styled("Looking at your projects …", MUTED)]
    command = [plain(f"$ {step.command}", "$accent")] if step.command else []
    return [plain(step.do, "bold"), *command, plain(f"{step.why} {step.detail}", MUTED)]


def advice(said: Sequence[str]) -> Prose:
    """What follows from the first answers."""
    head = Content.styled("Every project starts from these answers.", "bold")
    return [head, *(part for line in said for part in (Content(""), plain(line)))]


def _offer() -> Content:
    return Content.assemble(
        *("Press ", ("b", "bold $accent"), " to begin with three short questions, "),
        *(("s", "bold $accent"), " to study the first skill, "),
        *(("?", "bold $accent"), " for everything else."),
    )


def _card(
    card: Skill, standing: Standing | None, level: Level | None
) -> Iterator[Content | Hanging]:
    mark, said = state(standing, level)
    yield Content.assemble(plain(card.title, "bold"), Content.styled(f"  {mark} {said}", MUTED))
    yield Content("")
    yield plain(card.pitch)
    if not card.available:
        yield Content.styled("There is no template for it yet: the card is what there is.", MUTED)
    yield from _build(card, standing)
    yield from _section("Learn", _pairs((t.topic, t.why) for t in card.learn))
    yield from _section("Skip", _pairs((s.what, f"Until: {s.until}") for s in card.skip))
    yield from _section("Why now", [plain(card.reason), *_skip_if(card)])
    yield from _section("Pitfalls", [Hanging("· ", plain(pitfall)) for pitfall in card.pitfalls])
    asked = f"{len(card.questions)} questions, and what a strong answer holds: 5 drills them."
    yield from _section("Interview", [Content(asked)])
    sources = [f"{s.title}, checked {s.checked} ({s.seen}): {s.url}" for s in card.sources]
    yield from _section("Sources", [Hanging("· ", plain(source)) for source in sources])


def _skip_if(card: Skill) -> list[Content]:
    return [plain(card.skip_if)] if card.skip_if else []


def _build(card: Skill, standing: Standing | None) -> Iterator[Content | Hanging]:
    hours = f"{card.hours['study']} h to study, then {card.hours['build']} h of work in 48"
    yield from _section(f"Build in 48 hours: {card.build.name}", [plain(hours, MUTED)])
    yield plain(card.build.brief)
    met = {s.milestone.id: s.met for s in standing.milestones} if standing else {}
    for milestone in card.build.milestones:
        sign = "✓ met  " if met.get(milestone.id) else "○ open "
        head = f"{sign}{milestone.id} by hour {milestone.by_hour:<2}  "
        yield Hanging(head, plain(milestone.title))
    yield Hanging("Yours:    ", plain(card.build.yours))
    yield Hanging("Not this: ", plain(card.build.boring))


def _section(title: str, parts: Sequence[Content | Hanging]) -> list[Content | Hanging]:
    return [Content(""), Content.styled(title, HEADING), *parts]


def _pairs(found: Iterator[tuple[str, str]]) -> list[Content | Hanging]:
    return [
        Hanging("· ", Content.assemble(plain(head, "bold"), ". ", plain(body)))
        for head, body in found
    ]


def _bare(name: str) -> str:
    """A name without its article, as in a list."""
    bare = name.removeprefix("The ")
    return bare[:1].upper() + bare[1:]
