"""Review a project by running it: tries with faults injected, beside what its files say.

Invariant: nothing of a project is run without consent, and never in its own folder; where every
result is kept from before, nothing is run at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder import sandbox
from scaffolder.errors import UsageError
from scaffolder.journeys import review
from scaffolder.manifest import MANIFEST
from scaffolder.review.behaviour import campaign, environment
from scaffolder.review.behaviour.declared import declared, fault
from scaffolder.review.behaviour.model import Declared
from scaffolder.review.model import Check, Reading, Report, Try
from scaffolder.review.rubric import Rubric, load
from scaffolder.review.view import RepoView, opened
from scaffolder.sanitise import clean

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What a run would do: how many tries are left, which commands they use, whether to set up.

    `unprotected` are sentences on what a run without a sandbox does not protect.
    """

    project: Path
    left: int
    kept: int
    commands: Mapping[str, Sequence[str]]
    needs_setup: bool
    unprotected: Sequence[str] = ()

    @property
    def is_fresh(self) -> bool:
        """Whether all is known already, so that nothing is run."""
        return self.left == 0


def plan(
    path: Path, unsandboxed: bool = False, skill: str | None = None, only: Sequence[str] = ()
) -> Plan:
    """What a run would do; UsageError where the project declares nothing to run.

    EnvironmentProblem where there is no sandbox and none was given up.
    """
    box = _box(unsandboxed)
    with opened(review.folder(path)) as view:
        wanted = _declared(view)
        data = load(with_trees=False)
        tries = _tries(review.asked(view, data, skill, only), data)
        known = campaign.kept(tries, campaign.keys(tries, view, wanted, box.name))
        unprotected = sandbox.UNPROTECTED if unsandboxed else ()
        setup = environment.needs_setup(view.root)
        left = len(tries) - len(known)
        return Plan(view.root, left, len(known), wanted.commands, setup, unprotected)


def review_with_run(
    path: Path,
    consent: bool,
    unsandboxed: bool,
    tell: Tell,
    is_stopped: Callable[[], bool] | None = None,
    skill: str | None = None,
    only: Sequence[str] = (),
) -> Report:
    """The report with what a run shows; UsageError without consent, but where nothing is run.

    Interrupted where it was stopped; nothing of it runs on.
    """
    planned = plan(path, unsandboxed, skill, only)
    if not (consent or planned.is_fresh):
        raise refused(planned)
    manner = campaign.Manner(_box(unsandboxed), tell, is_stopped or _never)

    def run(view: RepoView, checks: Sequence[Check], data: Rubric) -> Mapping[str, Reading]:
        wanted = declared(view)
        if planned.needs_setup and not planned.is_fresh:
            environment.prepare(view, wanted, manner.box, tell, manner.is_stopped)
        return campaign.make(_tries(checks, data), view, wanted, manner)

    return review.review_repo(path, skill, only, run)


def refused(planned: Plan) -> UsageError:
    """What is said where nobody consented."""
    return UsageError(
        f"a run executes commands of {planned.project}, and nobody said yes",
        "Say yes on a terminal, or add --yes.",
    )


def _tries(checks: Sequence[Check], data: Rubric) -> list[Try]:
    """The tries of `checks`, each once, in the rubric's order."""
    wanted = {name for check in checks for name in check.tries}
    return [each for name, each in data.tries.items() if name in wanted]


def _declared(view: RepoView) -> Declared:
    wrong = fault(view)
    if wrong:
        mend = f"Mend {MANIFEST}, then run it again."
        draft = f"`scaffold init-review {view.root}` drafts one from what is there."
        raise UsageError(
            f"{view.root} cannot be run: {clean(wrong, 300)}", mend if view.has(MANIFEST) else draft
        )
    return declared(view)


def _box(unsandboxed: bool) -> sandbox.Box:
    return sandbox.unsandboxed() if unsandboxed else sandbox.find()


def _never() -> bool:
    return False
