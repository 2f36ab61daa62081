"""The page that a visitor sees first, and where its links lead inside the repository.

Invariant: a link is followed on paper only: nothing is fetched, and no path leaves the repository.
"""

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from scaffolder.review.readme import markdown
from scaffolder.review.readme.markdown import Document, Link
from scaffolder.review.view import RepoView


@dataclass(frozen=True)
class Page:
    """A document of the repository."""

    path: str
    document: Document


def front(view: RepoView) -> Page | None:
    """The README as the host shows it; None where there is none that holds text."""
    return view.once(_front)


def page(view: RepoView, path: str) -> Page:
    """Any document of the repository, read once."""
    return view.once_for(_page, path)


def is_outside(link: Link) -> bool:
    """Whether a link leads out of the repository."""
    scheme, colon, _ = link.target.partition(":")
    return link.target.startswith("//") or (bool(colon) and scheme.replace("+", "").isalnum())


def inside(view: RepoView, source: str, target: str) -> str | None:
    """The file or folder that a relative target names; None where there is none."""
    path = wanted(source, target)
    if path is None:
        return None
    if view.has(path):
        return path
    folder = f"{path}/" if path else ""
    return path if any(f.startswith(folder) for f in view.files) else None


def wanted(source: str, target: str) -> str | None:
    """The path that a relative target means; None where it leads out of the repository."""
    bare = unquote(target.partition("#")[0].partition("?")[0]).strip()
    base = "" if bare.startswith("/") else posixpath.dirname(source)
    path = posixpath.normpath(posixpath.join(base, bare.lstrip("/")))
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def _page(view: RepoView, path: str) -> Page:
    return Page(path, markdown.read(view.text(path), view.lines(path)))


def _front(view: RepoView) -> Page | None:
    usual = (".github/readme.md", "docs/readme.md")
    others = (f for f in view.files if f.lower() in usual)
    path = view.readme or next(others, None)
    if path is None or not view.text(path).strip("\0 \n\t"):
        return None
    return page(view, path)
