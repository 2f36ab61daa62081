"""The portfolio as one static page: what each project proves, its results with their intervals.

Invariant: everything on the page is from the last review of a project, from its manifest and from
what its author gave; whatever a project says is text. A figure of the template's own run is not
shown, and no path of this machine stands on the page.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scaffolder import manifest, skills
from scaffolder.errors import CannotWrite, ScaffoldError, UsageError
from scaffolder.journeys import export, results
from scaffolder.journeys.charts import Chart, charts
from scaffolder.journeys.portfolio import overview
from scaffolder.journeys.projects import Entry
from scaffolder.paths import absolute
from scaffolder.regularfile import read_regular
from scaffolder.review.git import gitconfig, gitdir
from scaffolder.sanitise import clean

MARK = "<!-- made by scaffold portfolio -->"
"""Stands in a page of ours, so that nothing else is ever overwritten."""

_PAGE = "index.html"
_PAGE_SIZE = 16 * 1024**2
_CONFIG_SIZE = 64 * 1024
_SCP = re.compile(r"(?:[\w.-]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!/)([\w./~-]+)")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


@dataclass(frozen=True)
class Link:
    """A name and an https address."""

    name: str
    address: str


@dataclass(frozen=True)
class Exhibit:
    """One project as it is shown; `proves` is the promise of its skill, or "" where it does not."""

    entry: Entry
    problem: str
    users: str
    proves: str
    address: str
    charts: tuple[Chart, ...]


def write(folder: Path, title: str, links: Sequence[Link]) -> tuple[Path, Sequence[str]]:
    """Writes the page and what GitHub Pages needs, and says what was left out.

    UsageError where there is nothing to show, or a page that is not ours is there already.
    """
    place = _place(folder)
    found, notices = exhibits()
    if not found:
        raise UsageError(
            "no project was reviewed yet, so there is nothing to show",
            "scaffold review PATH first; a project that was not made here is not shown.",
        )
    text = page(found, title, links)
    export.write(place, text)
    export.write(place.with_name(".nojekyll"), "")
    return place, notices


def exhibits() -> tuple[Sequence[Exhibit], Sequence[str]]:
    """Every project that is there and was reviewed, those that prove something first."""
    cards = {card.slug: card.pitch for card in skills.load()}
    known = overview()
    shown = [entry for entry in known.entries if entry.there and entry.last is not None]
    left = [f"{e.name} is left out: {e.lacks[0].what}" for e in known.entries if e not in shown]
    return [_exhibit(entry, cards) for entry in shown], (*known.notices, *left)


def page(found: Sequence[Exhibit], title: str, links: Sequence[Link]) -> str:
    """The page; the same for the same projects."""
    from scaffolder.review.render.html import filled

    proved = sum(1 for each in found if each.proves)
    return filled(
        "portfolio.html.jinja",
        {},
        heading=clean(title, 120),
        kind="portfolio",
        mark=MARK,
        found=found,
        proved=proved,
        links=links,
    )


def link(typed: str) -> Link:
    """What was typed as NAME=URL; UsageError where it is no https address."""
    name, _, address = typed.partition("=")
    if not name.strip() or not _is_https(address):
        raise UsageError(f"{clean(typed, 100)!r} is no link", "Write NAME=https://HOST/PATH.")
    return Link(clean(name.strip(), 60), address)


def _place(folder: Path) -> Path:
    """The file to write; refused before anything is read where it cannot be ours."""
    whole = absolute(folder)
    try:
        whole.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise UsageError(f"{whole} is no folder", "Name a folder for the page.") from error
    except OSError as error:
        raise CannotWrite(f"{whole} cannot be made: {error.strerror}") from error
    place = export.target(whole / _PAGE)
    if place.exists() and not _is_ours(place):
        raise UsageError(f"{place} is there already and is not ours", "Name another folder.")
    return place


def _is_ours(place: Path) -> bool:
    try:
        return MARK.encode() in read_regular(place, _PAGE_SIZE)
    except OSError:  # one that cannot be read, or is larger than any of ours
        return False


def _exhibit(entry: Entry, pitches: Mapping[str, str]) -> Exhibit:
    answers: Mapping[str, str] = {}
    shown: tuple[Chart, ...] = ()
    with suppress(ScaffoldError):  # what cannot be read is left out; its review is shown
        answers = manifest.read(Path(entry.path)).answers
        shown = charts(results.history(Path(entry.path)))
    said = {key: clean(" ".join(answers.get(key, "").split()), 400) for key in ("problem", "users")}
    proves = pitches.get(entry.slug, "") if entry.proves else ""
    return Exhibit(entry, said["problem"], said["users"], proves, _address(entry.path), shown)


def _address(project: str) -> str:
    """Where a project is published: its remote `origin` as an https address, or ""."""
    with suppress(ScaffoldError, OSError):
        place = gitdir.find(Path(project).resolve())
        if not isinstance(place, str):
            settings = gitconfig.read(read_regular(place.common / "config", _CONFIG_SIZE))
            named = [s.value for s in settings.found if s.name == "remote.origin.url"]
            return _browsable(named[-1]) if named else ""
    return ""


def _browsable(remote: str) -> str:
    """`remote` as a browser takes it; "" where it is a path or holds a name or a password."""
    found = _SCP.fullmatch(remote)
    address = f"https://{found[1]}/{found[2]}" if found else remote
    return address.removesuffix(".git") if _is_https(address) else ""


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
        named = parts.username is None and parts.password is None
    except ValueError:
        return False
    plain = address.isprintable() and " " not in address and len(address) <= 500
    host = parts.hostname or ""
    return parts.scheme == "https" and named and plain and _HOST.fullmatch(host) is not None
