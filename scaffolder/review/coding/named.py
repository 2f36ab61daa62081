"""Fields and files by what they are called, however they are written.

Invariant: `First failure`, `firstFailure` and `first_failure` are one name; what is no text, or is
too long to be a name, is "".
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from scaffolder.review.model import Evidence
from scaffolder.review.parse import Parsed
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

ROW_ENDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
TABLE_ENDS = (".toml", ".yml", ".yaml", ".json")
LONGEST = 4000
"""Characters of a field that are read."""

MAX_FILES = 20
_ASIDE = re.compile(
    r"(?:^|/)(?:node_modules|vendor|site-packages|fixtures?|tests?|\.[^/]+)/", re.IGNORECASE
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_WORD = re.compile(r"[\W_]+")


def files(view: RepoView, pattern: re.Pattern[str], ends: Sequence[str]) -> list[str]:
    """The files that end so and whose path the pattern is found in; no data of unit tests."""
    found = (f for f in view.files if f.lower().endswith(tuple(ends)) and pattern.search(f))
    return [f for f in found if not _ASIDE.search(f)][:MAX_FILES]


def rows(view: RepoView, pattern: re.Pattern[str]) -> list[Row]:
    """The rows of those files, in the order of the files."""
    return [r for path in files(view, pattern, ROW_ENDS) for r in resultrows.rows(view, path)]


def document(view: RepoView, path: str) -> object:
    """What a TOML, YAML or JSON file holds; None where it cannot be read."""
    read = view.toml if path.endswith(".toml") else view.yaml
    found = (view.json if path.endswith(".json") else read)(path)
    return found.value if isinstance(found, Parsed) else None


def place(view: RepoView, path: str, word: str) -> Evidence:
    """The first line of a file that holds a word, else its first line."""
    lines = enumerate(view.lines(path), 1)
    return view.quote(path, next((n for n, line in lines if word and word in line), 1))


def text(data: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The first of the fields that has a value, as text; "" where none has."""
    named = fields(data)
    return next((said for key in keys if (said := as_text(named.get(key)))), "")


def fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields by their plain names; of two that are one the first."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        found.setdefault(name(str(key)), value)
    return found


@lru_cache(maxsize=4096)
def name(key: str) -> str:
    """A name in lower case with `_` between its words."""
    return _NO_WORD.sub("_", _CAMEL.sub("_", key[:80])).strip("_").lower()


def as_text(value: object) -> str:
    """A text, number or yes/no as text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:LONGEST].strip() if isinstance(value, str | int | float) else ""


def folded(text: str) -> str:
    """The words of a text in lower case, without signs, to set two texts side by side."""
    return " ".join(_NO_WORD.sub(" ", text[:LONGEST]).casefold().split())
