"""A report as GitHub Markdown: a job summary, a comment, a file.

Invariant: text from a repository is inert. What could open markup or end a table cell is an entity;
words that GitHub would turn into a link, a mention or a reference stand in <code>, where it leaves
them alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from scaffolder.review.model import Answer, Evidence, Item, Reader, Report, Status, count
from scaffolder.review.render import outline, running, wording
from scaffolder.review.render.outline import Group
from scaffolder.review.render.wording import Part
from scaffolder.sanitise import clean

LISTED = 20
"""Notices and files not read that are listed before the others are counted."""

_MARKUP = re.compile(r"[#$&*<>@\[\\\]_`|~]|:(?=\S)|(?<!\w)[-+=]|(?<=\d)[.)]")
_LIVE = re.compile(
    r"[@#]|:/|\bwww\.|:\w+:|\bGH-\d|\b(?=[0-9a-f]{0,39}\d)[0-9a-f]{7,40}\b", re.IGNORECASE
)
_MARKS = {
    Status.PASS: "✅",
    Status.PARTIAL: "🟡",
    Status.FAIL: "❌",
    Status.NOT_STARTED: "⬜",
    Status.UNVERIFIED: "❔",
}


def render(report: Report) -> str:
    """The whole report."""
    blocks = (
        _head(report),
        _mends(report),
        _notices(report),
        _dimensions(report),
        *(_part(p, report) for p in wording.settled(report)),
        *(_part(p, report) for p in wording.apart(report)),
        _facts(report),
        _read(report),
    )
    return "\n\n".join("\n".join(b) for b in map(list, blocks) if b) + "\n"


def render_reader(report: Report, reader: Reader) -> str:
    """What is seen without reading the code."""
    blocks = (_screen(report, reader), *map(_group, outline.groups(reader)))
    return "\n\n".join("\n".join(b) for b in blocks) + "\n"


def prose(text: str) -> str:
    """A sentence, inert."""
    return " ".join(map(_word, clean(text).split()))


def code(text: str) -> str:
    """A quoted line or a name, inert."""
    return f"<code>{_entities(clean(text))}</code>" if text else ""


def place(evidence: Evidence) -> str:
    """A place and what stands there, or what was run and what was seen."""
    if evidence.ran is not None:
        ran = f"ran {code(evidence.ran.command)} ({wording.ended(evidence.ran)})"
        return ran + (f": {prose(evidence.text)}" if evidence.text.strip() else "")
    said = code(evidence.text.strip())
    return code(wording.place(evidence)) + (f" {said}" if said else "")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are inert already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _entities(text: str) -> str:
    return _MARKUP.sub(lambda m: f"&#{ord(m[0])};", text)


def _word(word: str) -> str:
    if not _LIVE.search(word):
        return _entities(word)
    bare = word.rstrip(",.;:)")
    return code(bare) + _entities(word[len(bare) :])


def _head(report: Report) -> Iterator[str]:
    yield f"# {prose(wording.title(report))}"
    yield ""
    yield prose(wording.about(report))
    yield ""
    yield f"- **Level** {prose(wording.level(report))}"
    yield f"- **Gate** {prose(wording.gate(report))}"
    for label, said in (
        ("Run", running.said(report)),
        ("Own work", wording.own_work(report)),
        ("Asked", wording.narrowed(report)),
    ):
        if said:
            yield f"- **{label}** {prose(said)}"


def _notices(report: Report) -> Iterator[str]:
    notices = report.examined.notices
    if notices:
        yield f"> **{wording.NOTICES}**"
        yield from (f"> - {place(e)}" for e in notices[:LISTED])
        yield from _rest(len(notices) - LISTED, "> - ")


def _mends(report: Report) -> Iterator[str]:
    if wording.no_mends(report):
        yield prose(wording.no_mends(report))
    if not report.mends:
        return
    yield f"## {prose(wording.mends_title(report))}"
    yield ""
    rows = [(code(m.id), wording.minutes(m.effort), prose(m.fix)) for m in report.mends]
    yield from table(("item", "effort", "what to do"), rows)


def _dimensions(report: Report) -> Iterator[str]:
    yield "## Dimensions"
    yield ""
    weak = report.weakest_dimension
    rows = [
        (f"**{prose(b.name)}**" if b.name == weak else prose(b.name), prose(b.question), b.said)
        for b in wording.bars(report)
    ]
    yield from table(("dimension", "asks", "earned"), rows)


def _part(part: Part, report: Report) -> Iterator[str]:
    yield f"## {prose(part.title)} ({part.points or len(part.items)})"
    if part.note:
        yield ""
        yield prose(part.note)
    yield ""
    yield from table(("", "item", "claim", "what was found"), (_row(i, report) for i in part.items))
    yield from _details(part)


def _row(item: Item, report: Report) -> tuple[str, ...]:
    mark = "" if item.inherited else _MARKS.get(item.status, "")
    shuts = "<br>shuts the gate" if item.check.id in report.blockers else ""
    return (
        f"{mark} {wording.verdict(item)}".strip(),
        f"{code(item.check.id)}<br>{item.check.weight}{shuts}",
        prose(item.check.claim),
        prose(item.reason),
    )


def _details(part: Part) -> Iterator[str]:
    told = [i for i in part.items if i.evidence or i.advice or wording.remedy(i)[1]]
    if not told:
        return
    yield ""
    yield "<details><summary>Evidence, and what to do</summary>"
    for item in told:
        yield ""
        yield from _told(item)
    yield ""
    yield "</details>"


def _told(item: Item) -> Iterator[str]:
    yield f"**{_entities(item.check.id)}** {wording.verdict(item)}"
    label, remedy = wording.remedy(item)
    if item.evidence or item.advice or remedy:
        yield ""
    yield from (f"- {place(e)}" for e in item.evidence[: wording.PLACES])
    left = len(item.evidence) - wording.PLACES
    if left > 0:
        yield f"- and {count(left, 'more place')}"
    if remedy:
        yield f"- {label}: {prose(remedy)}"
    yield from (f"- {running.ADVICE}: {prose(said)}" for said in running.advice(item))


def _facts(report: Report) -> Iterator[str]:
    """The names of what is there, and why for everything that is not."""
    by = wording.facts(report)
    if by:
        yield "## Facts"
        yield ""
    for value, told in by.items():
        if value == Answer.YES:
            yield f"- **{value}** {prose(', '.join(name for name, _ in told))}"
            continue
        yield from (f"- **{value}** {prose(f'{name}: {why}')}" for name, why in told)


def _read(report: Report) -> Iterator[str]:
    yield "## What this rests on"
    yield ""
    yield f"{prose(wording.read(report))} {prose(wording.unread(report))}"
    skipped = report.examined.skipped
    if skipped:
        yield ""
    yield from (f"- {code(s.path)} {prose(s.reason)}" for s in skipped[:LISTED])
    yield from _rest(len(skipped) - LISTED, "- ")


def _screen(report: Report, reader: Reader) -> Iterator[str]:
    yield f"# {prose(wording.title(report))}: what a reader sees"
    yield ""
    yield prose(wording.about(report))
    yield ""
    yield "## The first screen of the README"
    yield ""
    yield from (f"> {code(text) or '&nbsp;'}<br>" for text in reader.screen)


def _group(group: Group) -> Iterator[str]:
    yield f"## {group.title}"
    yield ""
    yield prose(group.note)
    yield ""
    rows = [
        (prose(r.label), f"{prose(r.said)} {place(r.evidence) if r.evidence else ''}".strip())
        for r in group.rows
    ]
    yield from table(("", ""), rows)


def _rest(left: int, bullet: str) -> Iterator[str]:
    if left > 0:
        yield f"{bullet}and {left:,} more: `scaffold review --format json` lists them all"
