"""The commits that touch a folder, parsed from their own bytes.

Invariant: a commit is read as it is stored, whatever grafts or replacements the repository has.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from scaffolder.review.git.gitobjects import contents
from scaffolder.review.git.gitrun import Git, running

MAX_COMMITS = 5000
"""The newest commits of a folder that are read."""

MAX_MESSAGE = 64 * 1024
"""Characters of a commit's message that are kept."""

_WHO = re.compile(rb"^author ([^\n]*)$", re.M)
_BEFORE = re.compile(rb"^parent ([^\n]{0,64})", re.M)
_WHEN = re.compile(rb"> (-?\d{1,12}) [+-]\d{4}$")
_ENCODING = re.compile(rb"^encoding ([^\n]{1,40})$", re.M)
_KNOWN = re.compile(
    r"(?:iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|gbk|gb2312|gb18030|big5"
    r"|euc-jp|euc-kr|shift[-_]jis|koi8-[ru])",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that touches the folder; `when` is the author's date in UTC.

    `before` are the ids of its parents, whose number is `parents`.
    """

    id: str
    author: str
    when: datetime
    message: str
    parents: int
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Log:
    """Newest first; `whole` is false where git could not go on, `limited` where we did not."""

    commits: tuple[Commit, ...] = ()
    unreadable: tuple[str, ...] = ()
    whole: bool = True
    limited: bool = False


def read(git: Git, head: str, prefix: str) -> Log:
    """The commits that lead to `head` and touch what is below `prefix`."""
    limit = f"--max-count={MAX_COMMITS + 1}"
    paths = ("--full-history", "--end-of-options", head, "--", prefix) if prefix else (head,)
    with running(git, "rev-list", limit, *paths, seconds=20) as output:
        ids = [line.decode("ascii", "replace") for line in output.pieces(b"\n")]
        whole = output.ok
    failed: list[str] = []
    found = [parse(i, raw) for i, raw in contents(git, ids[:MAX_COMMITS], None, failed)]
    return Log(tuple(found), tuple(failed), whole, len(ids) > MAX_COMMITS)


def limited() -> str:
    """Why a log is short; the objects of the older commits are read all the same."""
    return f"only the newest {MAX_COMMITS} commits are read"


def parse(name: str, raw: bytes) -> Commit:
    """A commit from its bytes; what is not well-formed in it is read as empty, or as 1970."""
    header, _, message = raw.partition(b"\n\n")
    header = header.replace(b"\n ", b" ")
    who = _WHO.search(header)
    author = who[1] if who else b""
    before = [p.decode("ascii", "replace") for p in _BEFORE.findall(header)]
    return Commit(
        name,
        _text(author.partition(b" <")[0], header),
        _when(author),
        _text(message, header)[:MAX_MESSAGE],
        len(before),
        tuple(before),
    )


def _text(raw: bytes, header: bytes) -> str:
    named = _ENCODING.search(header)
    encoding = named[1].decode("ascii", "replace").strip() if named else "utf-8"
    if not _KNOWN.fullmatch(encoding):
        encoding = "utf-8"
    try:
        return raw.decode(encoding, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _when(author: bytes) -> datetime:
    found = _WHEN.search(author)
    try:
        return datetime.fromtimestamp(int(found[1]) if found else 0, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)
