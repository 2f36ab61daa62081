"""What `scaffold publish` offers for the README: what was not verified, and a badge.

Invariant: nothing is written without a yes to just that; what is there already is left alone.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from scaffolder.errors import CannotWrite
from scaffolder.journeys import review
from scaffolder.publish import unverified
from scaffolder.regularfile import read_regular
from scaffolder.review.model import Report
from scaffolder.review.render import badge

BADGE = "docs/review.svg"
_LIMIT = 4 * 1024**2


@dataclass(frozen=True)
class Offer:
    """What the README lacks: `section` and `badge` (its Markdown), each "" where nothing is.

    `readme` is None where there is none that Markdown can be written into.
    """

    readme: Path | None
    section: str
    badge: str


def offer(path: Path, report: Report) -> Offer:
    """What is offered for the README of the project."""
    root, named = review.folder(path), report.reader.readme if report.reader else None
    readme = root / named if named and named.lower().endswith((".md", ".markdown")) else None
    text = _text(readme)
    section = "" if unverified.has_section(text) else unverified.section(report)
    shown = badge.markdown(report, BADGE)
    return Offer(readme, section, "" if _has_badge(root, text, report) else shown)


def write_section(offered: Offer) -> Path:
    """Adds the section to the README; CannotWrite where it cannot be."""
    assert offered.readme is not None
    unverified.append(offered.readme, offered.section)
    return offered.readme


def write_badge(path: Path, offered: Offer, report: Report) -> Path:
    """Writes the badge, and its line at the end of the README where it is not there yet."""
    assert offered.readme is not None
    file = review.folder(path) / BADGE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(file, flags, 0o644), "w", encoding="utf-8") as out:
            out.write(badge.render(report))
    except OSError as error:
        raise CannotWrite(f"{file} cannot be written: {error.strerror}", "Look at it.") from error
    if f"]({BADGE})" not in _text(offered.readme):
        unverified.append(offered.readme, f"{offered.badge}\n")
    return file


def _has_badge(root: Path, readme: str, report: Report) -> bool:
    """Whether a badge that says the same is shown."""
    if f"]({BADGE})" not in readme:
        return False
    try:
        return read_regular(root / BADGE, _LIMIT) == badge.render(report).encode()
    except OSError:
        return False


def _text(readme: Path | None) -> str:
    if readme is None:
        return ""
    try:
        return read_regular(readme, _LIMIT).decode("utf-8", "replace")
    except OSError as error:
        raise CannotWrite(
            f"{readme} cannot be read: {error.strerror}", "Make it a regular file."
        ) from error
