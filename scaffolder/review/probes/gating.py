"""A gate in CI: it stops a regression, on enough items, and does not flake."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scaffolder.review.areas import area
from scaffolder.review.coding import named
from scaffolder.review.golden import itemset
from scaffolder.review.judging import usage
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.project import chores
from scaffolder.review.project.recipes import Order
from scaffolder.review.project.workflows import workflows
from scaffolder.review.readme.frontpage import page
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import number, plain
from scaffolder.review.view import MAX_LINE, RepoView
from scaffolder.sanitise import clean

FEWEST = 30
"""Items that a gate is run on (rubric, EVL-13)."""

DEPTH = 5
MAX_PAGES = 20

_GATE = re.compile(
    r"--(?:gate|fail|threshold|min|baseline|check|strict|max-drop|assert)|promptfoo|deepeval"
    r"|\bgate\b|regression",
    re.IGNORECASE,
)
_IN_CODE = re.compile(
    r"^(?:\w{1,30}_)?(?:thresholds?|baseline|tolerance|regress(?:ed|ions?)|min_score|max_drop"
    r"|gate_failed|fail_under)$|^GateFailed$",
    re.IGNORECASE,
)
_SET = re.compile(
    r"baseline|(?:^|[/_.-])gate[^/]{0,20}$|threshold|regression|(?:^|[/_.-])ci[_.-][^/]{0,20}$",
    re.IGNORECASE,
)
_RESULTS = re.compile(r"(?:^|/)(?:results?|runs?|outputs?)/", re.IGNORECASE)
"""Where rows of a system that is called baseline lie."""

_SPLIT = re.compile(r"regress|^ci$|gate|smoke", re.IGNORECASE)
_STEADY = re.compile(
    r"toleran|allowed_?(?:drop|fall)|max_?drop|margin|\bband\b|retr(?:y|ies)|flak|slack|epsilon",
    re.IGNORECASE,
)
_BOUNDS = {"min", "minimum", "threshold", "floor", "target", "at_least", "tolerance", "max_drop"}
"""What a table of one metric's limits holds in the place of items."""

_SAID = re.compile(r"\bgate|regression|\bCI\b|baseline", re.IGNORECASE)


@dataclass(frozen=True)
class _Set:
    """What a gate holds a run against: items, and by plain name the metrics with their numbers."""

    items: int
    metrics: frozenset[str]
    evidence: Evidence


def blocks(view: RepoView) -> Reading:
    """A job that each change starts runs the evaluation, and a drop fails it."""
    found = [(w, o) for w in workflows(view) for o in w.orders if chores.does(o, chores.EVALUATION)]
    if not found:
        return no("No job of CI runs an evaluation.")
    live = [(w, o) for w, o in found if w.runs and w.automatic]
    hard = [o for _, o in live if not o.soft]
    if not live:
        return partial("CI evaluates, and no change starts that.", *_quoted(view, found[0][1]))
    if not hard:
        return partial("CI evaluates, and a failure is ignored.", *_quoted(view, live[0][1]))
    gated = [o for o in hard if _GATE.search(o.text[:MAX_LINE])]
    if gated:
        return yes("A drop of the evaluation fails CI.", *_quoted(view, gated[0]))
    code = identifiers(view, _IN_CODE, view.code)
    if code:
        return yes("A drop of the evaluation fails CI.", *_quoted(view, hard[0]), *code[:2])
    reason = "CI evaluates, and nothing says from which score on it fails."
    return partial(reason, *_quoted(view, hard[0]))


def enough_items(view: RepoView) -> Reading:
    """The gate holds each metric against numbers on thirty items, none of them a judge's."""
    found = max(_sets(view), key=lambda s: (bool(s.metrics), s.items), default=None)
    if found is None:
        return no(
            "Nothing holds what a gate compares with: looked for evals/baseline.json, thresholds "
            "by metric and the like."
        )
    names = ", ".join(clean(m, 20) for m in sorted(found.metrics)[:4])
    told = f"{count(found.items, 'item')} and {count(len(found.metrics), 'metric')} ({names})"
    if not found.metrics:
        reason = f"{count(found.items, 'item')} and no threshold of a metric."
        return partial(reason, found.evidence)
    if found.items < FEWEST:
        return partial(f"The gate has {told}; {FEWEST} items are wanted.", found.evidence)
    judged = sorted(found.metrics & usage.judged(view))
    if judged:
        reason = f"The gate has {told}; {clean(judged[0], 40)} is a judge's, which may flake."
        return partial(reason, found.evidence)
    return yes(f"The gate has {told}.", found.evidence)


def does_not_flake(view: RepoView) -> Reading:
    """How much a score may move before the gate closes is set, or written down with the gate."""
    set_at = next(_keys(view), None)
    if set_at:
        return yes("How far a score may fall is set.", set_at)
    said = [e for e in _lines(view) if _STEADY.search(e.text) and _SAID.search(e.text)]
    told = [e for e in said if e.path != view.readme]
    if told:
        return yes("How far a score may fall before the gate closes is written down.", told[0])
    if said:
        return partial("Only the README says how far a score may fall.", said[0])
    return no("Nothing says how far a score may move before the gate closes, or what is retried.")


def _sets(view: RepoView) -> Iterator[_Set]:
    every = len(itemset.kept(view))
    own = len([i for i in itemset.kept(view) if _SPLIT.search(i.split[:30])])
    kept = named.files(view, _SET, (*named.ROW_ENDS, *named.TABLE_ENDS))
    for path in [p for p in kept if not _RESULTS.search(p)]:
        if path.endswith((".jsonl", ".csv")):
            yield from _of_rows(view, path)
            continue
        value = named.document(view, path)
        items, metrics = _items(value, DEPTH)
        if items:
            yield _Set(items, metrics, _inside(view, path, value))
        elif bare := _thresholds(value, DEPTH):
            yield _Set(own or every, bare, _inside(view, path, value))
    for path in [f for f in ("config.toml", "pyproject.toml") if view.has(f)]:
        value = named.document(view, path)
        gate = value.get("gate") if isinstance(value, dict) else None
        if bare := _thresholds(gate, DEPTH):
            yield _Set(own or every, bare, named.place(view, path, "[gate"))


def _of_rows(view: RepoView, path: str) -> Iterator[_Set]:
    rows = [r for r in resultrows.rows(view, path) if r.id]
    metrics = frozenset(plain(g) for r in rows[:500] for g in resultrows.grades(r))
    if rows:
        yield _Set(len({r.id for r in rows}), metrics, view.quote(path, rows[0].line))


def _items(value: object, depth: int) -> tuple[int, frozenset[str]]:
    """The largest table of grades by item and metric, or by metric and item: how many, which.

    Of the two the one with more names are the items.
    """
    if not isinstance(value, dict) or not depth:
        return 0, frozenset()
    graded = [v for v in value.values() if isinstance(v, dict) and _is_grades(v)]
    if graded and len(graded) == len(value):
        outer, inner = {str(k) for k in value}, {str(m) for v in graded for m in v}
        if inner <= _BOUNDS:
            return 0, frozenset()
        items, metrics = (outer, inner) if len(outer) >= len(inner) else (inner, outer)
        return len(items), frozenset(map(plain, metrics))
    below = [_items(v, depth - 1) for v in value.values()]
    return max(below, key=lambda found: found[0], default=(0, frozenset()))


def _is_grades(value: Mapping[object, object]) -> bool:
    return bool(value) and all(number(v) is not None for v in value.values())


def _thresholds(value: object, depth: int) -> frozenset[str]:
    """Metrics that a table gives a number from 0 to 1 for; tolerances are none."""
    if not isinstance(value, dict) or not depth:
        return frozenset()
    numbers = {str(k): n for k, v in value.items() if (n := number(v)) is not None}
    here = {plain(k) for k, n in numbers.items() if 0 < n <= 1 and not _STEADY.search(k)}
    here |= {plain(str(k)) for k, v in value.items() if isinstance(v, dict) and v.keys() <= _BOUNDS}
    below = [v for v in value.values() if isinstance(v, dict) and not v.keys() <= _BOUNDS]
    return frozenset(here).union(*(_thresholds(v, depth - 1) for v in below))


def _inside(view: RepoView, path: str, value: object) -> Evidence:
    """A line of the file that holds an item, so that whose it is can be told."""
    lines = view.lines(path)
    found = next((n for n, t in enumerate(lines, 1) if t.count('"') > 3 or "=" in t), 1)
    return view.quote(path, found) if value else view.quote(path, 1)


def _keys(view: RepoView) -> Iterator[Evidence]:
    """Lines of configuration that set how far a score may move."""
    paths = [*named.files(view, _SET, named.TABLE_ENDS)]
    for path in [*paths, *(f for f in ("config.toml",) if view.has(f))]:
        gate = path != "config.toml"
        for at, line in enumerate(view.lines(path)[:2000], 1):
            gate = "[gate" in line if line.startswith("[") and path == "config.toml" else gate
            head = line.partition("#")[0][:200]
            if gate and _STEADY.search(head) and re.search(r"[:=]\s?\d", head):
                yield view.quote(path, at)


def _lines(view: RepoView) -> Iterator[Evidence]:
    first = [view.readme] if view.readme else []
    more = [f for f in view.find("*.md") if area(view, f) in ("docs", "evals") and f not in first]
    for path in [*more, *first][:MAX_PAGES]:
        for line, _ in page(view, path).document.prose():
            yield view.quote(path, line)


def _quoted(view: RepoView, order: Order) -> tuple[Evidence, ...]:
    return (view.quote(order.path, order.line),)
