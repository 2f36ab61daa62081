"""The words that the code gives to a model or to a reader: strings and prompt files; script lines.

Invariant: no comment and no docstring of a module, function or class is among them; none is longer
than `LONGEST`, so that any pattern may be tried on it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import code_lines, docstrings, place, starts
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

LONGEST = 2000
"""Characters of a wording; a longer string is read in several."""

_SHORTEST = 3
_SHORTEST_LINE = 12
_MAX_PARTS = 10
_MAX_PROMPTS = 60
_SMALL = 60_000

_PROMPT_FILE = re.compile(
    r"(?:(?:^|/)prompts?/[^/]{1,100}(?:/[^/]{1,100})?|(?:^|/)[^/]{0,60}(?:prompt|instruction|system_message)[^/]{0,60})"
    r"\.(?:md|txt|ya?ml|json|j2|jinja2?|toml|prompt|xml|tmpl)$",
    re.IGNORECASE,
)
_CONFIG = re.compile(
    r"(?:^|/)(?:configs?|settings|conf)/[^/]{1,80}\.ya?ml$"
    r"|(?:^|/)[^/]{0,60}(?:agent|answer|generation|llm|rag)[^/]{0,60}\.ya?ml$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:^|/)(?:node_modules|docs?|notes|tests?|\.github|\.claude|\.cursor|data)/"
    r"|\.github/|(?:^|/)(?:docker-)?compose",
    re.IGNORECASE,
)
_COMMENT = ("#", "//", "*", "/*", "<!--")


@dataclass(frozen=True, slots=True)
class Wording:
    """A string of the code, a part of a prompt file, or a line of a script.

    `kind` is code, prompt or script; `line` is the one that it begins on.
    """

    path: str
    line: int
    text: str
    kind: str


def wordings(view: RepoView) -> tuple[Wording, ...]:
    """The strings and prompt files of the project outside of its tests."""
    return view.once(_wordings)


def script_lines(view: RepoView, stems: Sequence[str]) -> Iterator[Wording]:
    """The lines of scripts that hold one of the stems (in lower case) or are not all ASCII."""
    for path in scripts(view):
        text = view.text(path)
        low = text.lower()
        held = [s for s in stems if s in low]
        if not held and text.isascii():
            continue
        for number, line in enumerate(view.lines(path), 1):
            if len(line) >= _SHORTEST_LINE and _holds(line, held):
                yield Wording(path, number, line.strip(), "script")


def spot(view: RepoView, wording: Wording, pattern: re.Pattern[str]) -> Evidence:
    """The line of a wording that the pattern is found in; the one it begins on otherwise."""
    code = wording.kind == "code"
    lines = code_lines(view, wording.path) if code else view.lines(wording.path)
    height = wording.text.count("\n") + 1
    for number in range(wording.line, min(wording.line + height, len(lines) + 1)):
        if pattern.search(lines[number - 1][:LONGEST]):
            return _at(view, wording, number)
    return _at(view, wording, wording.line)


def of_tests(view: RepoView) -> Iterator[tuple[PythonFile, Wording]]:
    """The strings of the tests."""
    for file in view.tests:
        for wording in _strings(view, file):
            yield file, wording


def _wordings(view: RepoView) -> tuple[Wording, ...]:
    found = [w for f in view.code for w in _strings(view, f)]
    found += [w for p in _prompt_files(view) for w in _parts(p, view.text(p), 1, "prompt")]
    return tuple(found)


def _strings(view: RepoView, file: PythonFile) -> Iterator[Wording]:
    told = docstrings(file)
    classes = {c.line + 1 for c in file.classes}
    for text in file.texts:
        short = len(text.value) < _SHORTEST
        if short or starts(text.value) in told or text.line in classes:
            continue
        yield Wording(file.path, text.line, text.value, "code")
        if len(text.value) >= LONGEST:
            yield from _rest(view, file.path, text.line)


def _rest(view: RepoView, path: str, line: int) -> Iterator[Wording]:
    """What follows in the file after the beginning of a string that was cut."""
    lines = code_lines(view, path)[line - 1 :]
    whole: list[str] = []
    for number, row in enumerate(lines[:400]):
        whole.append(row)
        if number and row.count('"""') + row.count("'''"):
            break
    yield from _parts(path, "\n".join(whole), line, "code")


def _prompt_files(view: RepoView) -> list[str]:
    place_ = manifest_paths(view).get("prompts", "")
    found = [p for p in view.files if below(p, place_) or _is_prompt(p)]
    return [p for p in found if not p.endswith((".py", ".ipynb")) and view.size(p) < _SMALL][
        :_MAX_PROMPTS
    ]


def _is_prompt(path: str) -> bool:
    named = _PROMPT_FILE.search(path) or _CONFIG.search(path)
    return bool(named) and not _ASIDE.search(path)


def _parts(path: str, text: str, line: int, kind: str) -> Iterator[Wording]:
    for number in range(min(_MAX_PARTS, len(text) // LONGEST + 1)):
        part = text[number * LONGEST : (number + 1) * LONGEST]
        before = text.count("\n", 0, number * LONGEST)
        yield Wording(path, line + before, part, kind)


def _holds(line: str, stems: Sequence[str]) -> bool:
    low = line.lower()
    if line.isascii() and not any(s in low for s in stems):
        return False
    return not line.lstrip().startswith(_COMMENT)


def _at(view: RepoView, wording: Wording, line: int) -> Evidence:
    if wording.kind == "code":
        return place(view, wording.path, line)
    return view.quote(wording.path, line)
