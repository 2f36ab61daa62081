"""Which commit made a row, whether that can be, and what has changed since.

Invariant: a row is only doubted where all of the history is known; the template's own rows name no
commit and are not doubted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scaffolder.manifest import row_hash
from scaffolder.review import parse, templatelock
from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.git import gitorigins
from scaffolder.review.git.gitorigins import Trail
from scaffolder.review.model import Evidence, count
from scaffolder.review.results.inputs import can_change_rows, uncommitted
from scaffolder.review.results.resultrows import (
    MAX_ROWS,
    VALUE_KEYS,
    Row,
    is_earlier,
    number,
    result_files,
    rows,
)
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

COMMIT_KEYS = ("commit", "git_commit", "commit_id", "commit_sha", "commit_hash", "git_sha")
_NO_COMMIT = ("", "none", "null", "unknown", "n/a", "-")
FEWEST_DIGITS = 7
"""Hex digits that name a commit; git shortens an id to no fewer by itself."""

MAX_NAMED = 50
"""Different commits that the rows of one file name, of which the origin is looked for."""

FEWEST_TIMES = 5
"""Different times among rows from which two runs do not give all of them alike."""

_TIMES = ("latency_ms", "total_ms", "duration_ms", "latency_s", "latency", "duration_s", "seconds")
_ID = re.compile(r"[0-9a-f]{7,64}")
_DIRTY = re.compile(r"[-+ (]{0,3}dirty\)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Doubt:
    """What speaks against a file of rows; `certain` where no run can have made it so."""

    said: str
    evidence: tuple[Evidence, ...]
    certain: bool = False


@dataclass(frozen=True, eq=False)
class _Named:
    """The first row of a file that names this commit and tree."""

    row: Row
    commit: str
    tree: str
    dirty: bool


@dataclass(frozen=True)
class _Origin:
    """The commit that made a row, and the tree of the project's folder there."""

    commit: str
    tree: str


def doubts(view: RepoView, paths: Sequence[str]) -> list[Doubt]:
    """What speaks against the rows of these files, what is certain first."""
    trail = view.git.trail()
    if trail is None or not view.history.complete:
        return []
    named = [n for path in paths for n in _named(view, path)]
    known = _origins(view, trail, named)
    found = [*_from_the_future(view, trail, known)]
    found += _dirty(view, named) + _unknown(view, [n for n in named if n not in known])
    return found or _stale(view, trail, known)


def unclaimed(view: RepoView, claimed: Sequence[str]) -> list[Doubt]:
    """Result files beside the `claimed` ones whose graded rows no commit of the history made."""
    trail, place = view.git.trail(), manifest_paths(view).get("results", "")
    if trail is None or not view.history.complete or not place:
        return []
    beside = (f for f in result_files(view) if below(f, place) and f not in claimed)
    named = [n for path in beside if _is_measured(view, path) for n in _named(view, path)]
    known = _origins(view, trail, named)
    lacking: dict[str, list[_Named]] = {}
    for one in (n for n in named if n not in known):
        lacking.setdefault(one.row.path, []).append(one)
    return [_made_by_none(view, path, found) for path, found in lacking.items()]


def _is_measured(view: RepoView, path: str) -> bool:
    """Whether most rows are what a system found, or how that was graded."""
    found = rows(view, path)
    graded = ("ranked", "label_ranks", *VALUE_KEYS)
    holding = sum(bool(r.text("system")) and any(r.data.get(k) for k in graded) for r in found)
    return 2 * holding > len(found)


def _made_by_none(view: RepoView, path: str, lacking: Sequence[_Named]) -> Doubt:
    """Some rows of a file lack an origin, or all of them; the places are the first of each kind."""
    said = {_key(n.row) for n in lacking}
    found, every = [r for r in _made_here(view, path) if _key(r) in said], len(rows(view, path))
    which = "graded rows"
    if len(found) < every:
        which = f"{count(len(found), 'graded row')} of {every:,}, the first in line {found[0].line}"
    why = _why_unknown(lacking)
    told = f"{clean(path, 80)} holds {which}, and no commit of this repository made them: {why}."
    return Doubt(told, _places(view, lacking))


def _named(view: RepoView, path: str) -> Iterable[_Named]:
    """One for each commit that the rows of a file name."""
    found: dict[tuple[str, str], _Named] = {}
    for row in _made_here(view, path):
        said, tree = _key(row)
        commit = _DIRTY.sub("", said).lower()
        found.setdefault((said, tree), _Named(row, commit, tree, commit != said.lower()))
    return list(found.values())[:MAX_NAMED]


def _made_here(view: RepoView, path: str) -> Iterator[Row]:
    """The rows of a file without those that the template brought."""
    lines = view.text(path).split("\n")
    template = templatelock.known(view) or frozenset()
    for row in rows(view, path):
        brought = _said(row) == "template"
        if not (brought and row_hash(lines[row.line - 1 : row.line][0]) in template):
            yield row


def _origins(view: RepoView, trail: Trail, named: Sequence[_Named]) -> Mapping[_Named, _Origin]:
    """Where each of the rows comes from, of those for which it can be told."""
    if not any(_ID.fullmatch(n.commit) or _ID.fullmatch(n.tree) for n in named):
        return {}
    whole = not trail.prefix
    ids = [c.id for c in view.history.commits] if whole else view.once(_every_commit)
    found = {n: o for n in named if (o := _by_commit(trail, n, ids))}
    left = [n for n in named if n not in found and _ID.fullmatch(n.tree)]
    trees = gitorigins.trees(trail, ids) if left else {}
    for one in left:
        commit = next((c for c, t in trees.items() if t.startswith(one.tree)), "")
        if commit:
            found[one] = _Origin(commit, trees[commit])
    return found


def _every_commit(view: RepoView) -> Sequence[str]:
    trail = view.git.trail()
    return gitorigins.commits(trail) if trail else ()


def _by_commit(trail: Trail, named: _Named, ids: Sequence[str]) -> _Origin | None:
    """The origin by the id of the commit; none where the row names a tree that was never here."""
    if not _ID.fullmatch(named.commit):
        return None
    commit = next((i for i in ids if i.startswith(named.commit)), "")
    if not commit:
        return None
    if _ID.fullmatch(named.tree):
        tree = gitorigins.tree(trail, named.tree)
        return _Origin(commit, tree) if tree else None
    return _Origin(commit, gitorigins.trees(trail, [commit]).get(commit, ""))


def _from_the_future(
    view: RepoView, trail: Trail, known: Mapping[_Named, _Origin]
) -> Iterator[Doubt]:
    """Rows that stood in the commit that they name, with the same times: no run repeats those."""
    asked = [(o.commit, n.row.path) for n, o in known.items() if n.row.path.endswith(".jsonl")]
    before = gitorigins.files(trail, list(dict.fromkeys(asked)))
    for named, origin in known.items():
        then = before.get((origin.commit, named.row.path), b"")
        if then and _is_repeated(view, named, then):
            file = clean(named.row.path, 80)
            said = (
                f"{file} names {clean(named.commit or named.tree, 12)}, and that commit holds the "
                "same rows already, with the same times: no run at that commit has made them."
            )
            yield Doubt(said, (view.quote(named.row.path, named.row.line),), certain=True)


def _is_repeated(view: RepoView, named: _Named, then: bytes) -> bool:
    """Whether every row that names a commit is one of `then`, but for the commit it names."""
    mine = [r for r in rows(view, named.row.path) if _said(r) == _said(named.row)]
    times = {number(r.data.get(key)) for r in mine for key in _TIMES} - {None}
    if len(times) < FEWEST_TIMES:
        return False
    old = set()
    for line in then.decode("utf-8", "replace").split("\n")[:MAX_ROWS]:
        row = parse.row(line) if line.strip() else None
        if row is not None:
            old.add(_without_origin(row))
    return all(_without_origin(r.data) in old for r in mine)


def _without_origin(row: Mapping[str, object]) -> str:
    return repr({k: v for k, v in row.items() if k not in (*COMMIT_KEYS, "tree")})


def _said(row: Row) -> str:
    """What a row names as its commit; no longer than an id and a word."""
    return next((row.text(k) for k in COMMIT_KEYS if row.text(k)), "")[:100]


def _key(row: Row) -> tuple[str, str]:
    """The commit and the tree that a row names."""
    return _said(row), row.text("tree").lower()


def _dirty(view: RepoView, named: Sequence[_Named]) -> list[Doubt]:
    found = [n for n in named if n.dirty]
    if not found:
        return []
    file, places = clean(found[0].row.path, 80), _places(view, found)
    said = (
        f"the rows of {file} were made with changes that no commit holds (-dirty): commit them, "
        "run the evaluation again, and commit its rows."
    )
    return [Doubt(said, places)]


def _unknown(view: RepoView, named: Sequence[_Named]) -> list[Doubt]:
    if not named:
        return []
    missing = [n for n in named if not _claims_origin(n)]
    wrong = [n for n in named if _claims_origin(n)]
    found = []
    if missing:
        said = "some rows do not say which commit of this repository made them."
        found.append(Doubt(said, _places(view, missing)))
    if wrong:
        said = f"some rows were made by no commit of this repository: {_why_unknown(wrong)}."
        found.append(Doubt(said, _places(view, wrong)))
    return found


def _claims_origin(named: _Named) -> bool:
    return named.commit not in _NO_COMMIT or named.tree not in _NO_COMMIT


def _why_unknown(named: Sequence[_Named]) -> str:
    """What such rows say of their origin: nothing, or a commit or tree that was never here."""
    wrong = next((n for n in named if _claims_origin(n)), None)
    if wrong is None:
        return "they name none"
    commit = "" if wrong.commit in _NO_COMMIT else clean(wrong.commit, 12)
    tree = "" if wrong.tree in _NO_COMMIT else f"tree {clean(wrong.tree, 12)}"
    said = " with ".join(filter(None, (commit, tree)))
    return f"{'they' if len(named) == 1 else 'some'} name {said}, which its history does not have"


def _stale(view: RepoView, trail: Trail, known: Mapping[_Named, _Origin]) -> list[Doubt]:
    """Files that can change a row and are not as they were when it was made."""
    today = {n: o for n, o in known.items() if o.tree and not is_earlier(n.row.path)}
    changed = gitorigins.differing(trail, [o.tree for o in today.values() if o.tree != trail.tree])
    for named, origin in today.items():
        prompted = _is_prompted(view, named.row.path)
        paths = (*changed.get(origin.tree, ()), *uncommitted(view))
        since = [p for p in dict.fromkeys(paths) if can_change_rows(view, p, prompted)]
        if since:
            return [_changed(view, named, origin, since)]
    return []


def _changed(view: RepoView, named: _Named, origin: _Origin, since: Sequence[str]) -> Doubt:
    more = f" and {count(len(since) - 1, 'other file')}" if len(since) > 1 else ""
    said = (
        f"the rows of {clean(named.row.path, 80)} were made at {origin.commit[:7]}, and "
        f"{clean(since[0], 80)}{more} changed after that: run the evaluation again."
    )
    here = [view.quote(p, 1) for p in since[:3] if view.has(p)]
    return Doubt(said, (view.quote(named.row.path, named.row.line), *here))


def _is_prompted(view: RepoView, path: str) -> bool:
    """Whether a model may have made the rows: they name one, or have no field for it."""
    first = next(iter(rows(view, path)), None)
    fields = [k for k in ("prompt", "model") if first and k in first.data]
    return not fields or any(first.text(k) for k in fields if first)


def _places(view: RepoView, named: Sequence[_Named]) -> tuple[Evidence, ...]:
    return tuple(view.quote(n.row.path, n.row.line) for n in named[:5])
