"""Which template a project was made from, and what that template brought.

Invariant: where the record is missing, cannot be read, or is not the one that the first commit
holds, nothing is known to be the author's, so that breaking it gains nothing.
"""

import re
from dataclasses import dataclass

from scaffolder import manifest
from scaffolder.errors import UsageError
from scaffolder.manifest import LOCK, MANIFEST
from scaffolder.review.parse import Parsed
from scaffolder.review.view import RepoView

_STARTED = re.compile(r"Start .{1,300} from the [\w-]{1,60} template")


@dataclass(frozen=True)
class _Record:
    """The hashes that the template brought; `problem` says why there are none."""

    hashes: frozenset[str] | None = None
    problem: str = ""


def recorded(view: RepoView) -> bool:
    """Whether the project says which template it was made from: lock, manifest or first commit."""
    return view.has(LOCK) or bool(named_template(view)) or _started_from(view)


def named_template(view: RepoView) -> str:
    """The template version that scaffold.toml names; "" where it names none."""
    read = view.toml(MANIFEST) if view.has(MANIFEST) else None
    about = read.value.get("scaffold") if isinstance(read, Parsed) else None
    version = about.get("template_version") if isinstance(about, dict) else None
    return version if isinstance(version, str) else ""


def lock_problem(view: RepoView) -> str:
    """Why nothing tells the author's lines from the template's; "" where the lock does."""
    problem = view.once(_record).problem if recorded(view) else ""
    return problem and f"{LOCK} {problem}, so nothing tells the author's lines from the template's"


def known(view: RepoView) -> frozenset[str] | None:
    """Hashes of everything that the template brought; None where the lock cannot be believed."""
    return view.once(_record).hashes


def _started_from(view: RepoView) -> bool:
    history = view.history
    if not history.complete or not history.commits:
        return False
    return _STARTED.fullmatch(history.commits[-1].message.strip()[:500]) is not None


def _record(view: RepoView) -> _Record:
    if not view.has(LOCK):
        return _Record(problem="is missing")
    try:
        lock = manifest.read_lock(view.root)
    except UsageError:
        return _Record(problem="cannot be read")
    if not _is_that_of_the_start(view, lock):
        return _Record(problem="differs from the one of the first commit")
    found = frozenset(shingle for file in lock.files.values() for shingle in file.shingles)
    return _Record(found) if found else _Record(problem="cannot be read")


def _is_that_of_the_start(view: RepoView, lock: manifest.Lock) -> bool:
    """Compared as parsed: line ends and layout may change on the way through git."""
    first = view.git.first(LOCK)
    if first is None:
        return True
    try:
        before = manifest.parse_lock(first.decode("utf-8", "replace"), view.root / LOCK)
    except UsageError:
        return False
    return before == lock
