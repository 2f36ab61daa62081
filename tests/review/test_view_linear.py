"""Every pattern that meets a repository's text takes time in its length and no more."""

import re
import time
from types import ModuleType
from typing import Any

import pytest

from scaffolder.review import parse
from scaffolder.review.files import finding, listing
from scaffolder.review.parsing import fstrings, limits, notebooks
from scaffolder.review.parsing import yamlevents as yamls
from scaffolder.review.python import ownpython, pynames

MODULES = (finding, fstrings, limits, listing, notebooks, ownpython, parse, pynames, yamls)
WORST = [
    "a",
    " ",
    '"',
    "'",
    "\\",
    '\\"',
    "{",
    "[",
    "#",
    ".",
    "a ",
    "a.",
    "=",
    "a\t",
    "readme-",
    "%%",
]
SOON = 0.5
"""Seconds for 50 KB; ten times the target, since a test's machine may be busy."""


def patterns(module: ModuleType) -> list[re.Pattern[Any]]:
    """The compiled patterns at the top of a module, those in a dict too."""
    held = list(vars(module).values())
    held += [v for each in held if isinstance(each, dict) for v in each.values()]
    return [v for v in held if isinstance(v, re.Pattern)]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_patterns_are_linear(module: ModuleType) -> None:
    found = patterns(module)
    assert found
    for pattern in found:
        for worst in WORST:
            text = f"x{worst * (50_000 // len(worst))}!"
            began = time.thread_time()
            for _ in pattern.finditer(text if isinstance(pattern.pattern, str) else text.encode()):
                pass
            assert time.thread_time() - began < SOON, (pattern.pattern, worst)
