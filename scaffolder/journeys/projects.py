"""One project of the learner: how its reviews went, and whether it proves its skill.

Invariant: everything said of a project is from its last whole review, which is dated and names a
commit; no file of it is opened here but its git references, and nothing is run.

A project **proves** its skill when that review found it at least *measured*, every milestone of
the skill met, and no must open that its author can settle (what only a run can verify does not
count against it). *Measured* is the level from which an evaluation is in it: a level is named for
the weakest dimension, so there the numbers, the honesty and the first screen all hold.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scaffolder import manifest
from scaffolder.errors import ScaffoldError
from scaffolder.notebook import Level
from scaffolder.review.git import gitdir

RULE = (
    "A project proves its skill when its last review finds it at least measured, every milestone"
    " met, and no must open that you can settle (what only a run can verify does not count)."
)
MEASURED = "measured"
"""The level from which a project proves something."""

SHOWN = 3
"""Items that are named before the others are counted."""


@dataclass(frozen=True)
class Lack:
    """One thing that is missing, why it matters, the command; not `needed` is a proposal."""

    what: str
    why: str
    command: str
    needed: bool = True


@dataclass(frozen=True)
class Entry:
    """One project and its whole reviews, the oldest first; `title` is its skill's.

    `there`: its folder still holds a manifest. `moved`: HEAD is at another commit than the last
    review, None where that is not known. `order` are the levels in rising order.
    """

    path: str
    slug: str
    title: str
    there: bool
    reviews: tuple[Level, ...]
    moved: bool | None
    order: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return os.path.basename(self.path) or self.path  # noqa: PTH119 - whatever was written

    @property
    def last(self) -> Level | None:
        """The last whole review."""
        return self.reviews[-1] if self.reviews else None

    @property
    def proves(self) -> bool:
        """Whether it proves its skill."""
        return not self.lacks

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """Why it does not prove its skill, what is to be mended first at the beginning."""
        return tuple(_lacks(self))

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of the verifiable points that each review found earned, 0 to 1."""
        return tuple(r.points / r.verifiable if r.verifiable else 0.0 for r in self.reviews)

    @property
    def rank(self) -> float:
        """How far it is, to compare projects; a project without a review comes last."""
        return self.rank_of(self.reviews[-1]) + self.shares[-1] if self.reviews else -2.0

    @property
    def gate(self) -> str:
        """The gate in words, as the last review found it; it is shut by as many as are in the way.

        Those that only a run can verify are among them, and are said apart.
        """
        if self.last is None:
            return "not known"
        waiting = self.last.blockers - len(self.last.open_musts)
        if self.last.open_musts:
            runs = f"; {waiting} of them wait for a run" if waiting > 0 else ""
            shut = f"shut by {_count(self.last.blockers, 'must')}{runs}"
            return f"{shut}; yours: {_named(self.last.open_musts)}"
        return f"waits for a run ({_count(waiting, 'must')})" if waiting > 0 else "open"

    @property
    def trend(self) -> str:
        """How the level went, in words."""
        if self.last is None:
            return "not reviewed yet"
        other = [n for n, r in enumerate(self.reviews) if r.level != self.last.level]
        if not other:
            return f"{self.last.level} since {_day(self.reviews[0].at)}"
        before, turned = self.reviews[other[-1]], self.reviews[other[-1] + 1]
        way = "up" if self.rank_of(self.last) > self.rank_of(before) else "down"
        return f"{way} since {_day(turned.at)}, from {before.level}"

    def rank_of(self, review: Level) -> int:
        """The place of a review's level; below all where the rubric does not know it now."""
        return self.order.index(review.level) if review.level in self.order else -1


def entry(
    path: str, slug: str, title: str, reviews: Sequence[Level], order: Sequence[str]
) -> Entry:
    """What is known of the project at `path`, which may be gone."""
    there = manifest.is_project(Path(path))
    moved = _has_moved(path, reviews[-1]) if there and reviews else None
    return Entry(path, slug, title, there, tuple(reviews), moved, tuple(order))


def _lacks(entry: Entry) -> Iterator[Lack]:
    last, review = entry.last, f"scaffold review {_quoted(entry.path)}"
    if not entry.there:
        yield Lack("it is gone", "Nothing is left to show.", f"scaffold new {entry.slug}")
    elif last is None:
        yield Lack("it was not reviewed yet", "Nothing is known of it.", review)
    elif last.skill != entry.slug:
        known = last.skill or "no skill of ours"
        why = "The review takes the skill from scaffold.toml, else from the code."
        yield Lack(f"it was reviewed as {known}, not as {entry.slug}", why, review)
    else:
        yield from _short(entry, last, review)


def _short(entry: Entry, last: Level, review: str) -> Iterator[Lack]:
    """What the last review found missing."""
    if last.open_musts:
        why = "These are what a sceptical reader looks for first."
        only = f"{review} --only {','.join(last.open_musts)}"
        yield Lack(f"its gate is shut: {_named(last.open_musts)}", why, only)
    if entry.rank_of(last) < entry.order.index(MEASURED):
        why = f"From {MEASURED} on, an evaluation is in it and the numbers hold."
        yield Lack(f"it is {last.level}, held back by {last.weakest}", why, review)
    if last.met < last.milestones:
        said = f"{last.met} of {last.milestones} milestones are met"
        yield Lack(said, "They are what the skill is made of.", "scaffold status")
    if not last.milestones:
        said = "no item of the rubric speaks of its skill yet"
        yield Lack(said, "So no review can show it.", f"scaffold skills {entry.slug}")


def _has_moved(path: str, last: Level) -> bool | None:
    head = _head(Path(path))
    return head != last.commit if head and last.commit else None


def _head(project: Path) -> str | None:
    """The commit of HEAD, read as a stranger's file; no git is run. None where there is none."""
    try:
        place = gitdir.find(Path(os.path.realpath(project)))
        if isinstance(place, str):
            return None
        return gitdir.head(place.gitdir, gitdir.refs(place.common)).id
    except (ScaffoldError, OSError, ValueError):
        return None


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def _day(at: datetime) -> str:
    return f"{at.astimezone():%d %b}"
