"""Tests that speak of something: by their name, with an assertion in them.

Invariant: a test without an assertion that compares something is none.
"""

import re

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import place
from scaffolder.review.project.testsuite import suite
from scaffolder.review.python.pysource import Function, PythonFile
from scaffolder.review.view import RepoView

MAX_TESTS = 100
"""Tests of one module that are looked into."""

_LONGEST = 200
_SCRIPT_TEST = re.compile(r"\b(?:it|test|describe)\(\s?[\"'`]([^\"'`]{3,200})")
_SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs")
_HELPED = re.compile(r"^(?:\w{1,30}\.)?(?:assert|check|expect|verify)_?\w{0,60}$|^pytest\.raises$")
"""A call of a test's own that asserts for it."""


def on(view: RepoView, pattern: re.Pattern[str]) -> list[Evidence]:
    """The tests whose name, or the first lines of whose docstring, the pattern is found in."""
    found = []
    for file in view.tests:
        named = [d for d in file.functions if _is_test(d) and _speaks(d, pattern)]
        asserting = (d for d in named[:MAX_TESTS] if _asserts(file, d))
        found += [place(view, file.path, d.line) for d in asserting]
    return [*found, *_in_scripts(view, pattern)]


def _is_test(made: Function) -> bool:
    return made.name.rpartition(".")[2].lower().startswith("test")


def _speaks(made: Function, pattern: re.Pattern[str]) -> bool:
    said = f"{made.name[:_LONGEST].replace('_', ' ')} {made.docstring[:_LONGEST]}"
    return pattern.search(said) is not None


def _asserts(file: PythonFile, made: Function) -> bool:
    inside = range(made.line, made.end_line + 1)
    if any(a.line in inside and not a.trivial for a in file.asserts):
        return True
    return any(c.line in inside and _HELPED.search(c.name) for c in file.calls)


def _in_scripts(view: RepoView, pattern: re.Pattern[str]) -> list[Evidence]:
    found = []
    for module in suite(view):
        if not module.path.endswith(_SCRIPTS) or not module.asserts:
            continue
        for number, line in enumerate(view.lines(module.path), 1):
            named = _SCRIPT_TEST.search(line)
            if named and pattern.search(named[1]):
                found.append(view.quote(module.path, number))
    return found
