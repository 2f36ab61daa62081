"""A report as SARIF 2.1.0, as GitHub code scanning takes it.

Invariant: every address is relative, percent-encoded and below the repository; every result has a
place, since one without would have the whole file refused.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import quote

from scaffolder.review.model import Check, Evidence, Item, Report, Status
from scaffolder.review.render import running, wording
from scaffolder.review.render.wording import line

MAX_RESULTS = 5000
"""Results that GitHub keeps of one run (docs.github.com, SARIF support for code scanning)."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
NOWHERE = "no-file-for-this-finding"
"""The address of a finding that is about the whole repository."""

IsFile = Callable[[str], bool]

_NOTICE = "notice"
_LEVELS = {"must": "error", "should": "warning", "stretch": "note"}


def render(report: Report, below: str = "", is_file: IsFile = bool) -> str:
    """The report; `below` is where the folder reviewed lies in its repository, "" for the root.

    `is_file` says of a path of the report whether a file is there: what git holds has none.
    """
    place = partial(_location, below=below, is_file=is_file)
    found = [_result(f, place(f.evidence)) for f in chain(_findings(report), _notices(report))]
    run = {
        "tool": {"driver": _driver(report)},
        "automationDetails": {"id": f"scaffold-review/{quote(below)}"},
        "invocations": [_invocation(report, len(found))],
        "columnKind": "unicodeCodePoints",
        "results": found[:MAX_RESULTS],
        "properties": {
            "level": None if report.only else line(report.level),
            "weakestDimension": None if report.only else line(report.weakest_dimension),
            "gateReady": report.ready,
            "blockers": list(report.blockers),
            "mends": [f"{m.id} ({wording.minutes(m.effort)}): {line(m.fix)}" for m in report.mends],
        },
    }
    whole = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def _driver(report: Report) -> dict[str, Any]:
    checks = {i.check.id: i.check for i in report.items}
    rules = [_rule(check) for _, check in sorted(checks.items())]
    return {
        "name": "scaffold review",
        "version": line(report.tool_version),
        "rules": [*rules, _notice_rule()],
    }


def _rule(check: Check) -> dict[str, Any]:
    claim, why, fix = line(check.claim), line(check.why), line(check.fix)
    help_text = f"{why}\n\nWhat to do ({wording.minutes(check.effort)}): {fix}"
    return {
        "id": check.id,
        "shortDescription": {"text": claim},
        "fullDescription": {"text": why},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": _LEVELS[check.weight]},
        "properties": {"tags": [check.section, check.dimension, check.weight]},
    }


def _notice_rule() -> dict[str, Any]:
    return {
        "id": _NOTICE,
        "shortDescription": {"text": wording.NOTICES},
        "help": {"text": "A line or a setting meant for whoever or whatever reads the repository."},
        "defaultConfiguration": {"level": "note"},
    }


@dataclass(frozen=True)
class _Finding:
    """One result to be; `kind` is "" for a finding, `excuse` says why it does not count."""

    rule: str
    level: str
    message: str
    evidence: Evidence | None
    kind: str = ""
    excuse: str = ""


def _findings(report: Report) -> Iterator[_Finding]:
    """What is open at each of its places, what shuts the gate first; what people said, after it."""
    for item in wording.ordered(report.items, report.blockers):
        for evidence in item.evidence or (None,):
            about = (item.check.id, _message(item), evidence)
            if wording.is_open(item):
                yield _Finding(about[0], _level(item), *about[1:])
            elif item.status is Status.WAIVED:
                yield _Finding(about[0], "note", *about[1:], excuse=line(item.reason))
            elif wording.is_answered(item):
                yield _Finding(about[0], "none", *about[1:], kind="informational")


def _notices(report: Report) -> Iterator[_Finding]:
    for evidence in report.examined.notices:
        said = f"{wording.NOTICES}: {line(evidence.text)}"
        yield _Finding(_NOTICE, "note", said, evidence)


def _level(item: Item) -> str:
    lower = {"error": "warning", "warning": "note", "note": "note"}
    level = _LEVELS[item.check.weight]
    return lower[level] if item.status == "partial" else level


def _message(item: Item) -> str:
    label, remedy = wording.remedy(item)
    said = f"{line(item.check.claim)} {wording.verdict(item).capitalize()}: {line(item.reason)}"
    more = [f"{label}: {remedy}" if remedy else "", *(f"({a})" for a in running.advice(item))]
    return " ".join(filter(None, [said, *more]))


def _result(found: _Finding, location: dict[str, Any]) -> dict[str, Any]:
    """`suppressions` is in every result or in none (SARIF 2.1.0, 3.27.23), so it may be empty."""
    message, evidence = found.message, found.evidence
    if evidence is not None and evidence.ran is not None:
        message = f"{message} We {wording.place(evidence)}: {line(evidence.text)}"
    elif evidence is not None and location["artifactLocation"]["uri"] == NOWHERE:
        message = f"{message} Seen in {wording.place(evidence)}: {line(evidence.text)}"
    excuse = [{"kind": "external", "justification": found.excuse}] if found.excuse else []
    return {
        "ruleId": found.rule,
        **({"kind": found.kind} if found.kind else {}),
        "level": found.level,
        "message": {"text": message},
        "locations": [{"physicalLocation": location}],
        "suppressions": excuse,
        "partialFingerprints": {"scaffoldReview/v1": _fingerprint(found.rule, evidence)},
    }


def _location(evidence: Evidence | None, below: str, is_file: IsFile) -> dict[str, Any]:
    address = _address(evidence, below, is_file)
    location: dict[str, Any] = {"artifactLocation": {"uri": address, "uriBaseId": "%SRCROOT%"}}
    location["region"] = {"startLine": 1}
    if evidence is None or address == NOWHERE:
        return location
    if evidence.line is not None and evidence.line > 0:
        location["region"]["startLine"] = evidence.line
        if evidence.end_line is not None and evidence.end_line >= evidence.line:
            location["region"]["endLine"] = evidence.end_line
        if evidence.text:
            location["region"]["snippet"] = {"text": line(evidence.text)}
    return location


def _address(evidence: Evidence | None, below: str, is_file: IsFile) -> str:
    """The percent-encoded path from the root of the repository; NOWHERE for what is no file."""
    path = evidence.path if evidence is not None else ""
    parts = [p for p in path.split("/") if p not in ("", ".")]
    if not parts or path.startswith("/") or {"..", ".git"} & set(parts) or not is_file(path):
        return NOWHERE
    whole = "/".join(filter(None, (below, *parts)))
    return quote(whole.encode("utf-8", "surrogateescape" if _escaped(whole) else "surrogatepass"))


def _escaped(path: str) -> bool:
    return all(0xDC80 <= ord(c) <= 0xDCFF for c in path if 0xD800 <= ord(c) <= 0xDFFF)


def _fingerprint(rule: str, evidence: Evidence | None) -> str:
    """The same finding a few lines further down is the same finding."""
    what = (rule, _where(evidence), evidence.text) if evidence else (rule,)
    return hashlib.sha256("\0".join(what).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _where(evidence: Evidence) -> str:
    return evidence.ran.command if evidence.ran else evidence.path


def _invocation(report: Report, found: int) -> dict[str, Any]:
    told = [wording.read(report), wording.unread(report), wording.narrowed(report)]
    told += [f"A run: {running.said(report)}." if running.said(report) else ""]
    if found > MAX_RESULTS:
        told.append(f"{found - MAX_RESULTS} of {found} results are left out: {MAX_RESULTS} fit.")
    skipped = report.examined.skipped[:MAX_RESULTS]
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [
            *_notes("note", list(filter(None, told))),
            *_notes("warning", [f"{line(s.path)}: {line(s.reason)}" for s in skipped]),
        ],
    }


def _notes(level: str, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    return ({"level": level, "message": {"text": text}} for text in texts)
