"""A round of review: what to review, the print taken before, the report, its level noted.

Invariant: the print is older than everything the report says, so that whatever is saved meanwhile
is seen as a change afterwards.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from scaffolder import manifest
from scaffolder.errors import UsageError
from scaffolder.journeys import portfolio
from scaffolder.journeys.review import review_repo
from scaffolder.journeys.watch import Print, fingerprint
from scaffolder.paths import absolute
from scaffolder.review.model import Report


@dataclass(frozen=True)
class Round:
    """A report, what the folder looked like before it, what the user has to be told."""

    report: Report
    seen: Print
    notices: tuple[str, ...] = ()


def review_round(path: Path) -> Round:
    """Reviews the folder `path` whole; errors as `review_repo` has them."""
    seen = fingerprint(absolute(path))
    report = review_repo(path)
    return Round(report, seen, tuple(portfolio.note(report)))


def subject(project: Path | None, here: Path) -> Path | None:
    """The folder to review: the project chosen, else `here` where it holds one; None if neither."""
    if project is not None:
        return absolute(project)
    inside = manifest.enclosing_project(here)
    if inside is not None:
        return inside
    return here if os.path.lexists(here / ".git") else None


def folder(text: str) -> Path:
    """The folder that somebody named; UsageError where there is none."""
    if not text.strip():
        raise UsageError("no folder is named.", "Type its path, for instance ~/code/rulebook.")
    found = absolute(Path(text.strip()))
    if not found.is_dir():
        what = "is not a folder" if found.exists() else "is not there"
        raise UsageError(f"{found} {what}.", "Type the path of a folder.")
    return found
