"""How far a 48-hour build has come: what the review says of the items that its milestones name.

Invariant: a milestone is met by verdicts on the project's files alone, so a fresh project, in which
no skill item passes, meets none; nothing of the project is run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder.errors import BrokenTemplate
from scaffolder.review.model import Item, Status
from scaffolder.skills import Evidence, Milestone

_BY_FILES = ("run", "model")
"""What a verdict may still wait for when all that files can show is there."""

_ENOUGH = {"pass": (Status.PASS,), "partial": (Status.PASS, Status.PARTIAL)}


@dataclass(frozen=True)
class Judged:
    """One item that a milestone names, and the verdict on it."""

    evidence: Evidence
    item: Item

    @property
    def met(self) -> bool:
        """Whether the item is at least as far as the milestone asks."""
        if self.item.status is Status.UNVERIFIED:
            return self.item.waits_for in _BY_FILES
        return self.item.status in _ENOUGH[self.evidence.at]


@dataclass(frozen=True)
class MilestoneState:
    """A milestone and its verdicts; one that names no item is never met by us."""

    milestone: Milestone
    judged: tuple[Judged, ...]

    @property
    def met(self) -> bool:
        return bool(self.judged) and all(judged.met for judged in self.judged)


def first_open(states: Sequence[MilestoneState]) -> MilestoneState | None:
    """The first that is not met; one that names no item is left out."""
    return next((state for state in states if state.judged and not state.met), None)


def measure(milestones: Sequence[Milestone], project: Path) -> list[MilestoneState]:
    """The state of each of `milestones` in `project`, in the same order.

    ScaffoldError where the project cannot be examined; BrokenTemplate where an item is not there.
    """
    from scaffolder.journeys.review import verdicts

    wanted = [evidence.item for milestone in milestones for evidence in milestone.evidence]
    return judge(milestones, verdicts(project, wanted) if wanted else ())


def judge(milestones: Sequence[Milestone], items: Sequence[Item]) -> list[MilestoneState]:
    """The state of each of `milestones` by verdicts that were given already."""
    found = {item.check.id: item for item in items}
    return [
        MilestoneState(milestone, tuple(_judged(e, found) for e in milestone.evidence))
        for milestone in milestones
    ]


def _judged(evidence: Evidence, found: Mapping[str, Item]) -> Judged:
    if evidence.item not in found:
        raise BrokenTemplate(f"a milestone names {evidence.item}, and there is no such check")
    return Judged(evidence, found[evidence.item])
