"""`scaffold explain PATH`: why a generated file exists and when not to want it.

Invariant: the words are data beside the layer that brings the file (`files.yml`); the most
specific pattern wins.
"""

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
    project = _project(path)
    if project is not None:
        slug = manifest.read(project).skill
        relative = Path(*path.absolute().parts[len(project.absolute().parts) :]).as_posix()
    else:
        relative = PurePosixPath(path.as_posix()).as_posix().removeprefix("./")
    found = [e for e in explanations(skills.find(slug)) if fnmatchcase(relative, e.path)]
    if not found:
        raise UsageError(
            f"{clean(relative)} is not a file that the {slug} template makes.",
            "Name one by its path in the project, for instance: scaffold explain config.toml",
        )
    return max(found, key=lambda e: len(e.path.replace("*", "")))


def explanations(skill: skills.Skill) -> Sequence[Explanation]:
    """Every explanation of the layers of `skill`."""
    return [
        skills.record(Explanation, entry, f"{layer.name}/files.yml")
        for layer in skills.layers(skill)
        for entry in skills.read_list(layer / "files.yml")
    ]


def _project(path: Path) -> Path | None:
    parents = path.absolute().parents
    return next((p for p in parents if (p / manifest.MANIFEST).is_file()), None)
