"""Review a folder: the rubric over a view of it, as a `Report`.

Invariant: nothing is written in the folder, nothing of it is run; what was not read is in the
report with its reason.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scaffolder import __version__
from scaffolder.errors import EnvironmentProblem, UsageError
from scaffolder.paths import absolute
from scaffolder.review import (
    areas,
    attest,
    engine,
    instructions,
    ownwork,
    reader,
    rubric,
    score,
    secrets,
    templatelock,
    view,
)
from scaffolder.review.model import (
    Check,
    Evidence,
    Examined,
    Fact,
    Item,
    Project,
    Reading,
    Report,
    Skipped,
)
from scaffolder.review.rubric import Rubric
from scaffolder.review.view import RepoView

Run = Callable[[RepoView, Sequence[Check], Rubric], Mapping[str, Reading]]
"""Makes the tries of some checks; what each of them showed, by its id."""


@dataclass(frozen=True)
class _Wish:
    """What was asked for beside the folder."""

    skill: str | None
    only: Sequence[str]
    run: Run | None


def review_repo(
    path: Path, skill: str | None = None, only: Sequence[str] = (), run: Run | None = None
) -> Report:
    """The report on the folder `path`; `only` narrows it to those checks, without facts.

    `run` is asked what tries of these checks showed; without it nothing is run.

    UsageError for a path that is no folder or holds no file, for an unknown skill or check;
    EnvironmentProblem where the folder cannot be examined.
    """
    started = time.monotonic()
    root = folder(path)
    data = rubric.load(with_trees=False)
    _known(skill, only, data)
    with view.opened(root) as seen:
        secrets.warm_up(seen)
        if not seen.files and not seen.skipped and not seen.history.commits:
            raise UsageError(f"{root} holds nothing to review", "Name a folder with a project.")
        return _report(seen, data, _Wish(skill, only, run), started)


def verdicts(path: Path, wanted: Sequence[str]) -> tuple[Item, ...]:
    """The verdicts on the checks `wanted` alone, of whatever section, in the rubric's order."""
    data = rubric.load(with_trees=False)
    with view.opened(folder(path)) as seen:
        return engine.items([c for c in data.checks if c.id in wanted], seen, date.today())


def open_musts(path: Path) -> tuple[Item, ...]:
    """The musts that shut the gate of a project and that its author can mend, least work first."""
    data = rubric.load(with_trees=False)
    with view.opened(folder(path)) as seen:
        secrets.warm_up(seen)
        musts = [c for c in _asked(data, _skill(seen, data), ()) if c.weight == "must"]
        found = engine.items(musts, seen, date.today())
    return tuple(sorted((i for i in found if i.status in score.OPEN), key=lambda i: i.check.effort))


def asked(seen: RepoView, data: Rubric, skill: str | None, only: Sequence[str]) -> list[Check]:
    """The checks that speak of a project, of its kind and of every kind."""
    return _asked(data, skill or _skill(seen, data), only)


def _report(seen: RepoView, data: Rubric, wish: _Wish, started: float) -> Report:
    only = wish.only
    project = _project(seen, wish.skill or _skill(seen, data))
    checks = _asked(data, project.skill, only)
    tried = wish.run(seen, checks, data) if wish.run else {}
    items = engine.items(checks, seen, date.today(), tried)
    facts: Mapping[str, Fact] = {} if only else engine.facts(seen, data)
    names = tuple(data.dimensions)
    grade = score.grade(items, names, data.levels)
    plan = score.plan(items, names, data.levels)
    blockers = score.blockers(items)
    titles = {c.section: data.sections[c.section].title for c in checks}
    return Report(
        tool_version=__version__,
        rubric_version=data.version,
        project=project,
        own_work=ownwork.measure(seen),
        facts=facts,
        items=items,
        sections={k: score.tally(i for i in items if i.check.section == k) for k in titles},
        section_titles=titles,
        dimensions=score.by_dimension(items, names),
        level=grade.level,
        weakest_dimension=grade.weakest,
        level_why=grade.why,
        reaches=plan.reaches,
        needed=plan.needed,
        mends=plan.mends,
        ready=not blockers,
        blockers=blockers,
        examined=_examined(seen),
        only=tuple(only),
        sources=data.sources,
        questions=data.dimensions,
        reader=None if only else reader.read(seen, facts),
        duration_s=round(time.monotonic() - started, 3),
    )


def folder(path: Path) -> Path:
    """The folder to review; UsageError or EnvironmentProblem where it cannot be."""
    root = absolute(path)
    try:
        there = root.exists()
    except PermissionError as error:
        raise EnvironmentProblem(
            f"{root} cannot be examined: a folder above it may not be entered",
            "Give yourself the right to read it, and review it again.",
        ) from error
    if not there:
        raise UsageError(f"there is no {root}", "Name a folder with a project.")
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder", "Name the folder that it is in.")
    return root


def _known(skill: str | None, only: Sequence[str], data: Rubric) -> None:
    unknown = [word for word in only if word not in {check.id for check in data.checks}]
    if unknown:
        raise UsageError(f"there is no check {unknown[0]!r}", "`scaffold review` lists them all.")
    if skill is not None and skill not in _kinds(data):
        raise UsageError(f"there is no skill {skill!r}", f"One of: {', '.join(_kinds(data))}.")


def _kinds(data: Rubric) -> list[str]:
    known = {s.skill for s in data.sections.values()} | {k.skill for k in data.kinds}
    return sorted(known - {""})


def _skill(seen: RepoView, data: Rubric) -> str | None:
    """The kind of project that the manifest declares, else the one that the code shows."""
    return _declared(seen, data) or engine.kind(seen, data)


def _declared(seen: RepoView, data: Rubric) -> str | None:
    """The skill that the project's manifest names, where it is one of ours."""
    table = areas.manifest(seen).get("scaffold")
    named = table.get("skill") if isinstance(table, dict) else None
    return next((k for k in _kinds(data) if k == named), None)


def _asked(data: Rubric, skill: str | None, only: Sequence[str]) -> list[Check]:
    mine = [c for c in data.checks if data.sections[c.section].skill in ("", skill)]
    return [c for c in mine if not only or c.id in only]


def _project(seen: RepoView, skill: str | None) -> Project:
    return Project(
        path=str(seen.root),
        name=seen.root.name,
        skill=skill,
        commit=seen.history.head,
        dirty=seen.history.dirty,
        template_version=templatelock.named_template(seen) or None,
    )


def _examined(seen: RepoView) -> Examined:
    """What all of the above rests on; asked last, since reading finds out what cannot be read."""
    scanned, notices = seen.once(secrets.scan), _notices(seen)
    return Examined(
        files=len(seen.files),
        objects=scanned.objects,
        commits=len(seen.history.commits),
        skipped=_skipped(seen, scanned),
        notices=notices,
    )


def _skipped(seen: RepoView, scanned: secrets.SecretScan) -> tuple[Skipped, ...]:
    uncounted = [Skipped(p.path, p.text) for p in attest.attested(seen).problems]
    told = (*uncounted, *seen.skipped, *seen.history.skipped, *scanned.skipped)
    return tuple(dict.fromkeys(told))


def _notices(seen: RepoView) -> tuple[Evidence, ...]:
    told = (
        *instructions.attempts(seen),
        *seen.history.notices,
        *seen.notices,
    )
    return tuple(dict.fromkeys(told))
