"""Finds files by shell patterns, quickly and whatever their case, and the README among them.

Invariant: the answer is that of `fnmatch` on the lower-cased path or on its last part.
"""

import fnmatch
import re
from collections import defaultdict
from collections.abc import Sequence

_READMES = ("readme.md", "readme.rst", "readme.txt", "readme", "readme.markdown", "readme.adoc")
_README = re.compile(r"readme(?:[-_.][^/]*)?", re.IGNORECASE)
_NO_README = re.compile(r"\.(?:py|ipynb|json|ya?ml|toml|png|jpe?g|gif|svg|html?|js|ts|docx|pdf)$")
_NOT_A_PART = {"examples", "example", "samples", "tests", "test", "data", "docs", "doc", "notes"}
"""Folders whose README tells of the folder and not of the project."""

_WILD = re.compile(r"[*?\[]")


class Finder:
    """The files of one repository; their lower-cased names are made once."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files
        self._lower = [f.lower() for f in files]
        self._names = [f.rpartition("/")[2] for f in self._lower]
        self._exact: dict[str, set[int]] = defaultdict(set)
        for number, (path, name) in enumerate(zip(self._lower, self._names, strict=True)):
            self._exact[path].add(number)
            self._exact[name].add(number)
        self._found: dict[tuple[str, ...], list[str]] = {}

    def find(self, patterns: tuple[str, ...]) -> list[str]:
        """The files that fit one of the patterns, in order; a new list each time."""
        known = self._found.get(patterns)
        if known is None:
            numbers = set().union(*(self._one(p.lower()) for p in patterns))
            known = self._found[patterns] = [self._files[n] for n in sorted(numbers)]
        return list(known)

    def _one(self, pattern: str) -> set[int]:
        if not _WILD.search(pattern):
            return self._exact.get(pattern, set())
        if pattern[0] == "*" and not _WILD.search(pattern[1:]):
            ending = pattern[1:]
            return {n for n, path in enumerate(self._lower) if path.endswith(ending)}
        fits = re.compile(fnmatch.translate(pattern)).match
        pairs = enumerate(zip(self._lower, self._names, strict=True))
        return {n for n, (path, name) in pairs if fits(path) or fits(name)}


def readme(files: Sequence[str]) -> str | None:
    """The README of the project; that of its only subfolder with one, if the root has none."""
    found = [f for f in files if f.count("/") <= 1 and _is_readme(f.rpartition("/")[2])]
    top = sorted((f for f in found if "/" not in f), key=_readme_order)
    if top:
        return top[0]
    found = [f for f in found if f.partition("/")[0].lower() not in _NOT_A_PART]
    folders = {f.partition("/")[0] for f in found}
    return min(found, key=_readme_order) if len(folders) == 1 else None


def _is_readme(name: str) -> bool:
    return bool(_README.fullmatch(name)) and not _NO_README.search(name.lower())


def _readme_order(path: str) -> tuple[int, int, str]:
    name = path.rpartition("/")[2].lower()
    return (_READMES.index(name) if name in _READMES else len(_READMES), len(name), path)
