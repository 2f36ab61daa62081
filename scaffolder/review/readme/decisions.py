"""Where decisions are written down: records, a file each, and documents that are named for them.

Invariant: neither a form nor an index nor a draft is among them: nothing was decided there yet.
"""

import re
from pathlib import PurePosixPath

from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.ownwork import FORM
from scaffolder.review.view import RepoView

MAX_RECORDS = 100

_FOLDERS = ("docs/decisions", "docs/adr", "docs/adrs", "doc/adr", "adr", "decisions")
_MORE_FOLDERS = ("docs/architecture/decisions", "doc/architecture/decisions", "doc/decisions")
_NO_RECORD = re.compile(
    r"(?:^|/)(?:readme|index|template|0000)[^/]*$|template[^/]*$|\.draft\.", re.IGNORECASE
)
_DRAFT = re.compile(r"^\W{0,4}status\W{0,6}(?:draft|proposed|todo|open)\b", re.IGNORECASE)
_MOST = 1000
_HEAD = 60
"""Lines at the top of a document in which its status stands."""


def records(view: RepoView) -> list[str]:
    """Decision records: in the manifest's folder or one of the usual ones."""
    said = manifest_paths(view).get("decisions", "")
    folders = (said, *_FOLDERS, *_MORE_FOLDERS)
    found = [f for f in _documents(view) if any(below(f, folder) for folder in folders)]
    return [f for f in found if not is_draft(view, f)][:MAX_RECORDS]


def accounts(view: RepoView) -> list[str]:
    """As `records`, with those of any folder that is named so, and logs of several decisions."""
    said = manifest_paths(view).get("decisions", "")
    found = [f for f in _documents(view) if below(f, said) or _is_named(f)]
    return [f for f in found if not is_draft(view, f)][:MAX_RECORDS]


def is_draft(view: RepoView, path: str) -> bool:
    """Whether a document says that it is not finished, or still holds the words of its form."""
    lines = view.lines(path)
    return any(map(_DRAFT.search, lines[:_HEAD])) or any(map(FORM.search, lines[:_MOST]))


def _documents(view: RepoView) -> list[str]:
    written = (f for f in view.files if f.lower().endswith((".md", ".rst")))
    return [f for f in written if not _NO_RECORD.search(f)]


def _is_named(path: str) -> bool:
    *folders, name = PurePosixPath(path.lower()).parts
    return not {"decisions", "adr", "adrs"}.isdisjoint(folders) or "decision" in name
