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
from scaffolder.sanitise import clean


@dataclass(frozen=True)
class Explanation:
    """Why a file is there; `path` is a pattern relative to the project, `*` for the package."""

    path: str
    why: str
    not_when: str


def explain(path: Path, slug: str = "rag-app") -> Explanation:
    """The explanation of a generated file, found from inside a project or by its relative path.

    UsageError for a path that no template makes.
    """
    project = manifest.enclosing_project(path.absolute().parent)
    if project is not None:
        slug = manifest.read(project).skill
        relative = Path(*path.absolute().parts[len(project.absolute().parts) :]).as_posix()
    else:
        relative = PurePosixPath(path.as_posix()).as_posix().removeprefix("./")
    known = explanations(skills.find(slug))
    found = [e for e in known if fnmatchcase(relative, e.path)]
    if not found:
        raise UsageError(
            f"{clean(relative)} is not a file that the {slug} template makes."
            + _nearest(relative, known),
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
        skills.record(Explanation, entry, f"{layer.name}/files.yml")
        for layer in skills.layers(skill)
        for entry in skills.read_list(layer / "files.yml")
    ]
