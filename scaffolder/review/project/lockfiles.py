"""Lock files, and which part of a project each of them locks.

Invariant: a file is a lock only where it names packages; an empty `uv.lock` locks nothing.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.project.packaging import EXACT, Manifest, decoded, manifests, normal
from scaffolder.review.view import MAX_TEXT, RepoView

_NAMES = {
    "uv.lock": "python",
    "poetry.lock": "python",
    "pdm.lock": "python",
    "pipfile.lock": "python",
    "pixi.lock": "python",
    "pylock.toml": "python",
    "conda-lock.yml": "python",
    "package-lock.json": "node",
    "npm-shrinkwrap.json": "node",
    "pnpm-lock.yaml": "node",
    "yarn.lock": "node",
    "bun.lock": "node",
    "bun.lockb": "node",
    "deno.lock": "node",
    "go.sum": "go",
    "cargo.lock": "rust",
    "gemfile.lock": "ruby",
    "composer.lock": "php",
}
_OWN_FORMAT = {"pixi.lock", "conda-lock.yml"}
_PIP = re.compile(r"(?:requirements|constraints)[\w.-]*\.lock|requirements[\w.-]*lock[\w.-]*\.txt")
_SAID = re.compile(r"lock|freez|frozen|pin|constraint", re.I)
"""What the name of a list says that fixes another one."""
_PINNED = re.compile(
    r"""(?m)^\s{0,8}(?:name\s?=\s?"([\w.-]+)"|"([\w.-]+)":\s?\{|([\w.-]+)(?:\[[^\]\n]*\])?==)"""
)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file; `names` are the Python packages it locks, `whole` that all of it was read."""

    path: str
    ecosystem: str
    folder: str
    names: frozenset[str]
    hashes: bool
    whole: bool

    def covers(self, manifest: Manifest) -> bool:
        """Whether everything that `manifest` declares for all its users is in this lock."""
        return not self.missing(manifest)

    def missing(self, manifest: Manifest) -> list[str]:
        """Declared names that are not in this lock; only told for Python."""
        if self.ecosystem != "python" or not self.whole or not self.names:
            return []
        return [d.name for d in manifest.needed if d.name not in self.names]


def locks(view: RepoView) -> tuple[Lock, ...]:
    """Every lock of the project, nearest to its root first."""
    return view.once(_locks)


def lock_of(view: RepoView, manifest: Manifest) -> Lock | None:
    """The lock of the part that `manifest` is for: beside it, or above it in a workspace.

    pip reads a list of requirements as it stands, whatever lock lies above it: only one beside it
    that has most of its names counts; with fewer it is the lock of something else.
    """
    place = PurePosixPath(manifest.folder)
    above = {str(p) if str(p) != "." else "" for p in (place, *place.parents)}
    near = [k for k in locks(view) if k.ecosystem == manifest.ecosystem and k.folder in above]
    if manifest.path.endswith((".txt", ".in")):
        near = [k for k in near if k.folder == manifest.folder and _fixes(k, manifest)]
    beside = [k for k in near if k.folder == manifest.folder]
    return next(iter(beside), None) or next((k for k in near if _shared(k, manifest)), None)


def frozen(manifest: Manifest) -> bool:
    """Whether every dependency that the manifest declares is exact."""
    declared = manifest.needed
    return bool(declared) and all(d.bound == EXACT for d in declared)


def _fixes(lock: Lock, listed: Manifest) -> bool:
    plain = lock.path.endswith(".txt") and not _SAID.search(lock.path)
    other = plain and listed.path.endswith(".txt") and lock.path != listed.path
    return 2 * len(lock.missing(listed)) <= len(listed.needed) and not other


def _shared(lock: Lock, manifest: Manifest) -> bool:
    return lock.ecosystem != "python" or lock.covers(manifest)


def _locks(view: RepoView) -> tuple[Lock, ...]:
    found = (_lock(view, f) for f in sorted(view.files, key=lambda f: (f.count("/"), f)))
    return (*filter(None, found), *_frozen_lists(view))


def _lock(view: RepoView, path: str) -> Lock | None:
    name = path.rpartition("/")[2].lower()
    ecosystem = _NAMES.get(name) or ("python" if _PIP.fullmatch(name) else None)
    if ecosystem is None or view.size(path) == 0:
        return None
    text = decoded(view, path)
    names = frozenset(normal(next(filter(None, g))) for g in _PINNED.findall(text))
    whole = view.size(path) <= MAX_TEXT
    if ecosystem == "python" and whole and name not in _OWN_FORMAT and not names:
        return None
    parent = str(PurePosixPath(path).parent)
    hashes = "sha256" in text or "sha512" in text
    return Lock(path, ecosystem, "" if parent == "." else parent, names, hashes, whole)


def _frozen_lists(view: RepoView) -> list[Lock]:
    """Requirements with `==` on every line lock the manifest beside them as a lock file does."""
    return [
        Lock(
            m.path,
            m.ecosystem,
            m.folder,
            frozenset(d.name for d in m.dependencies),
            "--hash=sha256" in decoded(view, m.path),
            True,
        )
        for m in manifests(view)
        if m.path.endswith(".txt") and m.ecosystem == "python" and frozen(m)
    ]
