"""A report in words on the screen: its head, its rows, the detail of an item, what changed.

Invariant: only wording; what is true is said by the report and `render.wording`. What comes from a
repository is cleaned here and never markup.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from textual.content import Content

from scaffolder.errors import ScaffoldError
from scaffolder.journeys.sift import Change, Flip, Group
from scaffolder.review.model import Evidence, Item, Ran, Report, Status, count
from scaffolder.review.render import running, wording
from scaffolder.review.render.wording import Bar
from scaffolder.tui.widgets.reading import Hanging, Prose
from scaffolder.tui.words import HEADING, MUTED, SIGNS, STYLES, lines, plain, sign

LABEL = 9
"""Columns of a label beside which a text stands."""

CELLS = 12
"""Columns of the longest bar."""

_ID = 7
_STATUS = 12
_SHORT = {Status.NOT_APPLICABLE: "n/a"}
_LISTED = 6


def heading(group: Group, width: int) -> Content:
    """A section or dimension, with its points where there is room."""
    name = group.title if group.key == group.title.lower() else f"{group.key}  {group.title}"
    points = Content.styled(f"{group.points}  ", MUTED)
    room = max(width - points.cell_length - 2, 8)
    title = Content.styled(name, HEADING).truncate(room, ellipsis=True, pad=True)
    return Content.assemble(" ", title, " ", points)


def row(item: Item, width: int, blocks: bool, flip: Flip | None) -> Content:
    """An item on one line: what happened to it, sign, id, claim, status in words."""
    said = _SHORT.get(item.status, wording.verdict(item))
    room = max(width - _ID - _STATUS - 7, 8)
    claim = plain(item.check.claim, limit=300).truncate(room, ellipsis=True, pad=True)
    return Content.assemble(
        _before(blocks, flip),
        sign(item.status),
        " ",
        plain(item.check.id, "bold" if blocks else "", 20).truncate(_ID, pad=True),
        " ",
        claim,
        " ",
        Content.styled(f"{said:<{_STATUS + 1}}", STYLES[item.status]),
    )


def standing(report: Report) -> Content:
    """What was reviewed, its level, the gate, the own share, what to mend first."""
    name = Content.assemble(plain(wording.title(report), "bold"), "  ")
    rows = [Content.assemble(name, Content.styled(wording.about(report), MUTED))]
    rows.append(_labelled("Level", Content(wording.level(report))))
    gate = Content.styled(*(("✓ ", "$success") if report.ready else ("✗ ", "bold $error")))
    rows.append(_labelled("Gate", Content.assemble(gate, _gate(report))))
    rows.append(_labelled("Mend", _mends(report)))
    if report.own_work is not None:
        rows.append(_labelled("Own work", Content(wording.own_work(report))))
    if running.is_made(report):
        rows.append(_labelled("Run", Content(running.said(report))))
    return lines(rows)


def bars(report: Report) -> Content:
    """The dimensions, one a line: a small bar and the points; the weakest is marked."""
    found = wording.bars(report)
    most = max((b.earned + b.open + b.unverified for b in found), default=0.0)
    names = max((len(b.name) for b in found), default=0)
    return lines([_bar(b, names, most, b.name == report.weakest_dimension) for b in found])


def bars_short(report: Report) -> Content:
    """The dimensions on one line; the weakest first, since the end may be cut."""
    parts = []
    weakest_first = sorted(wording.bars(report), key=lambda b: b.name != report.weakest_dimension)
    for bar in weakest_first:
        weak = bar.name == report.weakest_dimension
        said = f"{'>' if weak else ''}{bar.name} {bar.earned:g}/{bar.earned + bar.open:g}"
        parts.append(Content.styled(said, "bold $warning" if weak else MUTED))
    return Content(" ").join(parts)


def detail(report: Report, item: Item) -> Prose:
    """Everything that the report says of an item but its evidence."""
    return list(_detail(report, item))


def place(evidence: Evidence) -> Content:
    """Where an evidence is, and what stands there."""
    where = plain(wording.place(evidence), limit=200)
    return Content.assemble(where, "  ", plain(evidence.text.strip(), MUTED, limit=300))


def place_title(evidence: Evidence) -> Content:
    """Where the evidence is, for a title."""
    where = wording.place(evidence)
    return Content(where[:80] if evidence.ran else where[-80:])


def was_run(evidence: Evidence, ran: Ran) -> Content:
    """A command that was run: itself, how it ended, what was seen."""
    ended = Content.styled(f"{wording.ended(ran)}, in a throw-away copy", MUTED)
    parts = [plain(f"$ {ran.command}", "bold"), ended]
    if evidence.text.strip():
        parts += [Content(""), Content.assemble("│ ", plain(evidence.text))]
    digest = plain(f"sha256 of what it printed: {ran.output_sha256}", MUTED)
    return lines([*parts, Content(""), digest])


def quoted(evidence: Evidence, why_not: str) -> Content:
    """What to show where there is no file to look into: why, and what the report quotes."""
    parts = [plain(why_not, MUTED)]
    if evidence.text.strip():
        parts += [Content(""), Content.assemble("│ ", plain(evidence.text))]
    return lines(parts)


def changed(change: Change, when: str) -> Content:
    """What a review found different from the one before it."""
    parts = [_flip(flip) for flip in change.flips[:_LISTED]]
    left = len(change.flips) - _LISTED
    if left > 0:
        parts.append(Content(f"and {left} more"))
    if change.gate:
        before, after = change.gate
        parts.append(Content.styled(f"gate: {before} → {after} open", "bold"))
    if change.level:
        parts.append(
            Content.styled(f"level: {' → '.join(map(wording.line, change.level))}", "bold")
        )
    head = Content.styled(f"Changed at {when}  ", HEADING)
    return Content.assemble(head, Content(" · ").join(parts))


def reader_view(report: Report) -> Prose:
    """What is seen without reading the code."""
    from scaffolder.review.render import outline

    if report.reader is None:
        return [Content("This review did not look at what a reader sees.")]
    shown: list[Content | Hanging] = [Content.styled("The first screen of the README", HEADING)]
    shown += [Hanging("│ ", plain(text, limit=300)) for text in report.reader.screen]
    for group in outline.groups(report.reader):
        shown += [
            Content(""),
            Content.styled(group.title, HEADING),
            Content.styled(group.note, MUTED),
        ]
        shown += [_outlined(r) for r in group.rows]
    return shown


def _outlined(found: object) -> Hanging:
    from scaffolder.review.render.outline import Row

    assert isinstance(found, Row)
    said = [found.said] if found.said else []
    if found.evidence is not None:
        said.append(f"{wording.place(found.evidence)}  {found.evidence.text.strip()}")
    return Hanging(f"{found.label:<18}", plain("  ".join(said)))


def _before(blocks: bool, flip: Flip | None) -> Content:
    """The first columns of a row: whether it flipped, or shuts the gate."""
    if flip is not None:
        better = flip.is_better
        return Content.styled(
            "↑ " if better else "↓ ", f"bold {'$success' if better else '$error'}"
        )
    return Content.styled("! ", "bold $error") if blocks else Content("  ")


def _gate(report: Report) -> str:
    if report.ready:
        return "ready: no must is open · P: scaffold publish"
    blocking = [i for i in report.items if i.check.id in report.blockers]
    many = Counter(wording.SAID[i.status] for i in wording.ordered(blocking))
    said = ", ".join(f"{number} {status}" for status, number in many.items())
    return f"shut by {count(len(blocking), 'must')}: {said}"


def _mends(report: Report) -> Content:
    if not report.mends:
        return Content(wording.no_mends(report) or "nothing is open")
    named = ", ".join(f"{wording.line(m.id)} {wording.minutes(m.effort)}" for m in report.mends)
    first = f"to {wording.line(report.reaches)}: " if report.reaches else ""
    left = report.needed - len(report.mends)
    return Content(f"{first}{named}" + (f" and {left} more" if left > 0 else ""))


def _labelled(label: str, said: Content) -> Content:
    return Content.assemble((f"{label:<{LABEL}}", MUTED), said)


def _bar(bar: Bar, names: int, most: float, weakest: bool) -> Content:
    scale = CELLS / most if most else 0.0
    earned = round(bar.earned * scale)
    opened = round((bar.earned + bar.open) * scale) - earned
    dark = round((bar.earned + bar.open + bar.unverified) * scale) - earned - opened
    left = " " * (CELLS - earned - opened - dark)
    said = f"  {bar.earned:g} of {bar.earned + bar.open:g}"
    unsure = f", {bar.unverified:g} not verified" if bar.unverified else ""
    return Content.assemble(
        ("> " if weakest else "  ", "bold $warning"),
        (f"{bar.name:<{names}}  ", "bold" if weakest else ""),
        ("█" * earned, "$success"),
        ("░" * opened, "$warning"),
        ("·" * dark + left, MUTED),
        said,
        (unsure, MUTED),
    )


def _detail(report: Report, item: Item) -> Iterator[Content | Hanging]:
    check = item.check
    yield Content.assemble(
        plain(check.id, "bold", 20),
        "  ",
        sign(item.status),
        Content.styled(f" {wording.verdict(item)}", STYLES[item.status]),
        ("  ! shuts the gate" if check.id in report.blockers else "", "bold $error"),
    )
    yield plain(check.claim, "bold")
    yield Content("")
    yield _row("Found", item.reason)
    label, remedy = wording.remedy(item)
    if remedy:
        yield _row("Fix" if label.startswith("Fix") else "Verify", remedy)
    elif item.how_to_verify:
        yield _row("Verify", item.how_to_verify)
    yield _row("Why", check.why)
    yield _row("Counts", _counts(item))
    if item.inherited or item.status is Status.WAIVED:
        yield _row("Means", _means(item))
    yield _row("Source", wording.sources(report, item))
    yield from (_row("Advice", f"{running.ADVICE}: {said}") for said in running.advice(item))


def _counts(item: Item) -> str:
    worth, check = wording.maximum(item), item.check
    noun = "point" if worth == 1 else "points"
    earned = f"{wording.earned(item):g} of {worth} {noun} earned"
    effort = f"; about {wording.minutes(check.effort)} to mend" if wording.is_open(item) else ""
    return f"a {check.weight} of {check.dimension}: {earned}{effort}"


def _means(item: Item) -> str:
    if item.inherited:
        return (
            "It holds because the template brought it. That satisfies the gate and earns nothing "
            "until you have worked on it."
        )
    return "It is waived: it earns nothing and shuts no gate until that day. x takes it back."


def _row(label: str, text: str) -> Hanging:
    return Hanging(f"{label:<{LABEL}}", plain(" ".join(text.split())))


def _flip(flip: Flip) -> Content:
    arrow = Content.styled(*(("↑", "bold $success") if flip.is_better else ("↓", "bold $error")))
    return Content.assemble(
        arrow, " ", plain(flip.id, "bold", 20), " ", _state(flip.before), " → ", _state(flip.after)
    )


def _state(status: Status) -> Content:
    return Content.styled(f"{SIGNS[status]} {wording.SAID[status]}", STYLES[status])


def no_report(why: str, ways: Sequence[tuple[str, str]], hint: str = "") -> Content:
    """An empty screen in words: why, and the keys that lead on."""
    parts = [plain(why, "bold"), *([plain(hint)] if hint else []), Content("")]
    parts += [
        Content.assemble((f"{key:<6}", "bold $accent"), Content(words)) for key, words in ways
    ]
    return lines(parts)


def sentence(error: ScaffoldError) -> str:
    """An error and how to mend it, in one line; options of the command line mend nothing here."""
    hint = "Write it into its field." if error.hint.startswith("Give one: --") else error.hint
    return f"{error.message.rstrip('.')}. {'' if ' --' in hint else hint}".strip()
