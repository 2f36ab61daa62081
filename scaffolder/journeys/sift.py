"""Which verdicts of a report are shown, under which headings, and what changed since another.

Invariant: narrowing never changes a verdict or its points; the order of the items is that of the
written report: what shuts the gate first, then the worst. Every search takes linear time.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scaffolder.review.model import Item, Report, Status
from scaffolder.review.render import wording

By = Literal["section", "dimension"]

_WORD = re.compile(r"\w+")
_RANK = {
    Status.FAIL: 0,
    Status.NOT_STARTED: 1,
    Status.PARTIAL: 2,
    Status.UNVERIFIED: 3,
    Status.NOT_APPLICABLE: 4,
    Status.WAIVED: 4,
    Status.PASS: 5,
}
_SEARCHED = 2000


@dataclass(frozen=True)
class Wanted:
    """What to show: items that a search finds, only what shuts the gate, without what holds."""

    search: str = ""
    only_blocking: bool = False
    hide_held: bool = False
    by: By = "section"


@dataclass(frozen=True)
class Group:
    """Items under one heading; `points` of the whole section or dimension, whatever is shown."""

    key: str
    title: str
    points: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Flip:
    """An item whose status changed."""

    id: str
    before: Status
    after: Status

    @property
    def is_better(self) -> bool:
        """Whether the change is one to be glad of."""
        return _RANK[self.after] > _RANK[self.before]


@dataclass(frozen=True)
class Change:
    """What is different in a second report; gate and level as (before, after) where they differ."""

    flips: tuple[Flip, ...] = ()
    gate: tuple[int, int] | None = None
    level: tuple[str, str] | None = None

    def __bool__(self) -> bool:
        """Whether anything is different."""
        return bool(self.flips or self.gate or self.level)


class Sieve:
    """Finds items of one report quickly: what is searched in is made ready once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._blocking = frozenset(report.blockers)
        self._ordered = wording.ordered(report.items, report.blockers)
        self._texts = {i.check.id: _text(i) for i in report.items}
        self._words = {i.check.id: _words(i) for i in report.items}

    def groups(self, wanted: Wanted) -> tuple[Group, ...]:
        """The headings that have something to show, with it."""
        shown = self._found(wanted)
        return tuple(g for g in (_group(self.report, k, wanted.by, shown) for k in shown) if g)

    def _found(self, wanted: Wanted) -> Mapping[str, list[Item]]:
        of_section = wanted.by == "section"
        report = self.report
        found: dict[str, list[Item]] = {
            key: [] for key in (report.section_titles if of_section else report.dimensions)
        }
        asked = wanted.search.casefold().split()
        for item in self._ordered:
            if self._is_wanted(item, wanted) and all(self._has(item, word) for word in asked):
                key = item.check.section if of_section else item.check.dimension
                found.setdefault(key, []).append(item)
        return found

    def _is_wanted(self, item: Item, wanted: Wanted) -> bool:
        if wanted.only_blocking and item.check.id not in self._blocking:
            return False
        held = item.status in (Status.PASS, Status.NOT_APPLICABLE, Status.WAIVED)
        return not (wanted.hide_held and held)

    def _has(self, item: Item, word: str) -> bool:
        known = item.check.id
        return word in self._texts[known] or any(_skips(word, w) for w in self._words[known])


def compare(before: Report, after: Report) -> Change:
    """What a second review of the same folder says that the first did not."""
    was = {i.check.id: i.status for i in before.items}
    flips = tuple(
        Flip(i.check.id, was[i.check.id], i.status)
        for i in after.items
        if i.check.id in was and was[i.check.id] is not i.status
    )
    shut = (len(before.blockers), len(after.blockers))
    level = (before.level, after.level)
    return Change(
        flips, shut if shut[0] != shut[1] else None, level if level[0] != level[1] else None
    )


def _group(report: Report, key: str, by: By, found: Mapping[str, Sequence[Item]]) -> Group | None:
    if not found[key]:
        return None
    tally = (report.sections if by == "section" else report.dimensions).get(key)
    title = report.section_titles.get(key, key) if by == "section" else key.capitalize()
    points = wording.points(tally) if tally else ""
    return Group(key, wording.line(title), points, tuple(found[key]))


def _text(item: Item) -> str:
    said = (item.check.id, item.check.claim, item.reason, wording.verdict(item))
    return " ".join(part[:_SEARCHED] for part in said).casefold()


def _words(item: Item) -> list[str]:
    """The words that letters may be left out of: of the id (as one) and of the claim."""
    return [item.check.id.casefold(), *_WORD.findall(item.check.claim[:_SEARCHED].casefold())]


def _skips(letters: str, word: str) -> bool:
    """Whether `letters` are in `word` in their order, from its first on."""
    if not word.startswith(letters[0]) or len(letters) > len(word):
        return False
    left = iter(word)
    return all(letter in left for letter in letters)
