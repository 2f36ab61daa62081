"""The words that every format of a report shares.

Invariant: what comes from a repository leaves here as one clean line; no verdict is worded twice.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review import score
from scaffolder.review.model import Answer, Evidence, Item, Ran, Report, Status, Tally, count
from scaffolder.review.rubric import WEIGHTS
from scaffolder.sanitise import clean

PLACES = 3
"""Places of an item that a page shows before it counts the others."""

NAMED = 6
"""Items of one status that a sentence names before it counts the others."""

HIGHEST = "convincing"
"""The level that nothing holds back."""

SAID = {
    Status.PASS: "pass",
    Status.PARTIAL: "partial",
    Status.FAIL: "fail",
    Status.NOT_STARTED: "not started",
    Status.UNVERIFIED: "not verified",
    Status.NOT_APPLICABLE: "not applicable",
    Status.WAIVED: "waived",
}
_ORDER = (*score.OPEN, Status.PASS, Status.UNVERIFIED, Status.WAIVED, Status.NOT_APPLICABLE)
_ANSWERS = (Answer.YES, Answer.PARTIAL, Answer.NO)

NOTICES = "What this repository tries on its reader"
_APART = (
    (
        "Inherited from the template",
        "These hold because the template brought them. They satisfy the gate and earn nothing "
        "until you have worked on them.",
        lambda i: i.inherited,
    ),
    (
        "Not verified",
        "Reading alone cannot decide these. They earn nothing and cost nothing; a must among them "
        "keeps the gate shut, unless all it lacks is a key or a model.",
        lambda i: i.status is Status.UNVERIFIED,
    ),
    (
        "Waived",
        "The author says why these do not count, and until when. They earn nothing.",
        lambda i: i.status is Status.WAIVED,
    ),
    (
        "Not applicable",
        "These do not speak of this project.",
        lambda i: i.status is Status.NOT_APPLICABLE,
    ),
)


@dataclass(frozen=True)
class Part:
    """Items under one heading; `note` says how to take them, `points` what they earned."""

    key: str
    title: str
    note: str
    points: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Bar:
    """A dimension: its question, and points earned, open (verifiable, not earned), unverified."""

    name: str
    question: str
    earned: float
    open: float
    unverified: float
    said: str


def line(text: str, limit: int = 4000) -> str:
    """`text` as one clean line."""
    return clean(" ".join(text.split()), limit)


def number(value: float | None) -> float | int | None:
    """A number as JSON can hold it: whole where it is, None for what is no number."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else round(value, 4)


def points(tally: Tally) -> str:
    """Points earned of those that could be."""
    noun = "point" if tally.verifiable == 1 else "points"
    return f"{_shown(tally.points)} of {_shown(tally.verifiable)} {noun}"


def minutes(effort: int) -> str:
    """Minutes of work as people say them."""
    hours, rest = divmod(effort, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def part(share: float) -> str:
    """A share of lines."""
    if not math.isfinite(share):
        return "unknown"
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


def place(evidence: Evidence) -> str:
    """Where a quoted line stands: `path:line`, or `path:first-last`; or what was run."""
    if evidence.ran is not None:
        return f"ran `{line(evidence.ran.command)}` ({ended(evidence.ran)})"
    where = clean(evidence.path, 1000)
    if evidence.line is None:
        return where
    last = evidence.end_line
    return f"{where}:{evidence.line}" + (f"-{last}" if last and last > evidence.line else "")


def ended(ran: Ran) -> str:
    """How a command ended, and after how long."""
    how = f"exit {ran.exit_code}" if ran.exit_code >= 0 else f"signal {-ran.exit_code}"
    return f"{how}, {_shown(round(ran.seconds, 1))} s"


def title(report: Report) -> str:
    """The name of the project."""
    return line(report.project.name, 100) or "this folder"


def about(report: Report) -> str:
    """What was reviewed: kind of project, commit, template."""
    project = report.project
    commit = f"commit {line(project.commit, 12)}"[:19] if project.commit else "no commit"
    made = project.template_version
    said = (
        line(project.skill, 40) if project.skill else "no kind of project recognised",
        commit,
        "with uncommitted changes" if project.dirty else "",
        f"made from template {line(made, 20)}" if made else "",
    )
    return ", ".join(filter(None, said))


def level(report: Report) -> str:
    """The level, and the dimension that it is named for; some checks alone have none."""
    if report.only:
        return "not named where only some checks are asked for"
    tally = report.dimensions.get(report.weakest_dimension)
    why = line(report.level_why) or (points(tally) if tally else "")
    name, weakest = line(report.level), line(report.weakest_dimension)
    if name == HIGHEST:
        return f"{name}: every dimension holds; the lowest is {weakest} ({why})"
    return f"{name}: held back by {weakest} ({why})"


def gate(report: Report) -> str:
    """Whether it may be published, and what is in the way, the first few by name."""
    asked = " among the checks asked for" if report.only else ""
    if report.ready:
        return f"ready: no must is open{asked}"
    statuses: dict[str, list[str]] = {}
    for item in ordered(i for i in report.items if i.check.id in report.blockers):
        statuses.setdefault(SAID[item.status], []).append(item.check.id)
    shown = "; ".join(f"{_first(ids)} {said}" for said, ids in statuses.items())
    return f"shut by {count(len(report.blockers), 'must')}{asked}: {shown}"


def narrowed(report: Report) -> str:
    """What a report on some checks does not say; "" for a whole one."""
    if not report.only:
        return ""
    ids = ", ".join(line(i, 20) for i in report.only)
    return f"Only {ids} asked for: gate and points speak of nothing else."


def own_work(report: Report) -> str:
    """How much is the author's; "" where no template is recorded."""
    own = report.own_work
    if own is None:
        return ""
    areas = ", ".join(f"{line(name, 20)} {part(share)}" for name, share in own.areas.items())
    said = f"{part(own.share)} of the lines outside the corpus are the author's"
    return f"{said}, the others the template's" + (f" ({areas})" if areas else "")


def mends_title(report: Report) -> str:
    """What the mends that are shown first lead to."""
    if not report.reaches:
        weak = line(report.weakest_dimension)
        return f"Mend first, cheapest for {weak}; the level waits for what is not verified"
    level = line(report.reaches)
    if report.needed > len(report.mends):
        return f"Mend first: the cheapest of the {report.needed} that lead to {level}"
    return f"Mend first: {'this leads' if report.needed == 1 else 'together they lead'} to {level}"


def no_mends(report: Report) -> str:
    """What to say where nothing raises the level by itself; "" where nothing is to be said."""
    if report.mends or report.only or report.level == HIGHEST:
        return ""
    weak = report.weakest_dimension
    dark = sum(i.status is Status.UNVERIFIED and i.check.dimension == weak for i in report.items)
    if dark:
        waiting = count(dark, "item of it waits", "items of it wait")
        return f"Nothing in {line(weak)} is open; {waiting} to be verified."
    return f"Nothing in {line(weak)} is open."


def bars(report: Report) -> list[Bar]:
    """The dimensions; of a narrowed report those that it speaks of."""
    every = [_bar(report, name, tally) for name, tally in report.dimensions.items()]
    return [b for b in every if b.earned + b.open + b.unverified or not report.only]


def settled(report: Report) -> list[Part]:
    """The items that were decided, by section, what shuts the gate first."""
    parts = []
    for key, name in report.section_titles.items():
        mine = [i for i in report.items if i.check.section == key and not _is_apart(i)]
        earned = points(report.sections[key]) if key in report.sections else ""
        if mine:
            parts.append(Part(line(key), line(name), "", earned, ordered(mine, report.blockers)))
    return parts


def apart(report: Report) -> list[Part]:
    """The items that earn nothing whatever they say: inherited, not verified, waived."""
    parts = []
    for name, note, belongs in _APART:
        mine = ordered(filter(belongs, report.items), report.blockers)
        if mine:
            parts.append(Part(name.split()[0].lower(), name, note, "", mine))
    return parts


def ordered(items: Iterable[Item], blockers: Sequence[str] = ()) -> tuple[Item, ...]:
    """Blocking items first, then the worst, then by id."""
    return tuple(
        sorted(
            items,
            key=lambda i: (i.check.id not in blockers, _ORDER.index(i.status), i.check.id),
        )
    )


def is_open(item: Item) -> bool:
    """Whether something is still to be done about it."""
    return item.status in score.OPEN


def is_answered(item: Item) -> bool:
    """Whether a person's answer is what there is to show, also one that has gone stale."""
    asked = item.check.ask and not (item.check.probes or item.check.run)
    return bool(asked and item.evidence)


def verdict(item: Item) -> str:
    """The status in words."""
    return "inherited" if item.inherited else SAID[item.status]


def maximum(item: Item) -> int:
    """Points that the item is worth."""
    return WEIGHTS[item.check.weight]


def earned(item: Item) -> float:
    """Points that the item earned."""
    return score.points(item)


def remedy(item: Item) -> tuple[str, str]:
    """What to do about an item, and how to call that: a fix with its effort, or a verification."""
    check = item.check
    if is_open(item):
        return f"Fix ({minutes(check.effort)})", line(check.fix)
    if item.status is Status.UNVERIFIED and item.how_to_verify:
        return "To verify", line(item.how_to_verify)
    return "", ""


def sources(report: Report, item: Item) -> str:
    """Where a check comes from."""
    return "; ".join(line(report.sources.get(key, key)) for key in item.check.source)


def facts(report: Report) -> Mapping[str, list[tuple[str, str]]]:
    """The facts by their answer, each a name in words and the reason."""
    by: dict[str, list[tuple[str, str]]] = {a.value: [] for a in _ANSWERS}
    for name, fact in report.facts.items():
        said = (line(name, 60).replace("_", " "), line(fact.reason))
        by.setdefault(str(fact.value), []).append(said)
    return {value: told for value, told in by.items() if told}


def read(report: Report) -> str:
    """What the verdicts rest on."""
    seen = report.examined
    if not report.project.commit and not seen.commits:
        return f"{count(seen.files, 'file was', 'files were')} read; there is no git history."
    return (
        f"{count(seen.files, 'file')}, {count(seen.objects, 'object')} of git and "
        f"{count(seen.commits, 'commit')} were read."
    )


def unread(report: Report) -> str:
    """What was not read: every verdict is about what was."""
    skipped = len(report.examined.skipped)
    if not skipped:
        return "Nothing was left out."
    return f"{count(skipped, 'thing')} could not be read, so every verdict is of what was read:"


def _bar(report: Report, name: str, tally: Tally) -> Bar:
    mine = [i for i in report.items if i.check.dimension == name]
    dark = sum(maximum(i) for i in mine if i.status is Status.UNVERIFIED)
    said = points(tally) + (f", {_shown(dark)} not verified" if dark else "")
    left = max(tally.verifiable - tally.points, 0.0)
    question = line(report.questions.get(name, ""))
    return Bar(line(name), question, tally.points, left, float(dark), said)


def _first(ids: Sequence[str]) -> str:
    if len(ids) <= NAMED + 1:
        return ", ".join(ids)
    return f"{', '.join(ids[:NAMED])} and {len(ids) - NAMED} more"


def _is_apart(item: Item) -> bool:
    return any(belongs(item) for _, _, belongs in _APART)


def _shown(value: float) -> str:
    return f"{value:g}" if math.isfinite(value) else "?"
