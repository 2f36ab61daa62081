"""Secrets: in the tree, in the history, and under other references.

Invariant: "No secret" is said of what was read; whether that is everything is a question of its
own, without whose yes nobody passes.
"""

from collections.abc import Sequence

from scaffolder.review import secrets
from scaffolder.review.git.gitindex import UNLISTED
from scaffolder.review.leaks.gittree import ABSENT
from scaffolder.review.mask import mask
from scaffolder.review.model import (
    Evidence,
    Reading,
    Skipped,
    count,
    no,
    partial,
    quote,
    unknown,
    yes,
)
from scaffolder.review.secrets import Finding, SecretScan
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_SHOWN = 5
_NAMED = 3


def no_secret_at_head(view: RepoView) -> Reading:
    """A service's key in the tree is no, a default password or signing key partial."""
    scan = view.once(secrets.scan)
    return _answer(
        scan, [f for f in scan.findings if f.where == "tree"], "the files, committed or not", view
    )


def no_secret_in_history(view: RepoView) -> Reading:
    """The same of everything that HEAD reaches."""
    scan = view.once(secrets.scan)
    if view.history.head is None:
        return _no_history("history that HEAD reaches")
    found = [f for f in scan.findings if f.committed and f.where in ("tree", "history")]
    return _answer(scan, found, "the history that HEAD reaches", view)


def no_secret_under_other_refs(view: RepoView) -> Reading:
    """The same of other branches, tags, notes and the stash: a push may take them along."""
    scan = view.once(secrets.scan)
    if view.history.head is None and not view.history.refs:
        return _no_history("other branches, tags and notes")
    found = [f for f in scan.findings if f.where == "ref"]
    return _answer(scan, found, "other branches, tags, notes and the stash", view)


def everything_was_read(view: RepoView) -> Reading:
    """Yes where there was something to read and none of it was missing; else it is unknown.

    What is too large to be read is listed, and does not change the answer.
    """
    scan = view.once(secrets.scan)
    missing, unread = view.history.gaps, _unread(scan, view)
    if missing or unread:
        reason = f"Not everything could be searched for secrets: {_named([*unread, *missing])}."
        return unknown(reason, _remedy(missing, unread))
    if not scan.bytes:
        return unknown(
            "There was nothing to search for secrets: no file here or in the history has content.",
            "Review it again once there is something in it.",
        )
    but = " but what is listed as left out" if scan.skipped else ""
    reason = f"All that a push would take along was there and was read{but}."
    return yes(reason, *_what_was_read(scan, view))


def _unread(scan: SecretScan, view: RepoView) -> list[Skipped]:
    return [*scan.unread, *(s for s in view.history.skipped if s.reason == UNLISTED)]


def _named(gaps: Sequence[Skipped]) -> str:
    told = [": ".join(filter(None, (clean(mask(s.path), 80), s.reason))) for s in gaps[:_NAMED]]
    left = len(gaps) - _NAMED
    return "; ".join(told) + (f"; and {left} more, which are listed" if left > 0 else "")


def _remedy(missing: Sequence[Skipped], unread: Sequence[Skipped]) -> str:
    """What brings here what was not."""
    shallow = any(s.path == ".git/shallow" for s in missing)
    absent = [s for s in unread if s.reason == ABSENT]
    steps = []
    if shallow:
        steps.append("Run git fetch --unshallow.")
    if absent or len(missing) > shallow:
        steps.append("Run git fetch --refetch for what is missing, or clone it anew and in full.")
    if len(unread) > len(absent):
        steps.append(
            "Make what is named readable; where time was short, try again: what was read is "
            "remembered."
        )
    return " ".join([*steps, "Then review it again."])


def _what_was_read(scan: SecretScan, view: RepoView) -> list[Evidence]:
    left = len(scan.skipped) + len(view.history.skipped)
    rest = f"{left} left out (listed)" if left else "none left out"
    commits = count(scan.commits, "commit")
    objects = f"read: {count(scan.objects, 'object')}, {commits} among them; {rest}"
    files = f"read: {count(scan.files, 'file')} of the working tree"
    told = [quote(".git", None, objects)] if scan.objects else []
    return [*told, *([quote(".", None, files)] if scan.files else [])]


def _no_history(where: str) -> Reading:
    return unknown(
        f"There is no git history, so no {where} could be searched for secrets.",
        "Review it again once it is in git, before it is pushed.",
    )


def _answer(scan: SecretScan, found: list[Finding], where: str, view: RepoView) -> Reading:
    service = [f for f in found if f.kind == "service"]
    shown = service or found
    told = f"{_many(shown)} found in {where}. {_read(scan, view)}{_lost(scan)}"
    evidence = [_evidence(f) for f in shown[:_SHOWN]]
    if service:
        return no(f"{told} Revoke what is listed first: removing it does not help.", *evidence)
    if found:
        return partial(f"{told} It is a default or a key of the project itself.", *evidence)
    reason = f"No secret was found in {where}.{_caveat(scan, view)}{_lost(scan)}"
    return yes(reason, *_what_was_read(scan, view))


def _many(found: list[Finding]) -> str:
    groups = len({f.group for f in found})
    places = len(found)
    what = "secret was" if groups == 1 else "secrets were"
    return f"{groups} {what}" if places == groups else f"{groups} {what}, in {places} places,"


def _read(scan: SecretScan, view: RepoView) -> str:
    objects = count(scan.objects, "git object")
    return f"Examined: {objects} and {count(scan.files, 'file')}.{_caveat(scan, view)}"


def _caveat(scan: SecretScan, view: RepoView) -> str:
    if view.history.gaps:
        return " The history is not complete, so this holds for what was read."
    return " Not all could be read, so this holds for what was." if _unread(scan, view) else ""


def _lost(scan: SecretScan) -> str:
    lost = len({f.group for f in scan.findings if f.where == "none"})
    if not lost:
        return ""
    what = "1 more secret lies" if lost == 1 else f"{lost} more secrets lie"
    return f" {what} in objects that no branch or tag reaches: a push leaves them here."


def _evidence(found: Finding) -> Evidence:
    since = f", commit {found.commit[:12]}" if found.commit else ""
    return quote(found.path, found.line, f"{found.rule}: {found.short}{since}")
