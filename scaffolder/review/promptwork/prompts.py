"""Versions of prompts as files, and what is told of each change.

Invariant: a version is known by a number in its file's name, or in its folder's; the story of a
version is what a table or a heading of its name holds beside it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.areas import manifest_paths
from scaffolder.review.parse import mapping
from scaffolder.review.view import RepoView

MAX_VERSIONS = 200
_ENDS = (".md", ".txt", ".jinja", ".j2", ".prompt", ".yml", ".yaml", ".toml")
_NUMBER = re.compile(r"(?:^|[_\-.@])v(?:ersion)?[_\-]?(\d{1,3})(?:[_\-.]|$)", re.IGNORECASE)
_FOLDER = re.compile(r"(?:^|/)prompts?/", re.IGNORECASE)
_HEAD = re.compile(r"^(id|name|version)\s*[:=]\s*\S+", re.IGNORECASE)
_RULE = re.compile(r"^\s*[-*]\s*\[([\w-]{1,40})\]\s+\S")
_STORY = re.compile(r"versions|changelog|changes|history|ladder", re.IGNORECASE)
_TOP = 12


@dataclass(frozen=True)
class Version:
    """A file that holds one version of a prompt; `family` is the prompt that it is one of."""

    path: str
    family: str
    number: int

    @property
    def short(self) -> str:
        return f"v{self.number}"


def versions(view: RepoView) -> tuple[Version, ...]:
    """Every version of the prompt that has most of them, oldest first."""
    return view.once(_versions)


def headed(view: RepoView, version: Version) -> bool:
    """Whether the top of the file says which prompt and which version it is."""
    found = {m[1].lower() for line in view.lines(version.path)[:_TOP] if (m := _HEAD.match(line))}
    return "version" in found and bool(found & {"id", "name"})


def rules(view: RepoView, version: Version) -> Mapping[str, int]:
    """The rules of a version that can be named, with the line of each."""
    lines = enumerate(view.lines(version.path), 1)
    return {m[1]: n for n, line in lines if (m := _RULE.match(line[:200]))}


def stories(view: RepoView) -> Mapping[str, Mapping[str, str]]:
    """What TOML beside the prompts says of each version, by its short name."""
    found: dict[str, Mapping[str, str]] = {}
    for path in story_files(view):
        if path.endswith(".toml"):
            for name, table in mapping(view.toml(path)).items():
                if isinstance(table, dict):
                    said = {str(k): str(v) for k, v in table.items() if isinstance(v, str)}
                    found.setdefault(str(name).lower(), said)
    return found


def story_files(view: RepoView) -> list[str]:
    """Files near the prompts that tell of their versions."""
    near = [p for p in view.files if _in_prompts(view, p)]
    return [p for p in near if _STORY.search(PurePosixPath(p).stem)][:8]


def _in_prompts(view: RepoView, path: str) -> bool:
    place = manifest_paths(view).get("prompts", "")
    return bool(place and path.startswith(f"{place.rstrip('/')}/")) or bool(_FOLDER.search(path))


def _versions(view: RepoView) -> tuple[Version, ...]:
    families: dict[str, dict[int, Version]] = {}
    for path in view.files:
        if path.endswith(_ENDS) and _in_prompts(view, path):
            found = _NUMBER.search(PurePosixPath(path).stem)
            if found and len(families) < MAX_VERSIONS:
                family = path[: path.rindex(PurePosixPath(path).name)] + _family(path)
                made = Version(path, family, int(found[1]))
                families.setdefault(family, {}).setdefault(made.number, made)
    largest = max(families.values(), key=len, default={})
    return tuple(largest[number] for number in sorted(largest))


def _family(path: str) -> str:
    return _NUMBER.sub("", PurePosixPath(path).stem)
