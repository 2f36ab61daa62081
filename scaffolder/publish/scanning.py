"""Looks at everything that a push of the frozen commit takes along.

Invariant: every object that the commit reaches is counted, and a secret, a file that no host takes
and personal data that nobody speaks of refuse; what could not be read refuses as well.
"""

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scaffolder.publish.model import Frozen, Refused, Scanned
from scaffolder.review import secrets
from scaffolder.review.areas import area
from scaffolder.review.cleanroom import MAX_CONTENT, Stored
from scaffolder.review.leaks import scanner
from scaffolder.review.mask import mask
from scaffolder.review.model import Evidence, Skipped, count, quote
from scaffolder.review.project import personal
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

LARGE = 50 * 1024**2
"""Bytes of a file above which GitHub warns (docs.github.com, "About large files on GitHub")."""

TOO_LARGE = 100 * 1024**2
"""Bytes of a file above which GitHub refuses the push (same page)."""

PATIENCE = 30.0
"""Seconds that the search for personal data may take; what is left after them refuses."""

_SHOWN = 5
_LFS = b"version https://git-lfs.github.com/spec/"
_POINTER = 1024
_LONGEST_LINE = 2000
_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_PROSE = (".md", ".txt", ".html", ".xml", ".yaml", ".yml")
_WHO = re.compile(rb"^(?:author|committer|tagger) [^\n<]*<([^\n>]{1,254})>", re.M)


@dataclass
class _Read:
    """What a walk over the contents found."""

    authors: set[str] = field(default_factory=set)
    pointers: list[str] = field(default_factory=list)
    persons: list[Evidence] = field(default_factory=list)
    left: int = 0


def scan(view: RepoView, frozen: Frozen, is_waived: bool, is_met: bool) -> Scanned:
    """What a push of `frozen` publishes; Refused where it must not be.

    Personal data is accepted where COM-15 is waived, or where it is met although the tree holds
    such data: then the data card gives the reason.
    """
    found = view.once(secrets.scan)
    _refuse_unread(view, found.unread)
    _refuse_secrets([f for f in found.findings if f.committed])
    _refuse_name(frozen.branch)
    reached = [o for o in view.git.objects() if o.reach == "head"]
    large = [o for o in reached if o.kind == "blob" and o.size > LARGE]
    _refuse_large([o for o in large if o.size > TOO_LARGE])
    read = _read(view, reached)
    _refuse_pointers(read.pointers)
    _refuse_unread(view, ())
    in_tree = set(view.files)
    explained = is_met and any(e.path in in_tree for e in read.persons)
    if not (is_waived or explained):
        _refuse_persons(read)
    return Scanned(
        frozen.sha,
        len(reached),
        sum(o.kind == "commit" for o in reached),
        sorted(read.authors),
        list(_warnings(large, reached)),
        tuple(read.persons),
    )


def _refuse_unread(view: RepoView, unread: Sequence[Skipped]) -> None:
    gaps = [*unread, *view.history.gaps]
    if gaps:
        named = "; ".join(f"{clean(mask(g.path), 80)}: {g.reason}" for g in gaps[:_SHOWN])
        raise Refused(
            f"not everything could be searched before it is published: {named}",
            "Make what is named readable, or clone the repository anew, and publish it again.",
        )


def _refuse_secrets(found: Sequence[secrets.Finding]) -> None:
    if not found:
        return
    named = [
        f"{clean(f.path, 120)}:{f.line} {f.rule} ({f.short}"
        + (f", commit {f.commit[:12]})" if f.commit else ")")
        for f in found[:_SHOWN]
    ]
    groups = len({f.group for f in found})
    raise Refused(
        f"COM-18: {count(groups, 'secret')} would be published: {'; '.join(named)}",
        "Revoke it first: a key that was committed is known. Then take it out of the history, "
        "for example with git filter-repo --replace-text, and publish again.",
    )


def _refuse_name(branch: str) -> None:
    if next(iter(scanner.hits(branch.encode("utf-8", "surrogateescape"), "")), None):
        raise Refused(
            f"COM-18: the name of the branch holds a secret: {clean(mask(branch), 80)}",
            "Revoke it, and rename the branch: git branch -m main",
        )


def _refuse_large(found: Sequence[Stored]) -> None:
    if found:
        named = ", ".join(_sized(o) for o in found[:_SHOWN])
        raise Refused(
            f"GitHub refuses files of more than {TOO_LARGE // 1024**2} MB, and the history has "
            f"{named}",
            "Take it out of the history: git filter-repo --strip-blobs-bigger-than 100M. "
            "Say in the data card where it can be downloaded.",
        )


def _refuse_pointers(paths: Sequence[str]) -> None:
    if paths:
        named = ", ".join(clean(mask(p), 80) for p in paths[:_SHOWN])
        raise Refused(
            f"{count(len(paths), 'file')} of the history "
            f"{'is' if len(paths) == 1 else 'are'} kept in Git LFS, and what they point to would "
            f"not be pushed: {named}",
            "Push by hand, the files with it: git lfs push --all REMOTE. Or bring them back into "
            "git: git lfs migrate export --include='*' --everything.",
        )


def _refuse_persons(read: _Read) -> None:
    if read.left:
        raise Refused(
            f"{count(read.left, 'object')} could not be searched for personal data in time",
            "Take data that is not needed out of the history, or waive COM-15 with the reason.",
        )
    if read.persons:
        named = "; ".join(f"{e.path}:{e.line} {e.text}" for e in read.persons[:_SHOWN])
        raise Refused(
            f"COM-15: the data that would be published seems to hold personal data: {named}",
            "Take it out of the history, say in the data card why it may stay, or: "
            "scaffold waive PATH COM-15 --reason ...",
        )


def _warnings(large: Sequence[Stored], reached: Sequence[Stored]) -> Iterator[str]:
    for one in large:
        yield f"{_sized(one)} is large: GitHub warns above {LARGE // 1024**2} MB"
    unread = [o for o in reached if o.kind != "tree" and o.size > MAX_CONTENT]
    if unread:
        named = ", ".join(_sized(o) for o in unread[:_SHOWN])
        yield f"not searched for secrets in whole, being large: {named}"


def _sized(one: Stored) -> str:
    return f"{clean(mask(one.path or one.id[:12]), 120)} ({one.size / 1024**2:.0f} MB)"


def _read(view: RepoView, reached: Sequence[Stored]) -> _Read:
    read, until = _Read(), time.monotonic() + PATIENCE
    wanted = {o.id: o for o in reached if _is_looked_at(view, o)}
    left = dict.fromkeys(wanted)
    for name, raw in view.git.contents(wanted):
        if time.monotonic() > until:
            break
        left.pop(name)
        _look(view, wanted[name], raw, read)
    read.left = len(left)
    return read


def _is_looked_at(view: RepoView, one: Stored) -> bool:
    if one.kind in ("commit", "tag"):
        return True
    small = one.kind == "blob" and one.size <= MAX_CONTENT
    return small and (one.size <= _POINTER or _is_data(view, one.path))


def _is_data(view: RepoView, path: str) -> bool:
    """Tables wherever they are; prose where the project keeps data."""
    ending = os.path.splitext(path)[1].lower()  # noqa: PTH122 - no path of this machine
    return ending in _TABLES or (ending in _PROSE and area(view, path) in {"data", "evals"})


def _look(view: RepoView, one: Stored, raw: bytes, read: _Read) -> None:
    if one.kind != "blob":
        read.authors.update(_addresses(raw))
    elif raw.startswith(_LFS):
        read.pointers.append(one.path)
    elif _is_data(view, one.path) and b"\0" not in raw[:8000]:
        read.persons += _persons(one.path, raw.decode("utf-8", "replace"))


def _persons(path: str, text: str) -> Iterator[Evidence]:
    """The first line of each kind."""
    kinds: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for kind in personal.found(line[:_LONGEST_LINE]):
            kinds.setdefault(kind, number)
    yield from (quote(path, number, f"looks like {kind}") for kind, number in kinds.items())


def _addresses(raw: bytes) -> Iterator[str]:
    header = raw.partition(b"\n\n")[0]
    yield from (clean(m.decode("utf-8", "replace"), 254) for m in _WHO.findall(header))


def waived_or_met(statuses: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether COM-15 is waived, and whether it is met."""
    return statuses.get("COM-15") == "waived", statuses.get("COM-15") == "pass"
