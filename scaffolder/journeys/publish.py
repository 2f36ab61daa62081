"""`scaffold publish`: the gate, then exactly the scanned commits, private first.

Invariant: nothing is run before the static gate is open, nothing is made before the scan, nothing
is pushed but the commit that was scanned; what is done is recorded, so that a rerun goes on.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scaffolder.errors import EnvironmentProblem
from scaffolder.journeys import review
from scaffolder.publish import freezing, proposing, pushing, record, remotes, scanning, tokens
from scaffolder.publish.ghcommand import GhCommand
from scaffolder.publish.model import DONE, About, Frozen, Hosted, Hosting, Refused, Scanned, Step
from scaffolder.publish.record import Record
from scaffolder.publish.remotes import Remote
from scaffolder.publish.restapi import RestApi
from scaffolder.publish.tokens import Token
from scaffolder.review import score
from scaffolder.review.model import Item, Report, Status
from scaffolder.review.view import opened
from scaffolder.sanitise import clean

__all__ = ["About", "Hosted", "Refused", "Scanned", "Step"]

Tell = Callable[[str], None]
_LATER = "run"
_FOR_KEY = ("key", "model")
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True)
class Gate:
    """What a report says of publishing: `shut` are musts in the way, the least work first.

    `held` are musts that only a key or a model could verify; they do not shut it, and cap the
    level. `later` are those that wait for a run.
    """

    report: Report
    shut: tuple[Item, ...]
    held: tuple[Item, ...]
    later: tuple[Item, ...]


@dataclass(frozen=True)
class Place:
    """Where it goes: a `remote` that was named, or a `hosting` where a repository is made."""

    remote: Remote | None
    hosting: Hosting | None
    token: Token | None


@dataclass(frozen=True)
class Plan:
    """What is pushed, whereto, and every step of it. `owner` is "OWNER" until it was asked for."""

    path: Path
    frozen: Frozen
    place: Place
    owner: str
    about: About
    steps: tuple[Step, ...]

    @property
    def target(self) -> str:
        """The repository as people write it."""
        remote = self.place.remote
        return remote.address if remote else f"{self.owner}/{self.about.name}"


@dataclass(frozen=True)
class Published:
    """Where it is now; `made` where a host holds it, `was_there` where nothing had to be pushed."""

    address: str
    made: Hosted | None
    was_there: bool
    kept: Record


def gate(path: Path, reviewed: Callable[[Path], Report] = review.review_repo) -> Gate:
    """The gate by the files alone: what waits for a run does not shut it."""
    return _gate(reviewed(path), waits=True)


def tried_gate(
    path: Path,
    consent: bool,
    unsandboxed: bool,
    tell: Tell,
    run: Callable[..., Report] | None = None,
) -> Gate:
    """The gate after a run, which is not made again where its results are fresh."""
    return _gate((run or _run())(path, consent, unsandboxed, tell), waits=False)


def place(path: Path, remote: str | None, is_dry: bool = False) -> Place:
    """Where it goes; UsageError for no address, EnvironmentProblem where a token is missing.

    A dry run needs no token, as it asks nobody.
    """
    project, host = review.folder(path), tokens.host()
    if remote is not None:
        found = remotes.parse(remote, project)
        mine = found.protocol == "https" and found.host.lower() == host.name.lower()
        return Place(found, None, tokens.find(project, host.name) if mine and not is_dry else None)
    token = Token(host.name, "") if is_dry else tokens.need(project, host.name)
    web, program = f"https://{host.name}", tokens.gh(project)
    if program and "GITHUB_API_URL" not in os.environ:
        return Place(None, GhCommand(program, web), token)
    return Place(None, RestApi(host.api, web, token), token)


def plan(path: Path, report: Report, where: Place, is_dry: bool = False) -> Plan:
    """Freezes the commit and lists the steps; Refused where it must not be published as it is.

    The host is asked who the token belongs to, but in a dry run.
    """
    with opened(review.folder(path)) as view:
        frozen, about = freezing.freeze(view), proposing.propose(view, report)
    _same(frozen.sha, report)
    owner = _owner(where.hosting) if where.hosting and not is_dry else "OWNER"
    planned = Plan(path, frozen, where, owner, about, ())
    done = record.read(frozen, planned.target).done
    steps = _steps(planned)
    return replace(planned, steps=tuple(_marked(step, done) for step in steps))


def examine(planned: Plan, report: Report) -> Scanned:
    """Scans all that the push takes along; Refused where it must not be published."""
    _same(planned.frozen.sha, report)
    with opened(review.folder(planned.path)) as view:
        again = freezing.freeze(view)
        if again.sha != planned.frozen.sha:
            raise _changed(again.sha)
        statuses = {i.check.id: i.status for i in report.items}
        return scanning.scan(view, planned.frozen, *scanning.waived_or_met(statuses))


def publish(planned: Plan, scanned: Scanned, tell: Tell) -> Published:
    """Makes the repository where one is to be made, and pushes the scanned commit.

    Refused where the remote holds what is not ours, or is public; EnvironmentProblem where a tool
    or the network fails: what was done is kept, and a rerun goes on.
    """
    if scanned.sha != planned.frozen.sha:
        raise _changed(scanned.sha)
    kept = record.note(record.read(planned.frozen, planned.target), "scan")
    made: Hosted | None = None
    hosting = planned.place.hosting
    if hosting:
        made, kept = _made(planned, hosting, kept, tell)
    remote = planned.place.remote or remotes.parse(_address(planned), review.folder(planned.path))
    with pushing.opened(planned.path, remote, planned.place.token) as room:
        there = pushing.is_there(room, planned.frozen)
        if hosting and made and not there:
            _refuse_public(made)
            kept = _described(planned, hosting, made, kept, tell)
        if not there:
            tell(f"pushing {planned.frozen.sha[:12]} to {remote.address}")
            pushing.push(room, planned.frozen)
    return Published(remote.address, made, there, record.note(kept, "push"))


def make_public(planned: Plan, published: Published) -> Published:
    """Makes what was made public: only ever called after a yes to just that."""
    hosting, made = planned.place.hosting, published.made
    if hosting is None or made is None:
        return published
    hosting.open_up(made)
    kept = record.note(published.kept, "public")
    return replace(published, made=replace(made, private=False), kept=kept)


def opening(planned: Plan, made: Hosted) -> str:
    """The command that makes it public, as it is shown."""
    return planned.place.hosting.opening(made) if planned.place.hosting else ""


def _run() -> Callable[..., Report]:
    from scaffolder.journeys.tried import review_with_run

    return review_with_run


def _gate(report: Report, waits: bool) -> Gate:
    musts = [i for i in report.items if i.check.weight == "must"]
    dark = [i for i in musts if i.status is Status.UNVERIFIED]
    held = tuple(i for i in dark if i.waits_for in _FOR_KEY)
    later = tuple(i for i in dark if waits and i.waits_for == _LATER)
    shut = [i for i in musts if i.status in score.OPEN]
    shut += [i for i in dark if i not in held and i not in later]
    return Gate(report, tuple(sorted(shut, key=_effort)), held, later)


def _effort(item: Item) -> tuple[int, str]:
    return item.check.effort, item.check.id


def _same(sha: str, report: Report) -> None:
    if report.project.commit != sha:
        raise _changed(sha)


def _changed(sha: str) -> Refused:
    return Refused(
        f"the project changed while it was looked at: it is at commit {sha[:12]} now",
        "Publish it again: what was reviewed is what is pushed.",
    )


def _owner(hosting: Hosting) -> str:
    owner = hosting.owner()
    if not _OWNER.fullmatch(owner):
        raise EnvironmentProblem(
            f"the token belongs to {clean(owner, 60) or 'nobody'}, who owns no repositories",
            "Use a token of a person, or name an empty repository with --remote.",
        )
    return owner


def _marked(step: Step, done: Sequence[str]) -> Step:
    return replace(step, state=DONE) if step.name in ("gate", *done) else step


def _steps(planned: Plan) -> Sequence[Step]:
    path, hosting, frozen = planned.path, planned.place.hosting, planned.frozen
    goal = planned.place.remote or Remote(_address(planned), "")
    return (
        Step("gate", f"scaffold review {path}"),
        Step("run", f"scaffold review {path} --run"),
        Step("scan", f"every object that commit {frozen.sha[:12]} reaches"),
        *(hosting.commands(planned.owner, planned.about) if hosting else ()),
        Step("push", pushing.shown(goal, frozen)),
        Step("check", f"git ls-remote --refs -- {goal.address}"),
        *_asked_last(planned),
    )


def _asked_last(planned: Plan) -> Sequence[Step]:
    command = opening(planned, Hosted(planned.owner, planned.about.name, True))
    told = f"asked separately, and private without a yes: {command}"
    return (Step("visibility", told),) if command else ()


def _made(planned: Plan, hosting: Hosting, kept: Record, tell: Tell) -> tuple[Hosted, Record]:
    """The repository at the host: one that is there already, or a new one that is private."""
    found = hosting.find(planned.owner, planned.about.name)
    if found is not None:
        tell(f"{planned.target} is there already; it is looked at before anything is pushed")
        return _named(found, planned), kept
    tell(f"making {planned.target}, private")
    made = _named(hosting.create(planned.owner, planned.about), planned)
    return made, record.note(kept, "create")


def _named(made: Hosted, planned: Plan) -> Hosted:
    """The repository under the name that was agreed to: no answer of a host redirects a push."""
    if made.full_name.lower() != planned.target.lower():
        raise Refused(
            f"the host answered with {clean(made.full_name, 120)} and not {planned.target}: "
            "nothing was pushed",
            "The repository was renamed or moved. Name it with --remote.",
        )
    return made


def _address(planned: Plan) -> str:
    """Where the host keeps the repository that is made."""
    web = planned.place.hosting.web if planned.place.hosting else ""
    return f"{web}/{planned.target}.git"


def _refuse_public(made: Hosted) -> None:
    if not made.private:
        raise Refused(
            f"{made.full_name} is public: what is pushed there is seen by everybody at once",
            "If that is meant, name it with --remote. Else make it private, and publish it again.",
        )


def _described(planned: Plan, hosting: Hosting, made: Hosted, kept: Record, tell: Tell) -> Record:
    if "describe" in kept.done or not planned.about.topics:
        return kept
    tell(f"describing {made.full_name}: {', '.join(planned.about.topics)}")
    hosting.describe(made, planned.about)
    return record.note(kept, "describe")
