"""What people say of a project in its `scaffold.toml`: waivers, and answers to asked items.

Invariant: without a reason nothing counts; a waiver ends on its day, an answer goes stale when what
it speaks of changes: the linked file, or for an address every file of the areas that it names.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from scaffolder.manifest import MANIFEST
from scaffolder.review.areas import AREAS, area, manifest
from scaffolder.review.model import Answer, Evidence, quote
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

ENOUGH = 20
"""Characters of a justification below which it says nothing that could be checked."""

LONGEST = 1_000
"""Characters of a reason or justification."""

MAX_LINKED = 16 * 1024 * 1024
"""Bytes of a linked file that its hash is taken over."""

_HEADER = re.compile(r"\s*\[\[\s*[\"']?(\w+)[\"']?\s*\]\]")
_WORD = re.compile(r"[^\W\d_]{2,40}")
_LINE = re.compile(r"L?(\d{1,6})")
_VERDICTS = {v.value: v for v in (Answer.YES, Answer.PARTIAL, Answer.NO)}


@dataclass(frozen=True)
class Waiver:
    """Why an item does not count, and the last day on which it does not."""

    reason: str
    until: date
    evidence: Evidence


@dataclass(frozen=True)
class Said:
    """What a person decided; `stale` says what has changed since, "" where nothing has."""

    verdict: Answer
    justification: str
    link: str
    on: date
    commit: str
    evidence: Evidence
    stale: str = ""


@dataclass(frozen=True)
class Attested:
    """Waivers and answers that are well formed, by check; `problems` are those that are not."""

    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    answers: Mapping[str, Said] = field(default_factory=dict)
    problems: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """What an answer speaks of: a hash over it, and the areas where it links to an address."""

    sha256: str
    areas: Sequence[str]


class _Malformed(ValueError):
    """Why an entry does not count."""


def attested(view: RepoView) -> Attested:
    """What the project's manifest holds of both."""
    return view.once(_read)


def says_something(text: str) -> bool:
    """Whether a justification has words enough: 20 characters, and three different words.

    A text without spaces between its words (Chinese, Japanese) needs ten different letters instead.
    """
    words = {word.lower() for word in _WORD.findall(text[:LONGEST])}
    letters = {letter for word in words for letter in word}
    return len(text.strip()) >= ENOUGH and (len(words) >= 3 or len(letters) >= 10)


def is_reason(text: str) -> bool:
    """Whether the reason of a waiver has a word in it."""
    return _WORD.search(text[:LONGEST]) is not None


def is_address(link: str) -> bool:
    """Whether a link leads out of the repository."""
    return link.startswith(("https://", "http://"))


def linked_file(view: RepoView, link: str) -> str | None:
    """The examined file that a link `path` or `path#L12` names; None where there is none."""
    path = link.partition("#")[0].removeprefix("./")
    return path if view.has(path) else None


def spoken_of(view: RepoView, link: str, areas: Sequence[str]) -> Spoken | None:
    """What an answer with this link speaks of now; None where the linked file is not there."""
    if is_address(link):
        wanted = [a for a in AREAS if a in areas] or list(AREAS)
        files = [f for f in view.files if area(view, f) in wanted]
        return Spoken(_digest(view, files), wanted)
    path = linked_file(view, link)
    return Spoken(_digest(view, [path]), []) if path else None


def _digest(view: RepoView, paths: Iterable[str]) -> str:
    """sha256 over path and content of each file, whatever its line ends."""
    whole = hashlib.sha256()
    for path in paths:
        content = view.raw(path, MAX_LINKED).replace(b"\r\n", b"\n")
        whole.update(path.encode("utf-8", "surrogateescape") + b"\0")
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()


def _read(view: RepoView) -> Attested:
    table = manifest(view)
    waivers, waiver_problems = _entries(view, table, "waive", _waiver)
    answers, answer_problems = _entries(view, table, "answer", _said)
    return Attested(waivers, answers, (*waiver_problems, *answer_problems))


def _entries(
    view: RepoView,
    table: Mapping[str, Any],
    key: str,
    make: Callable[[RepoView, Mapping[str, Any], Evidence], Any],
) -> tuple[dict[str, Any], list[Evidence]]:
    """The well formed entries of `[[key]]` by id, the last of each; what is wrong with others."""
    raw = table.get(key, [])
    if not isinstance(raw, list):
        return {}, [quote(MANIFEST, None, f"{key} is not written as [[{key}]] tables")]
    lines = list(_headers(view, key))
    found: dict[str, Any] = {}
    problems = []
    for number, entry in enumerate(raw):
        line = lines[number] if len(lines) == len(raw) else None
        try:
            check_id = _text(entry, "id")
            made = make(view, entry, quote(MANIFEST, line, f"[[{key}]] {check_id}"))
            if check_id in found:
                problems.append(_problem(key, check_id, "is there twice; the last counts", line))
            found[check_id] = made
        except _Malformed as error:
            problems.append(_problem(key, _id(entry), str(error), line))
    return found, problems


def _headers(view: RepoView, key: str) -> Iterator[int]:
    for number, line in enumerate(view.lines(MANIFEST), 1):
        match = _HEADER.match(line)
        if match and match[1] == key:
            yield number


def _problem(key: str, check_id: str, what: str, line: int | None) -> Evidence:
    return quote(MANIFEST, line, f"[[{key}]] {check_id} {what}.")


def _id(entry: object) -> str:
    found = entry.get("id") if isinstance(entry, dict) else None
    return clean(found, 40) if isinstance(found, str) else "without an id"


def _waiver(_: RepoView, entry: Mapping[str, Any], evidence: Evidence) -> Waiver:
    reason = _text(entry, "reason")
    if not is_reason(reason):
        raise _Malformed("does not count: its reason has no word in it")
    return Waiver(reason, _day(entry, "until"), evidence)


def _said(view: RepoView, entry: Mapping[str, Any], evidence: Evidence) -> Said:
    verdict = _VERDICTS.get(_text(entry, "verdict"))
    if verdict is None:
        raise _Malformed("does not count: its verdict is none of yes, partial, no")
    justification = _text(entry, "justification")
    if not says_something(justification):
        raise _Malformed("does not count: its justification says too little")
    link = _text(entry, "link")
    commit = entry.get("commit")
    return Said(
        verdict=verdict,
        justification=justification,
        link=link,
        on=_day(entry, "date"),
        commit=clean(commit, 64) if isinstance(commit, str) else "",
        evidence=_place(view, link) or evidence,
        stale=_stale(view, link, entry),
    )


def _place(view: RepoView, link: str) -> Evidence | None:
    """The line that a link names, where it names a file of the repository."""
    path = None if is_address(link) else linked_file(view, link)
    line = _LINE.match(link.partition("#")[2])
    return view.quote(path, int(line[1]) if line else 1) if path else None


def _stale(view: RepoView, link: str, entry: Mapping[str, Any]) -> str:
    listed = entry.get("areas")
    areas = [str(a) for a in listed] if isinstance(listed, list) else []
    now = spoken_of(view, link, areas)
    shown = clean(link.partition("#")[0], 80)
    if now is None:
        return f"{shown} has gone"
    if now.sha256 == entry.get("speaks_of"):
        return ""
    return f"{' or '.join(now.areas)} has changed" if now.areas else f"{shown} has changed"


def _text(entry: object, key: str) -> str:
    found = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(found, str) or not found.strip():
        raise _Malformed(f"does not count: it has no {key}")
    return clean(found.strip(), LONGEST)


def _day(entry: Mapping[str, Any], key: str) -> date:
    found = entry.get(key)
    if isinstance(found, datetime):
        return found.date()
    if isinstance(found, date):
        return found
    try:
        return date.fromisoformat(found if isinstance(found, str) else "")
    except ValueError as error:
        raise _Malformed(f"does not count: its {key} is no day such as 2026-12-31") from error
