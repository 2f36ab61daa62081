"""`scaffold review --template-delta`: a project set beside its template, rendered again.

Invariant: the project is only read; what is rendered lies in a folder of its own that is gone
afterwards. What the template of the same version says wins over the project's lock.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder import generate, manifest, skills
from scaffolder.errors import UsageError
from scaffolder.journeys import answers as journey
from scaffolder.manifest import Lock, Manifest
from scaffolder.paths import absolute
from scaffolder.review import ownwork, view
from scaffolder.review.ownwork import Share
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean


@dataclass(frozen=True)
class FolderDelta:
    """A folder: own and inherited lines, template files as they were, template files gone."""

    folder: str
    own: int
    inherited: int
    untouched: int
    deleted: int

    @property
    def share(self) -> float:
        """The author's part of the lines, 0 to 1."""
        return Share(self.own, self.own + self.inherited).part


@dataclass(frozen=True)
class TemplateDelta:
    """A project and its template; `findings` are where lock and template disagree.

    `rendered` is false where the template of that version is not at hand and the lock was used.
    """

    skill: str
    version: str
    rendered: bool
    folders: Sequence[FolderDelta]
    findings: Sequence[str]

    @property
    def total(self) -> FolderDelta:
        """The sum over the folders."""
        columns = [(f.own, f.inherited, f.untouched, f.deleted) for f in self.folders]
        return FolderDelta("total", *map(sum, zip((0, 0, 0, 0), *columns, strict=True)))


def delta(path: Path) -> TemplateDelta:
    """The delta of the project at `path`; UsageError where it was not made by `scaffold new`."""
    root = absolute(path)
    project = manifest.read(root)
    skill = skills.find(project.skill)
    at_hand = skill.template.version if skill.template else ""
    if at_hand != project.template_version:
        said = f"made with template {project.template_version}, at hand is {at_hand or 'none'}"
        return _measured(root, project, manifest.read_lock(root), [f"{said}: its lock is used."])
    pristine = _rendered(skill, project)
    findings = _disagreements(root, pristine)
    return _measured(root, project, pristine, findings, rendered=True)


def lines(found: TemplateDelta) -> list[str]:
    """The delta as text: a table by folder, then the findings."""
    against = "rendered again" if found.rendered else "as its lock records it"
    head = f"Beside the {clean(found.skill, 40)} template {clean(found.version, 20)}, {against}:"
    table = [
        f"{'folder':<16} {'yours':>7} {'template':>9} {'share':>6} {'untouched':>10} {'gone':>5}"
    ]
    table += [_line(folder) for folder in (*found.folders, found.total)]
    return [head, "", *table, *([""] if found.findings else []), *found.findings]


def _line(f: FolderDelta) -> str:
    numbers = (f.own, f.inherited, f"{f.share:.0%}", f.untouched, f.deleted)
    return _row(clean(f.folder, 16), *map(str, numbers))


def _row(name: str, *cells: str) -> str:
    return f"{name:<18}" + "".join(f"{cell:>11}" for cell in cells)


def _rendered(skill: skills.Skill, project: Manifest) -> Lock:
    """What the template brings with the project's answers, which are checked as those of `new`."""
    with tempfile.TemporaryDirectory(prefix="scaffold-delta-") as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        generate.render(skill, _answers(skill, project), tree)
        return manifest.read_lock(tree)


def _answers(skill: skills.Skill, project: Manifest) -> Mapping[str, str]:
    given = {}
    for question in skills.questions(skill):
        if question.name not in project.answers:
            raise UsageError(
                f"scaffold.toml: [answers] {question.name} is missing",
                "Restore it from the project's first commit.",
            )
        given[question.name] = journey.check(question, project.answers[question.name])
    others = {name: clean(project.answers.get(name, "")) for name in skills.COMPUTED}
    return {
        **others,
        **given,
        "skill": skill.slug,
        "template_version": project.template_version,
    }


def _disagreements(root: Path, pristine: Lock) -> list[str]:
    """Files whose lock entry lacks what the template brings, so that its lines would pass as own.

    The plan under .scaffold/ also holds what `scaffold begin` was told, which is not recorded.
    """
    try:
        recorded = manifest.read_lock(root).files
    except UsageError as error:
        return [f"{error.message}: the template was rendered again in its place."]
    found = []
    for name, file in pristine.files.items():
        lacking = file.shingles - (recorded[name].shingles if name in recorded else frozenset())
        if lacking and not name.startswith(".scaffold/"):
            said = f"lacks {len(lacking)} of the {len(file.shingles)} hashes that the template has"
            found.append(f"The lock {said} for {clean(name, 80)}: lock or [answers] was edited.")
    return found


def _measured(
    root: Path, project: Manifest, lock: Lock, findings: list[str], rendered: bool = False
) -> TemplateDelta:
    known = frozenset(shingle for file in lock.files.values() for shingle in file.shingles)
    with view.opened(root) as seen:
        shares = ownwork.shares_against(seen, known)
        gone = [name for name in lock.files if not seen.has(name)]
        same = [name for name, f in lock.files.items() if _is_untouched(seen, name, f.shingles)]
    folders = [
        _folder(name, shares, same, gone)
        for name in sorted({_top(p) for p in (*shares, *same, *gone)})
    ]
    return TemplateDelta(project.skill, project.template_version, rendered, folders, findings)


def _is_untouched(seen: RepoView, name: str, wanted: frozenset[str]) -> bool:
    """The same runs of lines: indent, blank lines and line ends do not make a file another."""
    return seen.has(name) and ownwork.runs_of(seen, name) == wanted


def _folder(
    name: str, shares: Mapping[str, Share], same: Sequence[str], gone: Sequence[str]
) -> FolderDelta:
    share = ownwork.total(s for p, s in shares.items() if _top(p) == name)
    untouched, deleted = (sum(_top(p) == name for p in paths) for paths in (same, gone))
    return FolderDelta(name, share.own, share.lines - share.own, untouched, deleted)


def _top(path: str) -> str:
    first, slash, _ = path.partition("/")
    return f"{first}/" if slash else "."
