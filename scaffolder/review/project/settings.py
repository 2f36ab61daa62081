"""config.toml, in which a generated project keeps its settings.

Invariant: what is not there, cannot be read or is no table is an empty one.
"""

import re
from collections.abc import Mapping
from typing import Any

from scaffolder.review.model import Evidence
from scaffolder.review.parse import mapping
from scaffolder.review.view import RepoView

FILE = "config.toml"


def table(view: RepoView, name: str) -> Mapping[str, Any]:
    """A table of the settings."""
    found = mapping(view.toml(FILE)).get(name) if view.has(FILE) else None
    return found if isinstance(found, dict) else {}


def place(view: RepoView, key: str) -> Evidence:
    """The first line that sets `key`, else the first of the file."""
    sets = re.compile(rf"\s{{0,8}}{re.escape(key)}\s{{0,8}}=")
    lines = enumerate(view.lines(FILE), 1)
    return view.quote(FILE, next((n for n, line in lines if sets.match(line)), 1))
