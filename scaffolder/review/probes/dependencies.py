"""Dependencies: declared, locked, and installed from the lock."""

import re
from collections.abc import Iterator

from scaffolder.review.model import Evidence, Reading, count, no, partial, quote, yes
from scaffolder.review.parse import mapping
from scaffolder.review.project import chores
from scaffolder.review.project.lockfiles import Lock, frozen, lock_of, locks
from scaffolder.review.project.packaging import (
    BARE,
    EXACT,
    RANGE,
    Manifest,
    declared_at,
    decoded,
    manifests,
    normal,
    third_party,
)
from scaffolder.review.project.recipes import Order, split
from scaffolder.review.project.workflows import workflows
from scaffolder.review.readme import commands
from scaffolder.review.readme.frontpage import page
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_PYTHON_BOUND = re.compile(r"requires-python\s*=|python_requires\s*=|^python\s*=\s*[\"'=<>^~]")
_ENGINE = re.compile(
    r"\"(?:node|bun|npm)\"\s*:\s*\"|<maven\.compiler\.|<java\.version>|^go 1\.|^v?\d"
)
_VERSION_FILES = (".python-version", "runtime.txt", ".tool-versions", "mise.toml", ".nvmrc")
_FROM = re.compile(
    r"FROM\s+(?:--platform=\S+\s+)?(?:[\w./-]*/)?(?:python|node|golang|openjdk):\d", re.I
)
_SHA = re.compile(r"[0-9a-f]{40}")
_MOVING = {"", "main", "master", "latest", "head", "dev", "trunk"}
_PLAIN_IMAGE = ("docker://", "./")


def pinned(view: RepoView) -> Reading:
    """A lock or `==` everywhere; ranges, or a lock for a part only, is partial; bare names no."""
    declared = [m for m in manifests(view) if m.needed]
    main = [m for m in declared if not m.secondary]
    rooted = [k for k in locks(view) if not k.folder and not main]
    if rooted:
        said = f"Locked: {clean(rooted[0].path, 80)}; the project itself needs no package."
        return yes(said, _first(view, rooted[0].path))
    main = main or declared
    if not main:
        return _undeclared(view)
    loose = [m for m in main if not frozen(m) and lock_of(view, m) is None]
    held = [m for m in main if m not in loose]
    undeclared = _python_undeclared(view, main)
    if not loose and not undeclared:
        return yes(f"Locked: {_why(view, held[0])}", *_locked(view, held))
    if held:
        left = loose[0].path if loose else "the Python code"
        return partial(
            f"Only part of the repository is locked; {clean(left, 80)} is not.",
            *_locked(view, held)[:2],
            *_unpinned(view, loose),
        )
    return _bounds(view, loose)


def lock_matches(view: RepoView) -> Reading:
    """Every declared dependency is in the lock of its part."""
    pairs = [(m, lock_of(view, m)) for m in manifests(view) if m.needed and not m.secondary]
    held = [(m, k) for m, k in pairs if k is not None]
    if not pairs:
        return pinned(view) if third_party(view) else _undeclared(view)
    if not held:
        if all(frozen(m) for m, _ in pairs):
            return yes("Every dependency is exact.", *_locked(view, [m for m, _ in pairs]))
        return no("There is no lock file to compare the declared dependencies with.")
    absent = [(m, k, n) for m, k in held for n in k.missing(m)]
    if absent:
        _, lock, name = absent[0]
        return partial(
            f"{clean(lock.path, 80)} lacks {clean(name, 60)}, which is declared: out of date.",
            *(declared_at(view, m.path, n) for m, _, n in absent[:3]),
        )
    return yes(
        "Every declared dependency is in the lock.", *(_first(view, k.path) for _, k in held[:3])
    )


def interpreter_bounded(view: RepoView) -> Reading:
    """The version of Python or of another runtime is stated where a tool reads it."""
    manifest = [m.path for m in manifests(view)] + view.find("pyproject.toml", "setup.py")
    for path in dict.fromkeys(manifest):
        for number, line in enumerate(view.lines(path), 1):
            if _PYTHON_BOUND.search(line) or (not path.endswith(".toml") and _ENGINE.search(line)):
                return yes("The version of the runtime is bounded.", view.quote(path, number))
    found = [p for p in _VERSION_FILES if view.has(p) and view.text(p).strip()]
    if found:
        return yes("The version of the runtime is stated.", view.quote(found[0], 1))
    images = list(view.search(_FROM, view.find("Dockerfile*", "*.dockerfile")))
    if images:
        return partial("Only the image names a version of the runtime.", images[0])
    return no("No requires-python, .python-version or engines says which runtime it needs.")


def installs_from_lock(view: RepoView) -> Reading:
    """No `pip install name` without a version in README, Dockerfile or CI."""
    floating = list(_floating(view))
    if floating:
        names = ", ".join(dict.fromkeys(clean(n, 40) for n, _ in floating[:4]))
        return partial(
            f"The documented installation fetches whatever is newest of {names}.",
            *(e for _, e in floating[:4]),
        )
    seen = list(_installing(view))
    if not seen:
        return no("No command that installs the project was found in README, Dockerfile or CI.")
    return yes(
        "No README, Dockerfile or workflow installs a package without a version.",
        *(view.quote(o.path, o.line) for o in seen[:3]),
    )


def actions_pinned(view: RepoView) -> Reading:
    """Every action of a workflow is called at a version."""
    used = [(w, u) for w in workflows(view) for u in w.uses if not u.name.startswith(_PLAIN_IMAGE)]
    moving = [(w, u) for w, u in used if u.version.lower() in _MOVING]
    if moving:
        return partial(
            "A workflow calls an action at a branch, which changes under it.",
            *(view.quote(w.path, u.line) for w, u in moving[:3]),
        )
    if not used:
        return yes("No workflow calls an action, so none is called at a branch.")
    hashed = sum(bool(_SHA.fullmatch(u.version)) for _, u in used)
    return yes(
        f"{count(len(used), 'action is', 'actions are')} called at a version, of which {hashed} "
        "at a commit.",
        *(view.quote(w.path, u.line) for w, u in used[:2]),
    )


def _undeclared(view: RepoView) -> Reading:
    imported = third_party(view)
    if imported:
        name, (path, line) = next(iter(imported.items()))
        left = len(imported) - 1
        others = f" and {count(left, 'other')}" if left else ""
        return no(
            f"No manifest declares what the code imports: {clean(name, 60)}{others}.",
            view.quote(path, line),
        )
    if view.code and (view.has("pyproject.toml") or view.has("setup.py")):
        place = "pyproject.toml" if view.has("pyproject.toml") else "setup.py"
        return yes("It declares no dependency and imports none.", view.quote(place, 1))
    if view.code:
        return partial("The code imports the standard library only, and no manifest says so.")
    return no("No manifest and no lock file were found.")


def _python_undeclared(view: RepoView, main: list[Manifest]) -> bool:
    return not any(m.ecosystem == "python" for m in main) and len(third_party(view)) > 2


def _bounds(view: RepoView, loose: list[Manifest]) -> Reading:
    """Ranges are partial; where most names are bare, a few ranges do not help: no.

    A name that two manifests of one part declare, as setup.py and requirements.txt do, counts by
    the tighter of the two.
    """
    order = (EXACT, RANGE, BARE)
    every: dict[tuple[str, str], str] = {}
    for manifest, one in [(m, d) for m in loose for d in m.needed]:
        key = (manifest.folder, one.name)
        every[key] = min(every.get(key, BARE), one.bound, key=order.index)
    bare = sum(bound == BARE for bound in every.values())
    places = _unpinned(view, loose)
    if 2 * bare > len(every):
        many = count(len(every), "dependency", "dependencies")
        told = f"Of {many} {bare} {'has' if bare == 1 else 'have'}"
        return no(f"{told} no version, and no lock.", *places)
    return partial("Dependencies have version ranges, and no lock file fixes them.", *places)


def _why(view: RepoView, manifest: Manifest) -> str:
    lock = lock_of(view, manifest)
    if lock is None or lock.path == manifest.path:
        return f"every dependency in {clean(manifest.path, 80)} is exact."
    with_hashes = ", with hashes" if lock.hashes else ""
    return f"{clean(lock.path, 80)} fixes {clean(manifest.path, 80)}{with_hashes}."


def _locked(view: RepoView, held: list[Manifest]) -> list[Evidence]:
    paths: dict[str, None] = {}
    for manifest in held:
        lock: Lock | None = lock_of(view, manifest)
        paths[lock.path if lock else manifest.path] = None
    return [_first(view, p) for p in list(paths)[:4]]


def _first(view: RepoView, path: str) -> Evidence:
    lines = decoded(view, path).split("\n")[:50]
    number = next((n for n, s in enumerate(lines, 1) if s.strip()[:1] not in {"", "#", "{"}), 1)
    return quote(path, number, lines[number - 1][:2000] if lines else "")


def _unpinned(view: RepoView, loose: list[Manifest]) -> list[Evidence]:
    found = [(m, d) for m in loose for d in m.needed if d.bound != EXACT]
    found.sort(key=lambda pair: pair[1].bound != BARE)
    return [declared_at(view, m.path, d.name) for m, d in found[:3]]


def _installing(view: RepoView) -> Iterator[Order]:
    """Commands of README, Dockerfile and CI that install."""
    for order in _documented(view):
        if any(w in order.text for w in ("install", "sync", "npm ci", "yarn", "mvn", "go mod")):
            yield order


def _floating(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    own = _own_name(view)
    for order in _documented(view):
        name = chores.installs_floating(order.text)
        if name and normal(name.partition("[")[0]) != own:
            yield name, view.quote(order.path, order.line)


def _documented(view: RepoView) -> Iterator[Order]:
    for flow in workflows(view):
        yield from flow.orders
    for path in view.find("Dockerfile", "Dockerfile.*", "*.dockerfile"):
        for number, line in enumerate(view.lines(path), 1):
            text = line.strip().removeprefix("RUN ")
            yield from split(Order(path, number, text))
    readme = view.readme
    if readme:
        shown = commands.commands(page(view, readme).document)
        yield from (Order(readme, c.line, c.text) for c in shown)


def _own_name(view: RepoView) -> str:
    """What the project itself is called: `pip install` of it is no floating dependency."""
    raw = mapping(view.toml("pyproject.toml"))
    tool = raw.get("tool")
    tables = (raw.get("project"), tool.get("poetry") if isinstance(tool, dict) else None)
    names = [t.get("name") for t in tables if isinstance(t, dict)]
    return normal(next((n for n in names if isinstance(n, str)), ""))
