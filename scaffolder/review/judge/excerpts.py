"""What of a repository a question shows: lines of a few named files, and nothing else of it.

Invariant: no line is of a file that git does not track, that the secret scan flags or did not read,
whose name begins with a dot, or that is too large; keys are cut off and control characters shown.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from scaffolder.review import instructions, secrets
from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.judge.questions import Question, Source
from scaffolder.review.mask import mask
from scaffolder.review.model import Skipped
from scaffolder.review.readme import frontpage
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

MAX_FILE = 1024 * 1024
"""Bytes of a file of which anything is sent: it is read as a whole, and so was it scanned."""

MAX_LINE = 600
"""Characters of a line that are sent."""

MAX_CHARACTERS = 24_000
"""Characters of all excerpts of one question: some 6,000 tokens."""

Line = tuple[int, str]


@dataclass(frozen=True)
class Excerpt:
    """Lines of one file as they are sent, each with its number from 1."""

    path: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Gathered:
    """What one question is shown. `left_out` are files that are not sent, with the reason.

    `spoken` counts the lines held back because they tell a reviewer what to find.
    """

    question: Question
    excerpts: tuple[Excerpt, ...]
    left_out: tuple[Skipped, ...]
    spoken: int = 0


@dataclass(frozen=True)
class _Blocked:
    """What may not be sent: flagged and unread paths, names and lines that speak to a reviewer.

    `contents` are digests of flagged files, whose copies need not be flagged; `late` is whether
    files that nobody can name were not scanned.
    """

    flagged: frozenset[str]
    contents: frozenset[bytes]
    unread: frozenset[str]
    late: bool
    names: frozenset[str]
    spoken: frozenset[tuple[str, int]]


def gather(view: RepoView, question: Question) -> Gathered:
    """The excerpts of a question, in the order of its sources; empty where there is nothing."""
    wanted: dict[str, set[int]] = {}
    left_out: dict[str, str] = {}
    for path, lines in (place for source in question.reads for place in _places(view, source)):
        reason = refusal(view, path)
        if reason:
            left_out[path] = reason
        else:
            wanted.setdefault(path, set()).update(lines)
    spoken = view.once(_blocked).spoken
    held = sum((mask(p), n) in spoken for p, lines in wanted.items() for n in lines)
    told = tuple(Skipped(clean(mask(p), 200), why) for p, why in left_out.items())
    return Gathered(question, tuple(_bounded(view, wanted)), told, held)


def refusal(view: RepoView, path: str) -> str:
    """Why nothing of a file is sent; "" where it may be."""
    blocked = view.once(_blocked)
    named = mask(path)
    refusals = (
        (not view.history.available, "there is no git that says what is private"),
        (path not in view.history.tracked, "git does not track it"),
        (any(part.startswith(".") for part in path.split("/")), "its name begins with a dot"),
        (clean(named, 300) != path, "its name cannot be sent as it is"),
        (named in blocked.names, "its name tells a reviewer what to find"),
        (named in blocked.flagged, "something in it looks like a secret"),
        (blocked.late or named in blocked.unread, "it was not scanned for secrets"),
        (view.size(path) > MAX_FILE, f"it is larger than {MAX_FILE // 1024:,} KB"),
        (_digest(view, path) in blocked.contents, "it is a copy of a file with a secret"),
    )
    return next((why for holds, why in refusals if holds), "")


def _blocked(view: RepoView) -> _Blocked:
    scanned = view.once(secrets.scan)
    paths = [found.path for found in scanned.findings]
    flagged = frozenset((*paths, *(path.partition("!")[0] for path in paths)))
    unread = frozenset(skipped.path for skipped in (*scanned.unread, *scanned.skipped))
    late = not {"", "."}.isdisjoint(skipped.path for skipped in scanned.unread)
    contents = frozenset(_digest(view, path) for path in flagged if view.has(path))
    spoken = frozenset(
        (told.path, line)
        for told in instructions.attempts(view)
        if told.line
        for line in range(told.line, (told.end_line or told.line) + 1)
    )
    names = frozenset(told.path for told in instructions.attempts(view) if not told.line)
    return _Blocked(flagged, contents, unread, late, names, spoken)


def _digest(view: RepoView, path: str) -> bytes:
    return hashlib.sha256(view.raw(path, MAX_FILE)).digest()


def _places(view: RepoView, source: Source) -> Iterator[tuple[str, Sequence[int]]]:
    """Files that a source names, with the numbers of the lines that are wanted."""
    if source.readme or source.section:
        yield from _in_readme(view, source)
    for path in islice(_named(view, source), source.files):
        yield path, range(1, source.lines + 1)


def _in_readme(view: RepoView, source: Source) -> Iterator[tuple[str, Sequence[int]]]:
    page = frontpage.front(view)
    if page is None:
        return
    shown = page.document.shown
    if source.readme:
        first = range(1, min(source.readme, len(shown)) + 1)
        yield page.path, [n for n in first if source.code or shown[n - 1].strip()]
    if source.section:
        for part in page.document.sections(re.compile(source.section, re.I)):
            top = part.heading.line
            yield page.path, range(top, min(part.end, top + source.lines))


def _named(view: RepoView, source: Source) -> Iterator[str]:
    """The file or the files below the folder that the manifest names, then those found by name."""
    place = manifest_paths(view).get(source.path, "") if source.path else ""
    below_it = [p for p in view.files if below(p, place)]
    found = view.find(*source.patterns) if source.patterns and not below_it else []
    yield from dict.fromkeys((*below_it, *found))


def _bounded(view: RepoView, wanted: dict[str, set[int]]) -> Iterator[Excerpt]:
    """The excerpts, none beyond its share of what a question may send."""
    share = MAX_CHARACTERS // max(len(wanted), 1)
    for path, numbers in wanted.items():
        lines = tuple(_within(_lines(view, path, sorted(numbers)), share))
        if lines:
            yield Excerpt(path, lines)


def _within(lines: Iterator[Line], characters: int) -> Iterator[Line]:
    for number, text in lines:
        characters -= len(text) + 10
        if characters < 0:
            return
        yield number, text


def _lines(view: RepoView, path: str, numbers: Sequence[int]) -> Iterator[Line]:
    spoken, named = view.once(_blocked).spoken, mask(path)
    there = view.lines(path)
    for number in numbers:
        text = mask(there[number - 1])[:MAX_LINE] if number <= len(there) else ""
        if text.strip() and (named, number) not in spoken:
            yield number, clean(text, 2 * MAX_LINE)
