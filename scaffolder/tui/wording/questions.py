"""Questions of the drill in words: their rows, what prompted them, what a strong answer holds.

Invariant: only wording; which question comes when and what it holds is said by the journeys. What
was quoted from a repository is text, never markup.
"""

from collections.abc import Iterator, Sequence

from textual.content import Content

from scaffolder.errors import ScaffoldError
from scaffolder.journeys.defend import where
from scaffolder.journeys.drill import MISSED, NEVER, PARTLY, STRONG, Asked, Drill, Part, Round
from scaffolder.review.model import Evidence
from scaffolder.tui.drilling import DESIGN, INTERVIEW, REPOSITORY, Drilling
from scaffolder.tui.widgets.reading import Hanging, Prose
from scaffolder.tui.words import HEADING, MUTED, plain

TITLES = {INTERVIEW: "Interview", DESIGN: "Design", REPOSITORY: "Defend this repository"}
SIGNS = {MISSED: "✗", PARTLY: "◐", STRONG: "✓", NEVER: "○"}
STYLES = {MISSED: "bold $error", PARTLY: "$warning", STRONG: "$success", NEVER: MUTED}
_KEY = "bold $accent"
_QUOTE = 150
"""Characters of a quoted line that are shown."""

_ROWS = 2
"""Lines of a question in the list."""

_FRAME = 8
"""Columns of a list that its border, its scroll bar and the sign take."""


def row(asked: Asked, rating: str, columns: int) -> Content:
    """A question in the list; beside the question its first lines fit into `columns`."""
    sign = (f"{SIGNS[rating]} ", STYLES[rating])
    if not columns:
        return Content.assemble(sign, (f"{rating:<12}", STYLES[rating]), plain(asked.title))
    rows = plain(asked.title).wrap(columns - _FRAME)
    shown = rows[:_ROWS] if len(rows) <= _ROWS else [*rows[: _ROWS - 1], rows[_ROWS - 1] + "…"]
    said = [] if rating == NEVER else [Content.styled(rating, STYLES[rating])]
    return Content.assemble(sign, Content("\n  ").join([*shown, *said]))


def state(asked: Asked, rating: str) -> Content:
    """How it went the last time, and where the question is from."""
    said = f"{SIGNS[rating]} {rating}" if rating == NEVER else f"{SIGNS[rating]} last: {rating}"
    note = f" · {asked.note}" if asked.note else ""
    return Content.assemble((said, STYLES[rating]), (note, MUTED))


def titles(now: Drilling) -> tuple[Content, Content]:
    """What stands above and below the question: which one it is, how it went the last time."""
    listed = now.listed()
    if now.at is None or now.known is None:
        return Content(TITLES[now.kind]), Content("")
    place = listed.index(now.at) + 1 if now.at in listed else 1
    return Content(f"Question {place} of {len(listed)}"), state(now.at, now.known.last(now.at))


def tally(drill: Drill) -> Content:
    """How many of each kind there are; where nothing is weak, what comes first then."""
    weak, strong, new = (
        drill.count(MISSED) + drill.count(PARTLY),
        drill.count(STRONG),
        drill.count(NEVER),
    )
    if not weak and not new and strong:
        return Content.styled("✓ nothing weak: oldest first", "$success")
    parts = [(weak, "weak", "$warning"), (strong, "strong", "$success"), (new, "new", MUTED)]
    said = [Content.styled(f"{number} {word}", style) for number, word, style in parts if number]
    return Content.styled(" · ", MUTED).join(said)


def question(asked: Asked) -> Prose:
    """What is asked, and the lines that prompted it."""
    parts: list[Content | Hanging] = [plain(asked.ask, "bold")]
    if asked.quoted:
        parts += [Content(""), *map(_place, asked.quoted)]
    return parts


def strong(asked: Asked) -> Prose:
    """What a strong answer holds, and what the repository shows."""
    return list(_strong(asked.strong))


def instead(now: Drilling, error: ScaffoldError | None, seconds: int) -> Prose:
    """What stands where there is no question to ask; `seconds` is how long one waits for them."""
    if now.kind == REPOSITORY and now.project is None:
        return no_project(now.slug)
    if now.known is None:
        return trouble(error) if error else reading(str(now.project), seconds)
    if now.round.rated and not now.round.queue:
        return finished(now.known, now.round)
    return no_question(now.wanted)


def no_question(wanted: str) -> Prose:
    """Nothing to ask, for the filter or at all."""
    if wanted:
        return [
            Content.styled("No question holds that.", "bold"),
            Content.assemble(("Esc", _KEY), " ends the filter."),
        ]
    return [
        Content.styled("There is no design prompt for this skill yet.", "bold"),
        Content.assemble(("i", _KEY), " interview questions, ", ("r", _KEY), " this repository."),
    ]


def no_project(skill: str) -> Prose:
    """Nothing to defend."""
    return [
        plain(f"There is no project of {skill} to defend yet.", "bold"),
        Content(""),
        Content(
            "Here you are asked what a stranger asks after reading your repository: about its"
            " numbers, its decisions, its failures."
        ),
        Content(""),
        Content.assemble(("2", _KEY), " makes a project, ", ("1", _KEY), " chooses another skill."),
        Content.styled("Any folder of your own: scaffold drill PATH", MUTED),
    ]


def reading(folder: str, seconds: int) -> Prose:
    """The repository is being reviewed."""
    return [
        Content.styled("Reading the repository …", "bold"),
        plain(folder, MUTED),
        Content(""),
        Content(f"{seconds} s. Its numbers, decisions and failures become your questions."),
        Content.assemble(("x", _KEY), " stops it."),
    ]


def trouble(error: ScaffoldError) -> Prose:
    """The repository could not be read, or one did not want to wait."""
    parts = [plain(f"✗ {error.message}", "bold $error"), plain(error.hint), Content("")]
    return [*parts, Content.assemble(("r", _KEY), " tries again.")]


def finished(drill: Drill, sitting: Round) -> Prose:
    """All held at least partly: what was weak, and how to go on."""
    by_id = {asked.id: asked for asked in drill.questions}
    count = len(sitting.rated)
    parts: list[Content | Hanging] = [
        Content.styled(f"That was all: {count} rated.", "bold"),
        Content(""),
    ]
    if sitting.weak:
        parts.append(Content.styled("These come first the next time", HEADING))
        parts += [_weak(by_id[q], sitting.rated[q]) for q in sitting.weak if q in by_id]
    else:
        parts.append(Content.styled("✓ Nothing was weak.", "$success"))
    keys = (("n", _KEY), " once more, weak first · ", ("i d r", _KEY), " other questions")
    return [*parts, Content(""), Content.assemble(*keys)]


def _weak(asked: Asked, rating: str) -> Hanging:
    return Hanging(f"{SIGNS[rating]} ", Content.assemble(plain(asked.title), f" ({rating})"))


def _strong(parts: Sequence[Part]) -> Iterator[Content | Hanging]:
    for number, part in enumerate(parts):
        if number:
            yield Content("")
        if part.about:
            yield plain(part.about, HEADING)
        for point in part.points:
            yield Hanging("· ", plain(point)) if part.about else plain(point)
        for place in part.places:
            yield _place(place)


def _place(place: Evidence) -> Hanging:
    text = place.text if len(place.text) <= _QUOTE else f"{place.text[:_QUOTE]}…"
    said = Content.assemble(plain(where(place), "$accent"), "  ", plain(text, MUTED))
    return Hanging("> ", said)
