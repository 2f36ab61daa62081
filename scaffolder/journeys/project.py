"""One project as it stands: whose skill it is, its clock, its milestones, what it can run.

Invariant: nothing of the project is run; what is not known has a reason in words and a hint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from scaffolder import manifest, progress, skills
from scaffolder.errors import ScaffoldError, UsageError
from scaffolder.journeys import run
from scaffolder.journeys.milestones import Judged, MilestoneState, first_open, measure
from scaffolder.sanitise import clean


@dataclass(frozen=True)
class Look:
    """What is known of a project; `unknown` says why there are no milestones, `hint` what to do.

    `known` where it was made on this machine, so that its commands are run without asking.
    """

    path: Path
    skill: skills.Skill | None = None
    template_version: str = ""
    package: str = ""
    commands: Mapping[str, Sequence[str]] = field(default_factory=dict)
    clock: progress.Clock | None = None
    milestones: Sequence[MilestoneState] = ()
    known: bool = False
    unknown: str = ""
    hint: str = ""

    @property
    def manifest(self) -> Path:
        """The file that says what the project is."""
        return self.path / manifest.MANIFEST

    @property
    def met(self) -> int:
        """Milestones that are met."""
        return sum(state.met for state in self.milestones)

    @property
    def first_open(self) -> MilestoneState | None:
        """The milestone that is next."""
        return first_open(self.milestones)


def ahead(skill: skills.Skill) -> Look:
    """The milestones of a skill that there is no project for yet."""
    states = [MilestoneState(milestone, ()) for milestone in skill.build.milestones]
    return Look(Path(), skill, milestones=states)


def glance(path: Path) -> Look:
    """What its manifest says, at once; milestones are not looked at."""
    if not path.is_dir():
        return Look(path, unknown="the folder is gone", hint="2 makes a new one.")
    try:
        declared = manifest.read(path)
    except UsageError as error:
        return Look(path, unknown=error.message, hint=error.hint)
    look = Look(
        path,
        None,
        clean(declared.template_version, 40),
        declared.package,
        declared.commands,
        known=run.is_known(path),
        unknown="not looked at yet",
    )
    return _of_skill(look, declared.skill)


def look(path: Path) -> Look:
    """All of it; a ScaffoldError of the measuring is a reason, not an error."""
    seen = glance(path)
    if seen.skill is None:
        return seen
    try:
        states = measure(seen.skill.build.milestones, path)
    except ScaffoldError as error:
        return replace(seen, unknown=error.message, hint=error.hint)
    if not any(state.judged for state in states):
        said = "the milestones of this skill name nothing that can be counted yet"
        return replace(seen, milestones=states, unknown=said, hint="1 shows them on its card.")
    return replace(seen, milestones=states, unknown="")


def bring(judged: Judged, seen: Look) -> str:
    """The command that brings an item about, "" where it is work without one."""
    return judged.evidence.do.replace("{package}", clean(seen.package, 80))


def _of_skill(look: Look, slug: str) -> Look:
    try:
        skill = skills.find(slug)
    except UsageError as error:
        return replace(look, unknown=error.message, hint="`scaffold review` reads it all the same.")
    kept = progress.load().skills.get(slug)
    started = kept is not None and kept.build_started is not None
    clock = progress.build_clock(kept, datetime.now(UTC)) if kept and started else None
    return replace(look, skill=skill, clock=clock)
