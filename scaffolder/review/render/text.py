"""A report for a terminal, a pipe or a log.

Invariant: level, gate and what to mend come first; colour only repeats what words say; what is cut
is counted. A line is longer than the width only where it holds one unbroken path.
"""

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.model import Answer, Evidence, Item, Reader, Report, Skipped, Status, count
from scaffolder.review.render import outline, running, wording
from scaffolder.review.render.outline import Group, Row
from scaffolder.review.render.wording import Bar, Part
from scaffolder.sanitise import clean

LISTED = 8
"""Notices and files not read that are listed before the others are counted."""

CELLS = 22
"""Columns of the longest bar."""

_BESIDE = 55
"""Columns that a bar leaves to the name before it and the points after it."""

_LABEL = 10
_MEND_LINES = 2
_BOLD, _RED, _GREEN, _YELLOW = "1", "31", "32", "33"
_COLOURS = {
    Status.FAIL: _RED,
    Status.NOT_STARTED: _RED,
    Status.PARTIAL: _YELLOW,
    Status.PASS: _GREEN,
}


@dataclass(frozen=True)
class Look:
    """How to write: columns, colour or none, and whether to show every place of an item."""

    width: int = 80
    colour: bool = False
    whole: bool = False


def render(report: Report, look: Look | None = None) -> str:
    """The whole report."""
    how = look or Look(whole=bool(report.only))
    blocks = (
        _head(report, how),
        _mends(report, how),
        _bars(report, how),
        _notices(report, how),
        *(_part(p, report, how) for p in wording.settled(report)),
        *(_part(p, report, how) for p in wording.apart(report)),
        _facts(report, how),
        _read(report, how),
        _end(report, how),
    )
    return "\n\n".join("\n".join(b) for b in map(list, blocks) if b) + "\n"


def render_reader(report: Report, reader: Reader, look: Look | None = None) -> str:
    """What is seen without reading the code."""
    how = look or Look()
    blocks = (_screen(report, reader, how), *(_group(g, how) for g in outline.groups(reader)))
    return "\n\n".join("\n".join(b) for b in blocks) + "\n"


def paint(text: str, code: str, how: Look) -> str:
    """`text` in a colour, where there are colours."""
    return f"\x1b[{code}m{text}\x1b[0m" if how.colour and code else text


def fill(text: str, how: Look, indent: str = "", first: str | None = None) -> str:
    """A paragraph."""
    return textwrap.fill(
        text,
        width=max(how.width, len(indent) + 20),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _head(report: Report, how: Look) -> Iterator[str]:
    name, about = wording.title(report), wording.about(report)
    whole = fill(f"{name}: {about}", how, "  ", "")
    yield whole.replace(name, paint(name, _BOLD, how), 1)
    yield ""
    level = _GREEN if report.level == wording.HIGHEST else _YELLOW
    yield _row("Level", wording.level(report), how, level)
    yield _row("Gate", wording.gate(report), how, _GREEN if report.ready else _RED)
    for label, said in (
        ("Run", running.said(report)),
        ("Own work", wording.own_work(report)),
        ("Asked", wording.narrowed(report)),
        ("Notices", _noticed(report)),
    ):
        if said:
            yield _row(label, said, how)


def _row(label: str, said: str, how: Look, code: str = "") -> str:
    """`label` and a paragraph beside it; the first word of it carries the colour."""
    head = label.ljust(_LABEL)
    whole = fill(said, how, " " * _LABEL, head)[_LABEL:]
    first = whole.split(maxsplit=1)[0] if whole.split() else ""
    tail = whole[len(first) :]
    return paint(head, _BOLD, how) + paint(first, code, how) + tail


def _noticed(report: Report) -> str:
    many = len(report.examined.notices)
    return f"this repository tries {count(many, 'thing')} on its reader, see below" * (many > 0)


def _mends(report: Report, how: Look) -> Iterator[str]:
    if wording.no_mends(report):
        yield _row("Mend", wording.no_mends(report), how)
    if not report.mends:
        return
    yield paint(fill(f"{wording.mends_title(report)}:", how, "  ", ""), _BOLD, how)
    ids = max(len(m.id) for m in report.mends)
    for mend in report.mends:
        head = f"  {mend.id.ljust(ids)}  {wording.minutes(mend.effort):>10}  "
        lines = fill(wording.line(mend.fix), how, " " * len(head), head).split("\n")
        if len(lines) > _MEND_LINES:
            lines = [*lines[: _MEND_LINES - 1], _cut(f"{lines[_MEND_LINES - 1]} …", how.width)]
        yield "\n".join(lines)


def _bars(report: Report, how: Look) -> Iterator[str]:
    bars = wording.bars(report)
    most = max((b.earned + b.open + b.unverified for b in bars), default=0.0)
    cells = max(0, min(CELLS, how.width - _BESIDE))
    signs = "█ earned  ░ open  · not verified  " * (cells > 0)
    yield fill(f"Dimensions  ({signs}> sets the level)", how, "  ", "")
    names = max((len(b.name) for b in bars), default=0)
    for bar in bars:
        weak = bar.name == report.weakest_dimension and not report.only
        mark = "> " if weak else "  "
        head = f"{mark}{bar.name.ljust(names)}  {_cells(bar, cells / most if most else 0.0, cells)}"
        yield fill(bar.said, how, "      ", head)


def _cells(bar: Bar, scale: float, cells: int) -> str:
    """A bar whose length is what the dimension is worth, and a gap; "" where there is no room."""
    earned = round(bar.earned * scale)
    done = round((bar.earned + bar.open) * scale)
    all_of_it = round((bar.earned + bar.open + bar.unverified) * scale)
    return ("█" * earned + "░" * (done - earned) + "·" * (all_of_it - done)).ljust(
        cells + 2 if cells else 0
    )


def _notices(report: Report, how: Look) -> Iterator[str]:
    if report.examined.notices:
        yield paint(wording.NOTICES, _BOLD, how)
        yield from (quoted(e, how, "  ") for e in report.examined.notices[:LISTED])
        yield from _rest(len(report.examined.notices) - LISTED, "  ")


def _part(part: Part, report: Report, how: Look) -> Iterator[str]:
    settled = bool(part.points)
    head = f"{part.key}  {part.title}" if settled else part.title
    yield paint(head, _BOLD, how) + (f"  ({part.points})" if settled else f"  ({len(part.items)})")
    if part.note:
        yield fill(part.note, how, "  ")
    for item in part.items:
        yield ""
        yield from _item(item, report, how)


def _item(item: Item, report: Report, how: Look) -> Iterator[str]:
    said = wording.verdict(item)
    shuts = ", shuts the gate" if item.check.id in report.blockers else ""
    colour = "" if item.inherited else _COLOURS.get(item.status, "")
    yield (
        f"  {paint(item.check.id, _BOLD, how)}  {paint(said, colour, how)}"
        f"  ({item.check.weight}, {item.check.dimension}{shuts})"
    )
    indent = "    "
    yield fill(wording.line(item.check.claim), how, indent)
    yield fill(wording.line(item.reason), how, "      ", f"{indent}> ")
    yield from _places(item.evidence, item.status, how)
    label, remedy = wording.remedy(item)
    if remedy:
        yield fill(f"{label}: {remedy}", how, "      ", indent)
    for advised in running.advice(item):
        yield fill(f"{running.ADVICE}: {advised}", how, "      ", indent)


def _places(evidence: Sequence[Evidence], status: Status, how: Look) -> Iterator[str]:
    most = len(evidence) if how.whole else 1 if status is Status.PASS else wording.PLACES
    yield from (quoted(e, how, "      ") for e in evidence[:most])
    left = len(evidence) - most
    if left > 0:
        yield f"      and {count(left, 'more place')}"


def quoted(evidence: Evidence, how: Look, indent: str) -> str:
    """A place and the line that stands there, beside it or below it; or what was run."""
    place, text = wording.place(evidence), clean(evidence.text.strip())
    if evidence.ran is not None:
        return fill(f"{place}: {text}" if text else place, how, f"{indent}  ", indent)
    if not text:
        return indent + place
    room = how.width - len(indent) - len(place) - 2
    if room >= min(24, _columns(text)):
        return f"{indent}{place}  {_cut(text, room)}"
    return f"{indent}{place}\n{indent}  {_cut(text, how.width - len(indent) - 2)}"


def _cut(text: str, room: int) -> str:
    """As much of `text` as fits in `room` columns."""
    if _columns(text) <= room:
        return text
    kept, used = "", 1
    for letter in text:
        used += _columns(letter)
        if used > room:
            break
        kept += letter
    return kept + "…"


def _columns(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def _rest(left: int, indent: str) -> Iterator[str]:
    if left > 0:
        yield f"{indent}and {left:,} more: --format json lists them all"


def _facts(report: Report, how: Look) -> Iterator[str]:
    """The names of what is there, and why for everything that is not."""
    by = wording.facts(report)
    if by:
        yield paint("Facts", _BOLD, how)
    for value, told in by.items():
        if value == Answer.YES:
            yield _row(f"  {value}", ", ".join(name for name, _ in told), how)
            continue
        yield from (_row(f"  {value}", f"{name}: {why}", how) for name, why in told)


def _read(report: Report, how: Look) -> Iterator[str]:
    yield paint("What this rests on", _BOLD, how)
    skipped = report.examined.skipped
    yield fill(f"{wording.read(report)} {wording.unread(report)}", how, "  ")
    yield from _skipped(skipped[: len(skipped) if how.whole else LISTED], how)
    yield from _rest(0 if how.whole else len(skipped) - LISTED, "    ")


def _skipped(skipped: Iterable[Skipped], how: Look) -> Iterator[str]:
    for one in skipped:
        yield fill(f"{clean(one.path, 1000)}: {wording.line(one.reason)}", how, "      ", "    ")


def _end(report: Report, how: Look) -> Iterator[str]:
    """The verdict again, since a terminal shows the end of what was written."""
    if not report.only:
        yield fill(f"{wording.title(report)} is {wording.level(report)}.", how, "  ", "")
    yield fill(f"The gate is {wording.gate(report)}.", how, "  ", "")
    if running.is_all_that_is_left(report):
        yield fill("Next: only a run is missing, `scaffold review PATH --run`.", how, "  ", "")
    if report.mends:
        first = (f"{m.id} ({wording.minutes(m.effort)})" for m in report.mends)
        yield fill(f"Mend first: {', '.join(first)}.", how, "  ", "")
    known = next(iter(report.blockers), next((i.check.id for i in report.items), ""))
    asks = f"`scaffold explain {known}` says why a check is there. " if known else ""
    cut = "" if how.whole else "--only ID shows every place of an item, --format json everything."
    yield fill(asks + cut, how)


def _screen(report: Report, reader: Reader, how: Look) -> Iterator[str]:
    yield paint(f"{wording.title(report)}: what a reader sees", _BOLD, how)
    yield fill(wording.about(report), how)
    yield ""
    yield paint("The first screen of the README", _BOLD, how)
    yield from ("  | " + _cut(clean(text), how.width - 4) for text in reader.screen)


def _group(group: Group, how: Look) -> Iterator[str]:
    yield paint(group.title, _BOLD, how)
    yield fill(group.note, how, "  ")
    for row in group.rows:
        yield from _labelled(row, how)


def _labelled(row: Row, how: Look) -> Iterator[str]:
    head = f"  {row.label.ljust(16)}  "
    if row.said or row.evidence is None:
        yield fill(row.said, how, " " * len(head), head)
        head = " " * len(head)
    if row.evidence is not None:
        yield head + quoted(row.evidence, how, " " * len(head)).lstrip()
