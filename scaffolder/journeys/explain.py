"""`scaffold explain PATH`: why a generated file exists and when not to want it.

Invariant: the words are data beside the layer that brings the file (`files.yml`); the most
specific pattern wins.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from scaffolder import manifest, skills
from scaffolder.errors import UsageError
from scaffolder.paths import absolute
from scaffolder.records import read_list, record
from scaffolder.sanitise import clean


@dataclass(frozen=True)
class Explanation:
    """Why a file is there; `path` is a pattern relative to the project, `*` for the package."""

    path: str
    why: str
    not_when: str


def explain(path: Path) -> Explanation:
    """The explanation of a generated file, by its place in a project or by its relative path.

    Outside of a project the first skill whose template makes such a file explains it. UsageError
    for a path that no template makes.
    """
    whole = absolute(path)
    project = manifest.enclosing_project(whole.parent)
    if project is not None:
        asked = [skills.find(manifest.read(project).skill)]
        relative = whole.relative_to(project).as_posix()
    else:
        asked = [skill for skill in skills.load() if skill.available]
        relative = PurePosixPath(path.as_posix()).as_posix().removeprefix("./")
    return _best(relative, asked)


def _best(relative: str, asked: Sequence[skills.Skill]) -> Explanation:
    known = [explanations(skill) for skill in asked]
    found = next(
        filter(None, ([e for e in one if fnmatchcase(relative, e.path)] for one in known)), []
    )
    if not found:
        owner = f"the {asked[0].slug} template makes" if len(asked) == 1 else "a template makes"
        raise UsageError(
            f"{clean(relative)} is not a file that {owner}."
            + _nearest(relative, [e for one in known for e in one]),
            "Name a file by its path in the project, for instance: scaffold explain config.toml",
        )
    return max(found, key=lambda e: len(e.path.replace("*", "")))


def _nearest(name: str, known: Sequence[Explanation]) -> str:
    whole = [e.path.replace("src/*/", "") for e in known]
    near = difflib.get_close_matches(name.removeprefix("src/").partition("/")[2] or name, whole, 1)
    return f" Did you mean {near[0]}?" if near else ""


def explanations(skill: skills.Skill) -> Sequence[Explanation]:
    """Every explanation of the layers of `skill`."""
    return [
        record(Explanation, entry, f"{layer.name}/files.yml")
        for layer in skills.layers(skill)
        for entry in read_list(layer / "files.yml")
    ]
