"""`scaffold answer` and `scaffold waive`: what a person says, written into `scaffold.toml`.

Invariant: every byte that is not the entry stays as it is; the new text is parsed before it is
written and must hold what the old one held and the entry, or nothing is written; one rename.
"""

import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from scaffolder.errors import CannotWrite, EnvironmentProblem, UsageError
from scaffolder.manifest import MANIFEST
from scaffolder.paths import absolute
from scaffolder.regularfile import read_regular
from scaffolder.review import attest, rubric, view
from scaffolder.review.model import Check
from scaffolder.review.parse import Refused, read_toml
from scaffolder.sanitise import clean
from scaffolder.skills import Question

Kind = Literal["answer", "waive"]

LONGEST_WAIVER = timedelta(days=366)
"""How far ahead a waiver may end: what is not mended in a year is a decision, not a delay."""

QUESTIONS = {
    "verdict": Question("verdict", "Does the claim hold?", "", ("yes", "partial", "no")),
    "justification": Question("justification", "Why? A sentence that a sceptic could check."),
    "link": Question("link", "What shows it? A file as path#L12, or an address (https://…)."),
}
"""What an answer needs, as it is asked for on a terminal."""

_BY_HAND = "Write it as a table that begins with its name in double brackets, or edit it by hand."
_LIMIT = 128 * 1024
_MAX_SPANS = 40


@dataclass(frozen=True)
class Recorded:
    """What stands in `path` now; `replaced` where an entry of the same check was there before."""

    path: Path
    check: Check
    entry: Mapping[str, str | date | list[str]]
    replaced: bool


def asked(check_id: str) -> Check:
    """The check that a person answers; UsageError says how any other is decided."""
    check = _check(check_id)
    why = why_not_answered(check)
    if why:
        raise UsageError(why, f"What it asks for: {check.fix}")
    return check


def why_not_answered(check: Check) -> str:
    """Why no person answers this check; "" where one does."""
    if check.ask and not check.probes and not check.run:
        return ""
    read = "it is read from the repository itself"
    how = f"{read} and from a run, which this version does not make" if check.run else read
    return f"{check.id} is not answered by a person: {how}"


def why_not_waived(check: Check) -> str:
    """Why this check cannot be waived; "" where it can."""
    return "" if check.waivable else f"{check.id} cannot be waived: no reason excuses it."


def check_answer(question: Question, value: str) -> str:
    """`value` if it may stand as that part of an answer, else UsageError."""
    text = _plain(question.name, value)
    if question.choices and text not in question.choices:
        raise UsageError(
            f"{question.name} cannot be {clean(text, 40)!r}.",
            f"Choose one of: {', '.join(question.choices)}.",
        )
    if question.name == "justification" and not attest.says_something(text):
        raise UsageError(
            "the justification says too little.",
            f"At least {attest.ENOUGH} characters and three different words, for a sceptic.",
        )
    return text


def answer(path: Path, check_id: str, verdict: str, justification: str, link: str) -> Recorded:
    """Records an answer; UsageError for a check that is not asked, a part missing, a dead link."""
    check = asked(check_id)
    parts = {"verdict": verdict, "justification": justification, "link": link}
    said = {name: check_answer(QUESTIONS[name], value) for name, value in parts.items()}
    root = _root(path)
    with view.opened(root) as seen:
        spoken = attest.spoken_of(seen, said["link"], check.own)
        commit = seen.history.head or ""
    if spoken is None or said["link"].removeprefix("./").startswith(MANIFEST):
        raise UsageError(
            f"{clean(said['link'], 80)} is no file that the review reads in {root}.",
            "Name a file as path or path#L12, or an address that begins with https://.",
        )
    entry: dict[str, str | date | list[str]] = {"id": check.id, **said, "date": date.today()}
    entry |= {"commit": commit, "speaks_of": spoken.sha256, "areas": list(spoken.areas)}
    return _record(root, "answer", check, entry)


def waive(path: Path, check_id: str, reason: str, until: date) -> Recorded:
    """Records a waiver; UsageError for no reason, a past or far day, a check that has none."""
    check = _check(check_id)
    why = why_not_waived(check)
    if why:
        raise UsageError(why, check.fix)
    text = _plain("reason", reason)
    if not attest.is_reason(text):
        raise UsageError(
            "the reason has no word in it.", "Say in a sentence why the item does not count."
        )
    if not date.today() <= until <= date.today() + LONGEST_WAIVER:
        raise UsageError(
            f"{until} is not within a year from today.",
            "Name the day by which it will be mended, as YYYY-MM-DD.",
        )
    return _record(_root(path), "waive", check, {"id": check.id, "reason": text, "until": until})


def day(text: str) -> date:
    """The day that `YYYY-MM-DD` names, else UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        said = f"{clean(text, 40)!r} is not a day" if text else "the last day is missing"
        raise UsageError(f"{said}.", "Give one: --until YYYY-MM-DD.") from error


def remove(path: Path, kind: Kind, check_id: str) -> Path:
    """Takes the entries of a check out again; UsageError where there is none."""
    check = _check(check_id)
    place = _root(path) / MANIFEST
    old = _text(place)
    if not any(_is_of(e, check.id) for e in _entries(_parsed(old, place), kind)):
        raise UsageError(f"{place} holds no [[{kind}]] for {check.id}.", "Nothing was changed.")
    _write(place, _without(old, kind, check.id, place))
    return place


def _record(root: Path, kind: Kind, check: Check, entry: Mapping[str, Any]) -> Recorded:
    place = root / MANIFEST
    old = _text(place)
    _parsed(old, place)
    rest = _without(old, kind, check.id, place)
    new = _appended(rest, _toml(kind, entry))
    before = _parsed(rest, place)
    wanted = {**before, kind: [*_entries(before, kind), entry]}
    read = read_toml(new)
    if isinstance(read, Refused) or _canonical(read.value) != _canonical(wanted):
        raise UsageError(f"{place} holds `{kind}` in a form that cannot be added to.", _BY_HAND)
    _write(place, new)
    return Recorded(place, check, entry, rest != old)


def _without(text: str, kind: Kind, check_id: str, place: Path) -> str:
    """The text without the entries of a check; the parsed rest shows that nothing else went."""
    table = _parsed(text, place)
    kept = [e for e in _entries(table, kind) if not _is_of(e, check_id)]
    if len(kept) == len(_entries(table, kind)):
        return text
    gone = next(n for n, e in enumerate(_entries(table, kind)) if _is_of(e, check_id))
    left = [e for n, e in enumerate(_entries(table, kind)) if n != gone]
    wanted = {k: v for k, v in table.items() if k != kind} | ({kind: left} if left else {})
    for shorter in _cuts(text, kind, check_id):
        read = read_toml(shorter)
        if not isinstance(read, Refused) and _canonical(read.value) == _canonical(wanted):
            return _without(shorter, kind, check_id, place)
    raise UsageError(f"{place} holds `{kind}` in a form that cannot be taken out.", _BY_HAND)


def _cuts(text: str, kind: Kind, check_id: str) -> Iterator[str]:
    """The text without what may be the entry: from its header to one of the next tables."""
    lines = text.splitlines(keepends=True)
    header = re.compile(rf"\s*\[\[\s*[\"']?{kind}[\"']?\s*\]\]")
    for start in (n for n, line in enumerate(lines) if header.match(line)):
        ends = [n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("[")]
        for end in [*ends, len(lines)][:_MAX_SPANS]:
            if check_id in "".join(lines[start:end]):
                yield "".join(_joined(lines, start, end))


def _joined(lines: list[str], start: int, end: int) -> list[str]:
    """What stands around an entry; comments at its end are of what follows, so they stay."""
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip()[0] == "#"):
        end -= 1
    before = lines[:start]
    if before and not before[-1].strip() and (end == len(lines) or not lines[end].strip()):
        before = before[:-1]
    return before + lines[end:]


def _appended(text: str, table: str) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text else line_end if text.endswith("\n") else line_end * 2
    return text + gap + table.replace("\n", line_end)


def _toml(kind: Kind, entry: Mapping[str, Any]) -> str:
    """The entry as a table; JSON's strings are TOML's, as `clean` leaves no control character."""
    values = {
        k: v if isinstance(v, date) else json.dumps(v, ensure_ascii=False) for k, v in entry.items()
    }
    return f"[[{kind}]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


def _canonical(value: object) -> str:
    """One text for equal values, whatever the order of their keys; NaN equals itself here."""
    try:
        return json.dumps(value, sort_keys=True, default=repr)
    except RecursionError as error:
        raise UsageError(
            f"{MANIFEST} is nested too deeply to be edited safely.", _BY_HAND
        ) from error


def _is_of(entry: object, check_id: str) -> bool:
    return isinstance(entry, dict) and entry.get("id") == check_id


def _entries(table: Mapping[str, Any], kind: Kind) -> list[Any]:
    found = table.get(kind, [])
    return found if isinstance(found, list) else []


def _parsed(text: str, place: Path) -> dict[str, Any]:
    read = read_toml(text)
    if isinstance(read, Refused):
        where = f" (line {read.line})" if read.line else ""
        raise UsageError(f"{place} is not valid TOML: it {read.reason}{where}", "Mend that first.")
    found: dict[str, Any] = read.value
    return found


def _check(check_id: str) -> Check:
    import difflib

    checks = {check.id: check for check in rubric.load().checks}
    wanted = check_id.strip().upper()
    if wanted in checks:
        return checks[wanted]
    near = difflib.get_close_matches(wanted, checks, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(
        f"there is no check {clean(check_id, 40)!r}.{meant}", "`scaffold review` lists them all."
    )


def _plain(name: str, value: str) -> str:
    text = value.strip()
    if not text:
        raise UsageError(f"{name} is missing.", f"Give one: --{name} TEXT.")
    if clean(text, attest.LONGEST) != text:
        raise UsageError(
            f"{name} is longer than {attest.LONGEST} characters or holds a control character.",
            "Give one line of plain text.",
        )
    return text


def _root(path: Path) -> Path:
    root = absolute(path)
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder.", "Name the folder of a project.")
    return root


def _text(place: Path) -> str:
    """The text of a manifest with its line ends as they are; "" where there is none yet."""
    try:
        return read_regular(place, _LIMIT).decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{place} is not UTF-8.", "Save it as UTF-8 first.") from error
    except OSError as error:
        if place.is_symlink():
            raise UsageError(f"{place} is a link.", "Put the file itself there.") from error
        raise EnvironmentProblem(f"{place} cannot be read: {error.strerror}") from error


def _write(place: Path, text: str) -> None:
    """Puts `text` in place of the file in one step; CannotWrite where that is not allowed."""
    content = text.encode()
    if len(content) > _LIMIT:
        raise UsageError(f"{place} would be larger than {_LIMIT // 1024} KB.", "Take entries out.")
    temporary = None
    try:
        mode = stat.S_IMODE(place.lstat().st_mode) if place.exists() else None
        if mode is not None and not mode & stat.S_IWUSR:
            raise CannotWrite(f"{place} is write-protected.", "Allow writing to it first.")
        handle, temporary = tempfile.mkstemp(prefix=f".{MANIFEST}-", dir=place.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644 if mode is None else mode)
        Path(temporary).replace(place)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()
        raise CannotWrite(f"{place} cannot be written: {error.strerror}") from error
