"""Which kind of work a path is: code, data, prompts, evals or docs.

Invariant: what is nobody's work (locks, licences, the generator's own files, vendored code, binary
files) has no area; the manifest's `[paths]` are believed only where they name a place inside.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from scaffolder.manifest import MANIFEST
from scaffolder.review import parse
from scaffolder.review.view import RepoView

AREAS = ("code", "data", "prompts", "evals", "docs")

_BY_KEY = {
    "prompts": "prompts",
    "corpus": "data",
    "golden": "evals",
    "results": "evals",
    "failures": "evals",
    "decisions": "docs",
}
_NOBODYS = re.compile(
    r"(?:.*/)?(?:licen[cs]e|copying|notice|authors)(?:[.-][^/]*)?|(?:.*/)?\.env(?:\.[^/]*)?"
    r"|(?:.*/)?[^/]*\.lock|(?:.*/)?(?:package-lock\.json|pnpm-lock\.yaml|go\.sum|\.gitkeep)"
    r"|\.scaffold/.*|scaffold\.toml|(?:.*/)?[^/]*\.min\.(?:js|css)",
    re.IGNORECASE,
)
_VENDORED = re.compile(r"(?:^|/)(?:vendor|vendored|third_party|node_modules|site-packages)/")
_CODE_FOLDERS = {"src", "tests", "test", "app", "lib", "scripts"}
_FOLDERS = {
    "evals": "evals",
    "eval": "evals",
    "evaluation": "evals",
    "evaluations": "evals",
    "benchmarks": "evals",
    "data": "data",
    "dataset": "data",
    "datasets": "data",
    "corpus": "data",
    "prompts": "prompts",
    "docs": "docs",
    "doc": "docs",
}
_DATA_ENDS = {".jsonl", ".csv", ".tsv", ".parquet", ".txt", ".html", ".pdf"}
_DOC_ENDS = {".md", ".rst", ".adoc"}


def area(view: RepoView, path: str) -> str | None:
    """The area that a path belongs to; None for what is no work of anybody (locks, licences)."""
    return view.once_for(_area, path)


def manifest(view: RepoView) -> Mapping[str, Any]:
    """scaffold.toml as a table; empty where there is none that can be read."""
    return parse.mapping(view.toml(MANIFEST)) if view.has(MANIFEST) else {}


def manifest_paths(view: RepoView) -> Mapping[str, str]:
    """`[paths]` of scaffold.toml, those that name a file or folder below the root."""
    return view.once(_manifest_paths)


def below(path: str, place: str) -> bool:
    """Whether `path` is the file `place` or lies in the folder `place`."""
    return bool(place) and (path == place or path.startswith(place.rstrip("/") + "/"))


def _manifest_paths(view: RepoView) -> Mapping[str, str]:
    table = manifest(view).get("paths")
    found = table if isinstance(table, dict) else {}
    return {k: v.removeprefix("./").rstrip("/") for k, v in found.items() if _is_place(v)}


def _is_place(value: object) -> bool:
    if not isinstance(value, str):
        return False
    path = PurePosixPath(value)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _area(view: RepoView, path: str) -> str | None:
    if _NOBODYS.fullmatch(path) or _VENDORED.search(path) or view.is_binary(path):
        return None
    places = manifest_paths(view)
    named = [k for k, place in places.items() if k in _BY_KEY and below(path, place)]
    if named:
        return _BY_KEY[max(named, key=lambda k: len(places[k]))]
    return _by_place(PurePosixPath(path.lower()))


def _by_place(path: PurePosixPath) -> str:
    if path.name.startswith("readme") and len(path.parts) == 1:
        return "docs"
    for folder in path.parts[:-1]:
        if folder in _CODE_FOLDERS:
            break
        if folder in _FOLDERS:
            return _FOLDERS[folder]
    if "prompts" in path.parts[:-1] and path.suffix != ".py":
        return "prompts"
    if path.suffix in _DOC_ENDS:
        return "docs"
    return "data" if path.suffix in _DATA_ENDS and "tests" not in path.parts else "code"
