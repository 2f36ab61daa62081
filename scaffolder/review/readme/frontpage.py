"""The page that a visitor sees first, and where its links lead inside the repository.

Invariant: a link is followed on paper only: nothing is fetched, and no path leaves the repository.
"""

import posixpath
import re
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from scaffolder.review.readme import markdown
from scaffolder.review.readme.markdown import Document, Link
from scaffolder.review.view import RepoView


@dataclass(frozen=True)
class Page:
    """A document of the repository."""

    path: str
    document: Document


MAX_GUIDES = 6
"""Linked documents that are read beside a front page."""

_DOCUMENTS = (".md", ".rst", ".txt", ".adoc")
_GUIDE = re.compile(
    r"(?:^|[/_\W])(?:install\w{0,6}|set[-_ ]?up|develop\w{0,6}|getting[-_ ]started|quick[-_ ]?start"
    r"|usage|running|readme|deploy\w{0,6}|local)(?:$|[/_\W])",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"This template provides a minimal setup|bootstrapped with \[?`?(?:Create React App"
    r"|create-next)|was generated with \[?Angular CLI|This is a \[Next\.js\]",
    re.IGNORECASE,
)
"""The words of a tool that made a folder, not of the project's author."""
_MANIFESTS = ("package.json", "pyproject.toml", "requirements.txt", "setup.py", "Gemfile", "go.mod")


def front(view: RepoView) -> Page | None:
    """The README as the host shows it; None where there is none that holds text."""
    return view.once(_front)


def nearest(view: RepoView) -> Page | None:
    """The front page; where several parts have a README each and the top none, the fullest."""
    return front(view) or view.once(_of_part)


def guides(view: RepoView, source: Page) -> list[Page]:
    """The documents on setting up, developing or a part that a page links, in its order."""
    leading = (wanted(source.path, link.target) for link in source.document.links if _leads(link))
    there = (p for p in dict.fromkeys(leading) if p and p != source.path and view.has(p))
    documents = (p for p in there if p.lower().endswith(_DOCUMENTS))
    return [page(view, path) for path in islice(documents, MAX_GUIDES)]


def _leads(link: Link) -> bool:
    """Whether a link inside the repository is named for a guide."""
    named = _GUIDE.search(link.target[:300]) or _GUIDE.search(link.text[:200])
    return bool(named) and not link.image and not is_outside(link)


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


def _of_part(view: RepoView) -> Page | None:
    found = [p for p in view.find("readme.md", "readme.rst") if _is_of_part(view, p)]
    fullest = max(found, key=lambda p: (len(view.text(p)), p), default=None)
    return page(view, fullest) if fullest else None


def _is_of_part(view: RepoView, path: str) -> bool:
    """Whether a README describes a folder that holds a manifest, in its author's words."""
    folder = path.rpartition("/")[0]
    if path.count("/") != 1 or folder.startswith("."):
        return False
    built = any(view.has(f"{folder}/{name}") for name in _MANIFESTS)
    return built and not any(_GENERATED.search(line) for line in view.lines(path)[:20])
