"""Where the learner is: the sequence with progress, the clock, the milestones, the next step.

Invariant: a milestone is met by what is in the project's files now, never by what was said; the
next step is always exactly one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder import manifest, notebook, progress, skills
from scaffolder.errors import EnvironmentProblem, UsageError
from scaffolder.paths import absolute

if TYPE_CHECKING:
    from scaffolder.journeys.milestones import Judged, MilestoneState


@dataclass(frozen=True)
class Line:
    """One skill of the sequence and where the learner stands with it ("" = not begun)."""

    skill: skills.Skill
    progress: str

    def as_json(self) -> Mapping[str, Any]:
        """The entry of `skills --json`."""
        return {
            "slug": self.skill.slug,
            "title": self.skill.title,
            "tier": self.skill.tier,
            "order": self.skill.order,
            "available": self.skill.available,
            "progress": self.progress or "not started",
        }


@dataclass(frozen=True)
class Standing:
    """One started skill: its card, its clock if it runs, its milestones, why they are unknown."""

    skill: skills.Skill
    kept: progress.SkillProgress
    project: Path | None
    clock: progress.Clock | None
    milestones: Sequence[MilestoneState]
    unknown: str = ""

    @property
    def first_open(self) -> MilestoneState | None:
        """The first milestone that is not met; one that names no item is left out."""
        from scaffolder.journeys.milestones import first_open

        return first_open(self.milestones)

    @property
    def built(self) -> bool:
        """Whether there is a project that meets every milestone."""
        return bool(self.milestones) and all(state.met for state in self.milestones)

    @property
    def by_clock(self) -> bool:
        """Whether the hours alone say how far it is: nothing (more) can be counted."""
        if self.milestones:
            return self.first_open is None and not self.built
        return self.project is None and not self.skill.available

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do; without evidence, as long as its clock runs."""
        if not self.by_clock:
            return not self.built
        if self.clock is None:
            return not self.milestones
        return not self.clock.over


@dataclass(frozen=True)
class Step:
    """The one next thing: what to do, why, the command if there is one, what the review says."""

    do: str
    why: str
    command: str = ""
    detail: str = ""


def sequence(order: skills.Order) -> tuple[list[Line], Sequence[str]]:
    """All skills in `order` with the learner's progress, and what the user should be told."""
    found, notices = standings()
    states = {s.skill.slug: "built" if s.built else s.kept.state for s in found}
    return [Line(skill, states.get(skill.slug, "")) for skill in skills.load(order)], notices


def start(slug: str, build: bool) -> tuple[skills.Skill, Sequence[str]]:
    """Opens studying, or starts the 48-hour clock; returns the card and what to tell the user."""
    skill = skills.find(slug)
    opened = progress.start_build(slug) if build else progress.start_studying(slug)
    return skill, opened


def standings(
    now: datetime | None = None, look: bool = True
) -> tuple[list[Standing], Sequence[str]]:
    """Every started skill, running clocks first, then the last one begun; and what to tell.

    A clock that alone says how far one is does not come first: going on to another skill is the
    only way to say that it is done. Without `look` no project is opened, so no milestone is known.
    """
    at = now or datetime.now(UTC)
    kept = progress.load(at)
    known = {skill.slug: skill for skill in skills.load()}
    begun = {**_reviewed(), **kept.skills}
    found = [_standing(known[s], begun[s], at, look) for s in begun if s in known]
    running = [s for s in found[::-1] if s.clock and not s.clock.over and not s.by_clock]
    return running + [s for s in found[::-1] if s not in running], kept.notices


def next_step(found: Sequence[Standing]) -> Step:
    """The one next thing to do, from evidence."""
    current = next((standing for standing in found if standing.is_open), None)
    if current is None:
        return _mend(found) or _next_skill(found)
    if current.clock is None and current.project is None:
        return _study(current)
    if current.by_clock:
        return _due(current, found)
    state = current.first_open
    if state is None:
        return _make(current)
    if current.clock and current.clock.over:
        return Step(current.skill.build.short_of_time, "The 48 hours are up.")
    return _build(current, state)


def _reviewed() -> dict[str, progress.SkillProgress]:
    """Skills of which a project was reviewed here, begun with `start` or not.

    So a clone on another machine counts as soon as it is reviewed: what is there says it.
    """
    found = {}
    for path, levels in notebook.load().levels.items():
        project = Path(path)
        if manifest.is_project(project):
            first, last = levels[0], levels[-1]
            found[last.skill] = progress.SkillProgress(
                last.skill, "studying", first.at, project=path
            )
    return found


def _standing(
    skill: skills.Skill, kept: progress.SkillProgress, now: datetime, look: bool
) -> Standing:
    clock = progress.build_clock(kept, now) if kept.build_started else None
    project = _project(skill.slug, kept)
    if project is None:
        return Standing(skill, kept, None, clock, (), "no project yet")
    if not look:
        return Standing(skill, kept, project, clock, (), "not looked at yet")
    from scaffolder.journeys.milestones import measure

    try:
        manifest.read(project)
        states = measure(skill.build.milestones, project)
    except (UsageError, EnvironmentProblem) as error:
        return Standing(skill, kept, project, clock, (), error.message)
    return Standing(skill, kept, project, clock, states)


def _project(slug: str, kept: progress.SkillProgress) -> Path | None:
    """The project we are in, else the one made last that is still there, else the last one."""
    here = _here()
    if here is not None and _skill_of(here) == slug:
        return here
    recorded = [Path(path) for path in kept.projects]
    return next(filter(manifest.is_project, recorded), recorded[0] if recorded else None)


def here() -> tuple[str, Path] | None:
    """The skill and the folder of the project we are in, if it is one of ours."""
    project = _here()
    slug = _skill_of(project) if project else ""
    return (slug, project) if project and slug in {s.slug for s in skills.load()} else None


def _here() -> Path | None:
    """The project we are in; none where the working folder is gone."""
    with suppress(UsageError):
        return manifest.enclosing_project(absolute(Path()))
    return None


def _skill_of(project: Path) -> str:
    try:
        return manifest.read(project).skill
    except UsageError:
        return ""


def _unbegun(found: Sequence[Standing]) -> skills.Skill | None:
    begun = {standing.skill.slug for standing in found}
    return next((skill for skill in skills.load() if skill.slug not in begun), None)


def _next_skill(found: Sequence[Standing]) -> Step:
    skill = _unbegun(found)
    if skill is None:
        return Step(
            "Read your projects as a stranger would.", "Every skill is begun, none is open."
        )
    return Step(f"Study {skill.title}.", skill.pitch, f"scaffold start {skill.slug}")


def _mend(found: Sequence[Standing]) -> Step | None:
    """What still shuts the gate of the last project that meets its milestones, if anything does."""
    from scaffolder.journeys.review import open_musts

    built = next((s.project for s in found if s.built), None)
    musts = open_musts(built) if built else ()
    if not musts:
        return None
    names = ", ".join(item.check.id for item in musts)
    return Step(
        f"{musts[0].check.id}: {musts[0].reason}",
        f"Every milestone is met; before it is shown, mend what shuts its gate: {names}.",
        f"scaffold review {built}",
    )


def _study(current: Standing) -> Step:
    slug, hours = current.skill.slug, current.skill.hours["study"]
    return Step(
        f"Study {current.skill.title} (about {hours} hours), then start the 48-hour build.",
        "A skill that is not built within two days of learning it fades.",
        f"scaffold start {slug} --build",
    )


def _make(current: Standing) -> Step:
    return Step(
        "Make the project.",
        f"There is no project to look at: {current.unknown}.",
        f"scaffold new {current.skill.slug}",
    )


def _due(current: Standing, found: Sequence[Standing]) -> Step:
    """The milestone that the hours say one is at, and the way on, which only the learner knows."""
    elapsed = current.clock.hours_elapsed if current.clock else 0.0
    milestones = [s.milestone for s in current.milestones if not s.met]
    milestones = milestones or [*current.skill.build.milestones]
    due = next((m for m in milestones if m.by_hour > elapsed), milestones[-1])
    following = _unbegun(found)
    way_on = f"; when it is built, go on: scaffold start {following.slug}" if following else ""
    return Step(
        f"{due.id}, {due.title}: by hour {due.by_hour}, {elapsed:.0f} are gone.",
        f"Nothing in {current.skill.slug} can be counted here, so its card has the list{way_on}",
        f"scaffold skills {current.skill.slug}",
    )


def _build(current: Standing, state: MilestoneState) -> Step:
    missing = next((j for j in state.judged if not j.met), None)
    do = f"{state.milestone.id}, {state.milestone.title}"
    detail = missing.item.reason if missing else ""
    if missing is not None:
        do += f": {missing.evidence.say} ({missing.item.check.id})."
    if current.clock is None:
        start = f"scaffold start {current.skill.slug} --build"
        return Step(do, "The 48-hour clock is not running yet; this starts it:", start, detail)
    left = state.milestone.by_hour - current.clock.hours_elapsed
    due = (
        f"{left:.0f} hours left for it"
        if left > 0
        else f"it was due by hour {state.milestone.by_hour}"
    )
    return Step(do, f"In {current.project}: {due}.", _command(current, missing), detail)


def _command(current: Standing, missing: Judged | None) -> str:
    if missing is None or current.project is None:
        return ""
    if not missing.evidence.do:
        return f"scaffold review {current.project} --only {missing.evidence.item}"
    return missing.evidence.do.replace("{package}", manifest.read(current.project).package)
