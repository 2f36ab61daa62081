"""A project in words on the screen: its row, its page, what the set still lacks.

Invariant: only wording; what a project proves and what is missing is said by the journeys. Names
and paths are cleaned and never markup.
"""

from collections.abc import Iterator, Sequence

from textual.content import Content

from scaffolder.journeys.portfolio import ENOUGH, Overview
from scaffolder.journeys.projects import RULE, Entry, Lack
from scaffolder.notebook import Level
from scaffolder.tui.widgets.reading import Hanging, Prose
from scaffolder.tui.words import HEADING, MUTED, plain

BARS = "▁▂▃▄▅▆▇█"
COLUMNS = (("skill", 14), ("level", 13), ("points", 8), ("steps", 7), ("gate", 12))
"""Names and widths of the columns after the name; `steps` are milestones."""

TREND = 10
"""Columns of the trend, which is shown where there is room for it."""

ROOMY = 96
_SIGNS = {"proves": ("●", "$success"), "open": ("◐", "$warning"), "none": ("○", MUTED)}


def header(width: int) -> Content:
    """The names of the columns of a table that is `width` wide."""
    cells = [_cell(Content("   project"), _name_width(width))]
    cells += [_cell(Content(name), columns) for name, columns in COLUMNS]
    if width >= ROOMY:
        cells.append(Content("trend"))
    return Content.assemble(*cells).stylize(MUTED)


def row(entry: Entry, width: int) -> Content:
    """A project in the table."""
    sign, style = _SIGNS["proves" if entry.proves else "open" if entry.last else "none"]
    name = Content.assemble(" ", (sign, style), " ", plain(entry.name, limit=200))
    cells = [_cell(name, _name_width(width))]
    cells += [_cell(c, n) for c, (_, n) in zip(_values(entry), COLUMNS, strict=True)]
    if width >= ROOMY:
        cells.append(Content.styled(bars(entry.shares, TREND), MUTED))
    return Content.assemble(*cells)


def bars(shares: Sequence[float], most: int) -> str:
    """A small picture of shares, 0 to 1, the last `most` of them."""
    return "".join(BARS[min(int(max(share, 0.0) * len(BARS)), 7)] for share in shares[-most:])


def holds(entry: Entry, wanted: str) -> bool:
    """Whether a project is named, or is of a skill or level, with `wanted` (lower case) in it."""
    level = entry.last.level if entry.last else "not reviewed"
    spoken = (entry.name, entry.slug, entry.title, level)
    return any(wanted in text.casefold() for text in spoken)


def page(entry: Entry) -> Prose:
    """What is known of a project."""
    return [
        plain(entry.name, "bold"),
        plain(entry.title, MUTED),
        plain(entry.path, MUTED),
        Content(""),
        *_proof(entry),
        *_found(entry),
        *_reviews(entry),
        Content(""),
        Content.styled(RULE, MUTED),
    ]


def missing(found: Overview) -> Prose:
    """What the set lacks, then what would widen it, then why one project is enough."""
    needed = [lack for lack in found.missing if lack.needed]
    proposed = [lack for lack in found.missing if not lack.needed]
    parts: list[Content | Hanging] = [] if needed else [_ready()]
    parts += _listed(needed)
    if proposed:
        parts += [Content.styled("Would widen it, and is not needed", HEADING)]
        parts += _listed(proposed)
    return [*parts, Content.styled(ENOUGH, MUTED)]


def _cell(text: Content, width: int) -> Content:
    return text.truncate(width - 1, ellipsis=True, pad=True).pad_right(1)


def _name_width(width: int) -> int:
    rest = sum(columns for _, columns in COLUMNS)
    return max(width - rest - (TREND if width >= ROOMY else 0), 12)


def _values(entry: Entry) -> Iterator[Content]:
    yield plain(entry.slug or "-", limit=40)
    last = entry.last
    if not entry.there:
        yield Content.styled("gone", MUTED)
    else:
        yield plain(last.level, limit=40) if last else Content.styled("not reviewed", MUTED)
    yield Content(f"{entry.shares[-1]:>4.0%}" if last else "")
    yield Content(f" {last.met}/{last.milestones}" if last and last.milestones else "")
    yield _gate(last)


def _gate(last: Level | None) -> Content:
    if last is None:
        return Content("")
    if last.open_musts:
        return Content.styled(f"✗ shut: {last.blockers}", "$error")
    if last.blockers:
        return Content.styled(f"◐ to run: {last.blockers}", "$warning")
    return Content.styled("✓ open", "$success")


def _proof(entry: Entry) -> Iterator[Content | Hanging]:
    if entry.proves:
        yield _said("Proves", Content.styled(f"● {entry.title}", "$success"))
    for number, lack in enumerate(entry.lacks):
        word = "Proves" if number == 0 else ""
        yield _said(word, plain(f"{'nothing yet: ' if number == 0 else ''}{lack.what}", "$warning"))


def _found(entry: Entry) -> Iterator[Content | Hanging]:
    last = entry.last
    if last is None:
        return
    yield _said("Level", plain(f"{last.level}, lowest in {last.weakest or 'no dimension'}"))
    yield _said("Trend", Content.assemble(bars(entry.shares, 24), "  ", plain(entry.trend)))
    yield _said("Milestones", Content(f"{last.met} of {last.milestones} met"))
    yield _said("Gate", plain(entry.gate))
    commit = f" at {last.commit[:12]}" if last.commit else ""
    yield _said("Reviewed", plain(f"{_time(last)}{commit}"))
    if entry.moved:
        yield _said("", Content.styled("HEAD has moved since: review it again (r)", "$warning"))


def _reviews(entry: Entry) -> Iterator[Content]:
    if len(entry.reviews) < 2:
        return
    yield Content("")
    yield Content.styled("Reviews, the last first", HEADING)
    shares = [*zip(entry.reviews, entry.shares, strict=True)]
    for review, share in reversed(shares):
        points = f"{review.points:g} of {review.verifiable:g} points"
        level = Content.assemble(plain(f"{review.level:<12}"), f"{share:>4.0%}  {points}")
        yield Content.assemble((f"  {_time(review)}  ", MUTED), level)


def _said(word: str, text: Content) -> Hanging:
    return Hanging(f"{word:<12}", text)


def _listed(lacks: Sequence[Lack]) -> Iterator[Content | Hanging]:
    for number, lack in enumerate(lacks, 1):
        yield Hanging(f"{number}. ", plain(lack.what, "bold" if lack.needed else ""))
        yield Hanging("   ", plain(lack.why, MUTED))
        yield Hanging("   ", plain(f"$ {lack.command}", MUTED))
        yield Content("")


def _ready() -> Content:
    return Content.styled(
        "✓ Nothing is missing that you can settle: it can be shown.", "bold $success"
    )


def _time(review: Level) -> str:
    return f"{review.at.astimezone():%d %b %H:%M}"


def no_project() -> Content:
    """What an empty portfolio says."""
    key = ("n", "bold $accent")
    return Content("\n\n").join(
        [
            Content.styled("There is no project yet.", "bold"),
            Content.assemble(
                "Press ",
                key,
                " to make one, or ",
                ("1", "bold $accent"),
                " for the skills and their order.",
            ),
            Content.styled(ENOUGH, MUTED),
        ]
    )


def no_match(wanted: str) -> Prose:
    """What is said where the filter leaves nothing."""
    return [
        plain(f"No project with {wanted!r} in its name, skill or level.", MUTED),
        Content.styled("Esc shows all again.", MUTED),
    ]
