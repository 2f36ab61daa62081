"""The section "What was not verified" of a README, made from a report.

Invariant: it says what the report says and no more; a README that has the section is left alone;
where one is added, the lines before it stay as they were.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from scaffolder.errors import CannotWrite
from scaffolder.regularfile import read_regular
from scaffolder.review.model import Item, Report, Status
from scaffolder.sanitise import clean

TITLE = "What was not verified"
_HEADING = re.compile(rf"^\s*(?:#{{1,6}}\s+)?{TITLE}\b", re.I | re.M)
_LIMIT = 4 * 1024**2
_WHY = {
    "key": "it takes a key",
    "model": "it takes answers of a model",
    "person": "only its author can say, and has not yet",
    "run": "it takes a run",
    "control": "the run did not work without a fault either",
    "declaration": "scaffold.toml declares nothing to run for it",
}
_UNREAD = "reading alone cannot decide it"
_WITHOUT = " Without the waiver: "


def section(report: Report) -> str:
    """The section as Markdown; "" where all was verified and nothing is waived."""
    rows = list(_rows(report))
    if not rows:
        return ""
    return "\n".join([f"## {TITLE}", "", *rows, ""])


def has_section(readme: str) -> bool:
    """Whether a README says already what was not verified."""
    return _HEADING.search(readme) is not None


def append(readme: Path, text: str) -> None:
    """Adds a text at the end of the README. CannotWrite where it cannot be."""
    try:
        before = read_regular(readme, _LIMIT)
        rest = before.rstrip(b"\n")
        _replace(readme, (rest + b"\n\n" if rest else b"") + text.encode())
    except OSError as error:
        raise CannotWrite(
            f"{readme} cannot be written: {error.strerror}", "Paste it by hand."
        ) from error


def _rows(report: Report) -> Iterator[str]:
    """No reason of a reading: it quotes numbers, which a README should show in one place only."""
    for item in report.items:
        if item.status is Status.UNVERIFIED:
            yield _row(item, f"Not verified: {_WHY.get(item.waits_for, _UNREAD)}.")
    for item in report.items:
        if item.status is Status.WAIVED:
            yield _row(item, item.reason.partition(_WITHOUT)[0])


def _row(item: Item, why: str) -> str:
    return f"- {_plain(item.check.claim)} {_plain(why)} ({item.check.id})"


def _plain(text: str) -> str:
    return escape(clean(" ".join(text.split())), quote=False)


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".scaffold-readme-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
