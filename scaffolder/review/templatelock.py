"""Which template a project was made from, and what that template brought.

Invariant: where the record is missing, cannot be read, or is not the one that the first commit
holds, nothing is known to be the author's, so that breaking it gains nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scaffolder import manifest
from scaffolder.errors import UsageError
from scaffolder.manifest import LOCK, MANIFEST
from scaffolder.paths import templates_dir
from scaffolder.review.parse import Parsed, read_json
from scaffolder.review.view import RepoView

_WORD = re.compile(r"\w+")
_LONGEST = 2000
_MOST_FILES = 20
_ASKED = ("question", "input", "request", "task", "text", "message")
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


def sample_questions(view: RepoView) -> frozenset[str]:
    """What the sample rows of the template ask, as `asks` has it; for rows that the lock records.

    The lock holds hashes: their rows are those of the template that is installed here, or of the
    first commit. Where neither has them nothing is known of their words.
    """
    return view.once(_sample_questions)


def asked(row: Mapping[str, object]) -> str:
    """What a golden row asks: its question, or the text, the longest of a table, of its input."""
    for value in (row.get(key) for key in _ASKED):
        texts = value.values() if isinstance(value, dict) else (value,)
        if said := max((t for t in texts if isinstance(t, str) and t.strip()), key=len, default=""):
            return said
    return ""


def asks(question: object) -> str:
    """The words of a question without case and signs; "" for what is no text."""
    text = question[:_LONGEST] if isinstance(question, str) else ""
    return " ".join(_WORD.findall(text.casefold()))


def _sample_questions(view: RepoView) -> frozenset[str]:
    hashes = known(view)
    if hashes is None:
        return frozenset()
    lines = [line for line in _installed() if manifest.row_hash(line) in hashes]
    lines = lines or [line for line in _of_the_start(view) if manifest.row_hash(line) in hashes]
    rows = (read.value for line in lines if isinstance(read := read_json(line), Parsed))
    words = (asks(asked(row)) for row in rows if isinstance(row, dict))
    return frozenset(words) - {""}


def _installed() -> Iterator[str]:
    """The lines of the sample questions of each template that is installed with this program."""
    for path in sorted(templates_dir().glob("*/template/evals/*.jsonl")):
        yield from path.read_text("utf-8").splitlines()


def _of_the_start(view: RepoView) -> Iterator[str]:
    lock = manifest.read_lock(view.root)
    for name in [n for n in sorted(lock.files) if n.endswith(".jsonl")][:_MOST_FILES]:
        yield from (view.git.first(name) or b"").decode("utf-8", "replace").splitlines()


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
