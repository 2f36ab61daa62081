"""The files that can change a result row: code, prompts, configuration, questions, corpus.

Invariant: neither tests nor documents, pages, packaging or results are among them; what is not
committed counts as it stands in the working tree.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from scaffolder.review.areas import area, below, manifest_paths
from scaffolder.review.git import gitorigins
from scaffolder.review.python.ownpython import is_test
from scaffolder.review.view import RepoView

MAX_HASHED = 2_000
"""Files of a changed working tree that are set beside the last commit."""

MAX_BYTES = 16 * 1024 * 1024

_CODE = re.compile(r"\.(?:py|ts|mts|js|mjs|cjs|go|rs|java|kt|rb|cs|cpp|sql)$")
_CONFIG = re.compile(
    r"(?:^|/)(?:(?:config|settings|params|hyperparameters|rag|app)[\w.-]{0,40}"
    r"|(?:configs?|conf|settings)/[^/]{1,100})\.(?:toml|ya?ml|json|ini|cfg)$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:^|/)(?:\.[^/]+|docs?|static|public|frontend|web|ui|node_modules|migrations)/"
    r"|(?:^|/)(?:setup|conftest|noxfile|tasks)\.py$|\.config\.[cm]?[jt]s$",
    re.IGNORECASE,
)


def can_change_rows(view: RepoView, path: str, prompted: bool = True) -> bool:
    """Whether a file can change a row; a prompt only one that was `prompted`.

    It need not be there any more: it may be one that was taken away.
    """
    places = manifest_paths(view)
    if below(path, places.get("prompts", "")) or "prompts/" in path:
        return prompted
    if any(below(path, places.get(key, "")) for key in ("corpus", "golden")):
        return not PurePosixPath(path).name.lower().startswith("readme")
    if is_test(path) or _ASIDE.search(path) or below(path, places.get("results", "")):
        return False
    return bool(_CODE.search(path) or _CONFIG.search(path)) and area(view, path) != "docs"


def uncommitted(view: RepoView) -> tuple[str, ...]:
    """The files that can change a row and are not as in the last commit."""
    return view.once(_uncommitted)


def _uncommitted(view: RepoView) -> tuple[str, ...]:
    trail = view.git.trail()
    if trail is None:
        return ()
    added = [p for p in view.history.untracked if view.has(p) and can_change_rows(view, p)]
    if view.history.dirty is False:
        return tuple(added)
    ours = [p for p in sorted(view.history.tracked) if can_change_rows(view, p)][:MAX_HASHED]
    head = gitorigins.blobs(trail, ours)
    return (*(p for p in ours if p not in head or head[p] not in _ids(view, p, head[p])), *added)


def _ids(view: RepoView, path: str, like: str) -> Iterator[str]:
    """The ids that a file has for git, whatever its line ends; that of a large one is believed."""
    if view.size(path) > MAX_BYTES:
        yield like
        return
    content = view.raw(path, MAX_BYTES) if view.has(path) else b""
    for text in (content, content.replace(b"\r\n", b"\n")):
        whole = b"blob %d\0%b" % (len(text), text)
        algorithm = "sha1" if len(like) == 40 else "sha256"
        yield hashlib.new(algorithm, whole, usedforsecurity=False).hexdigest()
