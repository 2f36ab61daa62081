"""Ways to search: whether two were compared on the same questions, and the better one ships."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from scaffolder.review.areas import manifest_paths
from scaffolder.review.golden import approaches as ways
from scaffolder.review.golden import cuts, depth, measured
from scaffolder.review.golden.approaches import Approach, Shipped
from scaffolder.review.golden.rankings import retrieval_metric
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.readme import decisions
from scaffolder.review.readme.frontpage import front, page
from scaffolder.review.results import choices, intervals, resultrows, timings
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

MAX_FIGURES = 256 * 1024
"""Bytes of a file of figures: it has a line a way, and no line a question."""

CHANCE = 0.05
"""p of the sign test from which a difference may be chance, as `evaluation/` of our template."""

_MOST = 20
_RESULTS = re.compile(r"eval|result|metric|retriev|bench", re.IGNORECASE)
_METRIC = re.compile(r"hit_?rate|mrr|recall|ndcg", re.IGNORECASE)
_NUMBER = re.compile(r"\d\.\d|\d\s?%|\|\s?\d")
_REASON = re.compile(
    r"because|since\b|cost|cheap|simpl|latency|faster|slower|complex|noise|interval|not clear"
    r"|trade-?off|worth|maintain|licen[cs]e|privacy|weil|porque|因为",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Pair:
    """Two ways to search on one metric: the first minus the second on the questions of both."""

    first: Approach
    second: Approach
    metric: str
    pairs: Sequence[tuple[Row, Row, float, float]]

    @property
    def differences(self) -> list[float]:
        return [a - b for _, _, a, b in self.pairs]

    @property
    def is_clear(self) -> bool:
        """As the template's evaluation says it: by the interval and by the sign test."""
        low, high = intervals.bootstrap(self.differences)
        return (low > 0 or high < 0) and intervals.sign_test(self.differences) < CHANCE


def compared(view: RepoView) -> Reading:
    """Rows of two ways to search on the same questions, and their paired difference."""
    found = ways.approaches(view)
    kinds = {a.kind for a in found} - {""}
    if len(kinds) < 2:
        return _without_two(view, found)
    copies = _copies(found)
    if copies:
        names = " and ".join(clean(a.name, 40) for a in copies)
        reason = f"{names} hold the same list for every question: one is a copy of the other."
        return no(reason, *(_first(view, a) for a in copies))
    pair = _widest(view, found)
    if pair is None:
        named = ", ".join(clean(a.name, 30) for a in found[:4])
        reason = f"{named} were measured, but on no question of both with the same metric."
        return partial(reason, *(_first(view, a) for a in found[:2]))
    places = _first(view, pair.first), _first(view, pair.second)
    told = _told(pair)
    if len(pair.pairs) < measured.FEWEST:
        return partial(f"{told} That is under {measured.FEWEST} questions.", *places)
    return yes(told, *places)


def winner_ships(view: RepoView) -> Reading:
    """What the system is set to is the best that was measured, or a record says why not."""
    found = [a for a in ways.approaches(view) if a.kind]
    if len({a.kind for a in found}) < 2:
        return _not_measured(view)
    ships = _ships(view, found)
    if ships is None:
        reason = "What the system is set to search with was found in no configuration or code."
        return partial(reason, *(_first(view, a) for a in found[:2]))
    mine = _of(found, ships)
    if mine is None:
        measured = ", ".join(clean(a.name, 30) for a in found[:4])
        reason = f"{clean(ships.name, 40)} ships, and what was measured is {measured}."
        return no(reason, ships.evidence, _first(view, found[0]))
    return _judged(view, found, mine, ships)


def latency_beside(view: RepoView) -> Reading:
    """How long each way takes, in the rows of its grades."""
    timed = {g.rows[0].system: g for g in timings.timed(view) if g.rows}
    found = [a for a in ways.approaches(view) if a.kind]
    both = [a for a in found if a.name in timed and any(timed[a.name].total)]
    if len({a.kind for a in both}) > 1:
        parts = ", ".join(
            f"{clean(a.name, 30)} {intervals.percentiles(timed[a.name].total, 0.5)[1]:.1f} ms"
            for a in both[:4]
        )
        return yes(f"Beside the grades stands the time; medians: {parts}.", _first(view, both[0]))
    told = view.once(_elsewhere)
    if not found and told:
        return partial("No rows of ways to search say how long each took.", told[1])
    if not found:
        return no("No rows of ways to search were found, and so no time that each takes.")
    reason = "The rows of the ways to search do not say how long each took."
    return partial(reason, *(_first(view, a) for a in found[:2]))


def _judged(view: RepoView, found: Sequence[Approach], mine: Approach, ships: Shipped) -> Reading:
    """The verdict on what ships, beside every other on the metrics that both have."""
    pairs = [p for a in found if a is not mine for p in _pairs(view, mine, a)]
    if not pairs:
        reason = f"{clean(mine.name, 40)} ships, and shares no question with another way."
        return partial(reason, ships.evidence, _first(view, mine))
    lost = [a for a in found if a is not mine and _beats(pairs, a)]
    name = clean(mine.name, 40)
    if not lost:
        return _recorded(view, found, mine, ships)
    better = lost[0]
    pair = min(
        (p for p in pairs if p.second is better), key=lambda p: intervals.mean(p.differences)
    )
    told = f"{name} ships although {clean(better.name, 40)} did better: {_told(pair)}"
    record = _record(view, ships.kind, better.kind)
    if record:
        return yes(f"{told} A decision record says why.", record, ships.evidence)
    places = ships.evidence, _first(view, better)
    if _in_readme(view, ships.kind, better.kind):
        return partial(f"{told} The README says something of it; no decision record does.", *places)
    if not pair.is_clear:
        return partial(f"{told} It could be noise, and no decision record says so.", *places)
    return no(f"{told} No decision record says why.", *places)


def _recorded(view: RepoView, found: Sequence[Approach], mine: Approach, ships: Shipped) -> Reading:
    """The winner ships; where the manifest says that decisions are kept, this one is there."""
    reason = f"{clean(mine.name, 40)} ships, and no other way that was measured beats it."
    place = manifest_paths(view).get("decisions")
    others = {a.kind for a in found} - {ships.kind}
    records = [r for r in (_record(view, ships.kind, kind) for kind in sorted(others)) if r]
    if records or place is None:
        return yes(reason, ships.evidence, _first(view, mine), *records[:1])
    lacks = f"No record in {clean(place, 80)} names it, a way that lost, and a reason."
    return partial(f"{reason} {lacks}", ships.evidence, _first(view, mine))


def _beats(pairs: Sequence[_Pair], other: Approach) -> bool:
    """Whether the other is never worse and once better; or clearly better, and never clearly worse.

    `pairs` are what ships minus the other, one a metric.
    """
    mine = [p for p in pairs if p.second is other]
    means = [intervals.mean(p.differences) for p in mine]
    if means and max(means) < 1e-9:
        return min(means) < -1e-9
    clear = [mean for p, mean in zip(mine, means, strict=True) if p.is_clear]
    return bool(clear) and max(clear) < 0


def _of(found: Sequence[Approach], ships: Shipped) -> Approach | None:
    """The approach that ships: of its name, else the best of its kind's first."""
    named = [a for a in found if resultrows.plain(a.name) == resultrows.plain(ships.name)]
    same = [a for a in found if a.kind == ships.kind]
    return next(iter(named if ships.kind != "rerank" else []), next(iter(same), None))


def _widest(view: RepoView, found: Sequence[Approach]) -> _Pair | None:
    """What ships against its closest rival, else the two with the most shared questions."""
    ships = _ships(view, found)
    some = [a for a in found if a.kind][:_MOST]
    mine = _of(some, ships) if ships else None
    couples = (
        [(mine, b) for b in some if b.kind != mine.kind]
        if mine
        else [(a, b) for a, b in combinations(some, 2) if a.kind != b.kind]
    )
    pairs = [p for a, b in couples for p in _pairs(view, a, b)[:1]]
    return max(pairs, key=lambda p: (len(p.pairs), -intervals.mean(p.differences)), default=None)


def _pairs(view: RepoView, first: Approach, second: Approach) -> list[_Pair]:
    """Both on each metric of retrieval; on the held-out split where it was run."""
    found = []
    for metric in _metrics(view, first, second):
        shared = resultrows.pairs(first.rows, second.rows, metric)
        test = [p for p in shared if p[0].text("split") == "test"]
        if shared:
            found.append(_Pair(first, second, metric, test or shared))
    return found


def _metrics(view: RepoView, first: Approach, second: Approach) -> list[str]:
    """The metrics that ranks give, at the k in use; else those that the rows of both state."""
    if all(isinstance(a.rows[0].data.get("label_ranks"), list) for a in (first, second)):
        return [f"recall@{depth.in_use(view) or depth.USUAL}", "ndcg@10", "mrr@10"]
    there = set(resultrows.grades(second.rows[0]))
    return [g for g in resultrows.grades(first.rows[0]) if g in there and retrieval_metric(g)]


def _told(pair: _Pair) -> str:
    low, high = intervals.bootstrap(pair.differences)
    split = pair.pairs[0][0].text("split")
    of = f" of the {clean(split, 20)} split" if split else ""
    return (
        f"{clean(pair.first.name, 40)} minus {clean(pair.second.name, 40)}, "
        f"{clean(pair.metric, 30)}: {intervals.mean(pair.differences):+.3f} "
        f"[{low:+.3f}, {high:+.3f}] over {count(len(pair.pairs), 'shared question')}{of}, "
        f"sign test p = {intervals.sign_test(pair.differences):.2f}."
    )


def _copies(found: Sequence[Approach]) -> tuple[Approach, ...]:
    known: dict[str, Approach] = {}
    for one in found:
        if len(one.rows) >= measured.FEWEST and one.copied:
            other = known.setdefault(one.copied, one)
            if other.kind != one.kind:
                return other, one
    return ()


def _first(view: RepoView, approach: Approach) -> Evidence:
    return view.quote(approach.rows[0].path, approach.rows[0].line)


def _without_two(view: RepoView, found: Sequence[Approach]) -> Reading:
    told = view.once(_elsewhere)
    if told:
        return partial(f"{told[0]}, but no rows of both on the same questions are kept.", told[1])
    if len(found) > 1:
        named = ", ".join(clean(a.name, 30) for a in found[:4])
        reason = f"{named} were measured; by their names they are no two ways of searching."
        return partial(reason, *(_first(view, a) for a in found[:2]))
    if found:
        reason = f"Only {clean(found[0].name, 40)} was measured; a second way is wanted beside it."
        return no(reason, _first(view, found[0]))
    return no(
        "No results of two ways of searching were found: words, vectors, both, reranked, rewritten."
    )


def _not_measured(view: RepoView) -> Reading:
    told = view.once(_elsewhere)
    ships = _ships(view, ())
    if told and ships:
        reason = f"{clean(ships.name, 40)} ships, and no rows show whether it was the best."
        return partial(reason, ships.evidence, told[1])
    return no("No two ways of searching were measured, so none can be the better one.")


def _ships(view: RepoView, found: Sequence[Approach]) -> Shipped | None:
    """What ships: of several that the code speaks of, the first that was measured."""
    said, kinds = ways.shipped(view), {a.kind for a in found}
    return next((s for s in said if s.kind in kinds), next(iter(said), None))


def _elsewhere(view: RepoView) -> tuple[str, Evidence] | None:
    return next(_told_elsewhere(view), None)


def _told_elsewhere(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    """A comparison that is no rows: figures of a file, lines of code, a table of the README."""
    yield from _in_figures(view)
    yield from _in_code(view)
    page = front(view)
    for table in page.document.tables if page else ():
        lines = {n: ways.kind(cells[0]) for n, cells in table.rows if cells and ways.kind(cells[0])}
        if len(set(lines.values())) > 1 and page and _has_number(view, page.path, [*lines]):
            place = view.quote(page.path, next(iter(lines)))
            yield "A table of the README compares ways of searching", place


def _has_number(view: RepoView, path: str, lines: Sequence[int]) -> bool:
    return any(_NUMBER.search(view.lines(path)[n - 1]) for n in lines)


def _in_figures(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    """A file of one line a way, as notebooks write it."""
    for path in view.find("*.csv", "*.json", "*.md")[:300]:
        if not _RESULTS.search(path) or view.size(path) > MAX_FIGURES:
            continue
        lines = {n: k for n, t in enumerate(view.lines(path)[:500], 1) if (k := _named_with(t))}
        if len(set(lines.values())) > 1 and _METRIC.search(view.text(path)):
            place = view.quote(path, next(iter(lines)))
            yield "Figures of several ways of searching are kept", place


def _named_with(line: str) -> str:
    """The way of searching that a line begins with, where a figure or a table of such follows."""
    follows = _NUMBER.search(line) or line.rstrip().endswith("{")
    return ways.kind(line[:80]) if follows else ""


def _in_code(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    for file in view.code:
        named = {n for n in file.names if _METRIC.search(n)}
        calls = {ways.kind(c.name.rpartition(".")[2]): c for c in reversed(file.calls)}
        found = {k: c for k, c in calls.items() if k}
        if named and len(found) > 1:
            line = next(iter(found.values())).line
            yield "Code measures several ways of searching", view.quote(file.path, line)


def _record(view: RepoView, ships: str, better: str) -> Evidence | None:
    """A decision record that names both ways, chose the one that ships, and gives a reason."""
    for path in decisions.accounts(view):
        lines = view.lines(path)
        if ships not in _chosen(view, path):
            continue
        named = [n for n, t in enumerate(lines, 1) if ways.KINDS[ships].search(t)]
        other = any(ways.KINDS[better].search(t) for t in lines)
        if named and other and any(_REASON.search(t) for t in lines):
            return view.quote(path, named[0])
    return None


def _chosen(view: RepoView, path: str) -> frozenset[str]:
    """The ways of searching that a record decides for; none where it is for other chunks."""
    record = page(view, path)
    kinds = {a.kind for a in ways.approaches(view)} | {s.kind for s in ways.shipped(view)}
    options = {k: pattern for k, pattern in ways.KINDS.items() if k in kinds}
    decision = choices.decision(record)
    sizes, configured = cuts.sizes_in(decision), view.once(cuts.configured)
    if sizes and configured and not sizes & configured:
        return frozenset()
    found = choices.chosen(decision, options)
    title = "\n".join(h.text for h in record.document.headings[:1])
    whole = "\n".join(record.document.shown)
    return found or choices.chosen(f"{choices.reasons(whole, _REASON)}\n{title}", options)


def _in_readme(view: RepoView, ships: str, better: str) -> bool:
    lines = view.lines(view.readme) if view.readme else []
    both = (t for t in lines if ways.KINDS[ships].search(t) and ways.KINDS[better].search(t))
    return any(_REASON.search(t) for t in both)
