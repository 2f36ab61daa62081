"""All projects of the learner: what they prove together, and what the set still lacks.

Invariant: what a project proves is said by `projects`, from evidence; nothing of a project is run.

A set is **worth showing** from one project on that proves its skill, reviewed at the commit that
it is at. Readers take minutes and open one or two projects, and one with an evaluation, tests and
a clear README is worth more to them than many; so no number of skills is asked for. What is proved
beyond it widens the set and is proposed, never demanded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from scaffolder import manifest, notebook, progress, skills
from scaffolder.errors import ScaffoldError, UsageError
from scaffolder.journeys.milestones import judge
from scaffolder.journeys.projects import Entry, Lack, entry
from scaffolder.notebook import Level
from scaffolder.paths import in_source
from scaffolder.review.model import Report, Status
from scaffolder.skills import Skill

ENOUGH = (
    "One project that proves its skill is enough to show: readers take minutes, and one with an"
    " evaluation, tests and a clear README is worth more to them than many."
)

PROPOSED = 3
"""How many skills are proposed at most to widen the set."""


@dataclass(frozen=True)
class Overview:
    """All projects, those that prove something first, and what is missing, in order."""

    entries: tuple[Entry, ...]
    missing: tuple[Lack, ...]
    notices: tuple[str, ...] = ()

    @property
    def worth_showing(self) -> bool:
        """Whether nothing is missing that is needed."""
        return not any(lack.needed for lack in self.missing)


def note(report: Report, now: datetime | None = None) -> Sequence[str]:
    """Keeps how a whole review came out, and returns what the user has to be told.

    Only for projects that were made here: recorded ones, and folders with a manifest of ours.
    """
    if report.only or not _is_ours(report.project.path):
        return ()
    return notebook.note_level(_level(report, now or datetime.now(UTC)))


def overview() -> Overview:
    """Every project that was made here, or is of ours, was reviewed here and is still there."""
    from scaffolder.review import rubric

    kept, noted = progress.load(), notebook.load()
    cards = {card.slug: card for card in skills.load()}
    order = [level.name for level in rubric.load(with_trees=False).levels]
    found = [
        entry(path, slug, _title(slug, cards), noted.levels.get(path, ()), order)
        for path, slug in _paths(kept, noted).items()
    ]
    found.sort(key=lambda e: (not e.proves, not e.there, -e.rank))
    missing = (*_needed(found, cards), *_proposed(found, cards))
    return Overview(tuple(found), missing, (*kept.notices, *noted.notices))


def measure_again(tell: Callable[[str], None]) -> Sequence[str]:
    """Reviews every project that is there, one after another; returns what did not work."""
    from scaffolder.journeys.review import review_repo

    there = [known for known in overview().entries if known.there]
    told: list[str] = []
    for number, known in enumerate(there, 1):
        tell(f"reviewing {number} of {len(there)}: {known.name}")
        try:
            told += note(review_repo(Path(known.path)))
        except ScaffoldError as error:
            told.append(f"{known.name}: {error.message}")
    return tuple(dict.fromkeys(told))


def _is_ours(path: str) -> bool:
    """A finished example of this program is nobody's own work."""
    examples = in_source("examples")
    if examples and examples in Path(path).parents:
        return False
    with suppress(UsageError):
        manifest.read(Path(path))
        return True
    return path in _recorded(progress.load())


def _level(report: Report, now: datetime) -> Level:
    card = next((c for c in skills.load() if c.slug == report.project.skill), None)
    named = [m for m in card.build.milestones if m.evidence] if card else []
    tallies = report.dimensions.values()
    return Level(
        project=report.project.path,
        skill=report.project.skill or "",
        level=report.level,
        points=sum(t.points for t in tallies),
        verifiable=sum(t.verifiable for t in tallies),
        blockers=len(report.blockers),
        commit=report.project.commit or "",
        at=now,
        open_musts=_open_musts(report),
        met=sum(state.met for state in judge(named, report.items)),
        milestones=len(named),
        weakest=report.weakest_dimension,
    )


def _open_musts(report: Report) -> tuple[str, ...]:
    """The musts that shut the gate and do not only wait for a run."""
    waiting = {
        i.check.id for i in report.items if i.status is Status.UNVERIFIED and i.waits_for == "run"
    }
    return tuple(name for name in report.blockers if name not in waiting)


def _title(slug: str, cards: Mapping[str, Skill]) -> str:
    return cards[slug].title if slug in cards else slug or "no skill of ours"


def _recorded(kept: progress.Progress) -> Mapping[str, str]:
    """The skill of each recorded project, the latest of a skill first."""
    found: dict[str, str] = {}
    for skill in kept.skills.values():
        for path in skill.projects:
            found.setdefault(path, skill.slug)
    return found


def _paths(kept: progress.Progress, noted: notebook.Notebook) -> Mapping[str, str]:
    recorded = _recorded(kept)
    reviewed = {
        path: levels[-1].skill
        for path, levels in noted.levels.items()
        if path not in recorded and manifest.is_project(Path(path))
    }
    return {**recorded, **reviewed}


def _needed(found: Sequence[Entry], cards: Mapping[str, Skill]) -> Iterator[Lack]:
    """What stands between the set and being shown: the nearest project, over the line."""
    proving = [known for known in found if known.proves]
    nearest = next((known for known in found if known.there), None)
    if nearest is None:
        yield _no_project(cards)
    elif proving:
        shown = any(not known.moved for known in proving)
        yield from (_stale(known, not shown) for known in proving if known.moved)
    elif nearest.moved:
        yield _stale(nearest, needed=True)
    else:
        for lack in nearest.lacks:
            yield replace(lack, what=f"{nearest.name}: {lack.what}")


def _no_project(cards: Mapping[str, Skill]) -> Lack:
    card = next((c for c in cards.values() if c.available), None)
    command = f"scaffold new {card.slug}" if card else "scaffold skills"
    return Lack("There is no project yet", ENOUGH, command)


def _stale(known: Entry, needed: bool) -> Lack:
    what = f"{known.name} was last reviewed at another commit: review it again"
    why = "What is shown is what is there now."
    return Lack(what, why, f"scaffold review {quote(known.path)}", needed)


def _proposed(found: Sequence[Entry], cards: Mapping[str, Skill]) -> Iterator[Lack]:
    """The skills of the first tier that no project proves, in their order."""
    proved = {known.slug for known in found if known.proves}
    begun = {known.slug for known in found if known.there}
    wider = [c for c in cards.values() if c.tier == 1 and c.slug not in {*proved, *begun}]
    if begun:
        yield from map(_wider, wider[:PROPOSED])


def _wider(card: Skill) -> Lack:
    why = card.reason.partition(". ")[0].strip().removesuffix(".") + "."
    command = f"scaffold {'new' if card.available else 'skills'} {card.slug}"
    return Lack(f"No project proves {card.title}", why, command, needed=False)
