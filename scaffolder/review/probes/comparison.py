"""Compared with what: the result beside the dullest thing that could work, item by item."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.readme import figures
from scaffolder.review.readme.frontpage import page
from scaffolder.review.results import claims, intervals, resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FEWEST = 10
"""Shared items below which a difference says nothing: five wins and no loss still have p = 0.06."""

_BASELINE = re.compile(
    r"(?:^|[\s_./-])(?:baseline|bm25|lexical|keywords?|rules?|regex|majority|random|constant|naive"
    r"|tf-?idf|single[-_ ]?call|zero[-_ ]?shot|plain|no[-_ ]?rag|most[-_ ]frequent|prior|grep"
    r"|closed[-_ ]book|always)(?:$|[\s_./-]|\d)",
    re.IGNORECASE,
)
_QUALITY = re.compile(
    r"accura|precision|recall|f1|mrr|ndcg|\bmap\b|hit|score|correct|pass|success|match|grade|faith"
    r"|relevan|rouge|bleu|solved|win|reward|agree|exact|quality|ground|support|kappa|complete",
    re.IGNORECASE,
)
_NO_QUALITY = re.compile(r"latency|seconds|_ms$|cost|usd|tokens?|time|ttft|duration", re.IGNORECASE)


@dataclass(frozen=True)
class _Pairs:
    """A system beside a baseline on one metric: pairs of rows of the same item."""

    system: str
    baseline: str
    metric: str
    found: Sequence[tuple[Row, Row, float, float]]
    claimed: bool


def against_baseline(view: RepoView) -> Reading:
    """Rows of a baseline and of another system on the same items, and their paired difference."""
    by_folder = view.once(_systems)
    everything = [s for systems in by_folder.values() for s in systems]
    baselines = [s for s in everything if _BASELINE.search(s)]
    best = max((p for s in by_folder.values() for p in _pairs(view, s)), key=_weight, default=None)
    if best is not None:
        return _compared(view, best)
    if baselines:
        rows = next(s[baselines[0]] for s in by_folder.values() if baselines[0] in s)
        named = clean(baselines[0], 40)
        reason = f"{named} was measured, but no other system on the same items and split."
        return partial(reason, view.quote(rows[0].path, rows[0].line))
    if len(set(everything)) > 1:
        listed = ", ".join(clean(s, 30) for s in sorted(set(everything))[:4])
        rows = next(iter(next(iter(by_folder.values())).values()))
        reason = f"Results are of {listed}; none of them is called a baseline, a rule or BM25."
        return no(reason, view.quote(rows[0].path, rows[0].line))
    return _in_words(view)


def _weight(pairs: _Pairs) -> tuple[bool, int, bool, float]:
    """Held-out items first, then the most of them, a claimed metric, the best other system."""
    held_out = any(row.text("split") == "test" for row, _, _, _ in pairs.found)
    reached = intervals.mean([a for _, _, a, _ in pairs.found])
    return held_out, len(pairs.found), pairs.claimed, reached


def _systems(view: RepoView) -> Mapping[str, Mapping[str, list[Row]]]:
    """Graded rows by folder and system; those of an earlier setting are left out."""
    claimed = _claimed(view)
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for path in resultrows.result_files(view):
        folder = str(PurePosixPath(path).parent)
        for row in resultrows.rows(view, path):
            if row.id and any(_is_quality(g, claimed) for g in resultrows.grades(row)):
                found[folder][row.system].append(row)
    return found


def _claimed(view: RepoView) -> frozenset[str]:
    return frozenset(resultrows.plain(c.metric) for c in claims.ledger(view).claims)


def _is_quality(metric: str, claimed: Collection[str]) -> bool:
    """By its name; a metric of the author's own, by being claimed."""
    known = bool(_QUALITY.search(metric)) or resultrows.plain(metric) in claimed
    return known and not _NO_QUALITY.search(metric)


def _pairs(view: RepoView, systems: Mapping[str, list[Row]]) -> Iterator[_Pairs]:
    claimed = _claimed(view)
    dull = [s for s in systems if _BASELINE.search(s)][:20]
    for system in [s for s in systems if s not in dull][:20]:
        for baseline in dull:
            for metric in _metrics(systems[system], systems[baseline], claimed)[:8]:
                found = resultrows.pairs(systems[system], systems[baseline], metric)
                test = [p for p in found if p[0].text("split") == "test"]
                if found:
                    told = resultrows.plain(metric) in claimed
                    yield _Pairs(system, baseline, metric, test or found, told)


def _metrics(first: Sequence[Row], second: Sequence[Row], claimed: Collection[str]) -> list[str]:
    there = {g for row in second[:500] for g in resultrows.grades(row)}
    here = dict.fromkeys(g for row in first[:500] for g in resultrows.grades(row))
    return [g for g in here if g in there and _is_quality(g, claimed)]


def _compared(view: RepoView, pairs: _Pairs) -> Reading:
    differences = [a - b for _, _, a, b in pairs.found]
    low, high = intervals.bootstrap(differences)
    split = pairs.found[0][0].text("split")
    of = f" of the {clean(split, 20)} split" if split else ""
    told = (
        f"{clean(pairs.system, 40)} minus {clean(pairs.baseline, 40)}, {clean(pairs.metric, 40)}: "
        f"{intervals.mean(differences):+.3f} [{low:+.3f}, {high:+.3f}] over {len(differences)} "
        f"shared items{of}, sign test p = {intervals.sign_test(differences):.2f}."
    )
    first, second = pairs.found[0][0], pairs.found[0][1]
    places = view.quote(second.path, second.line), view.quote(first.path, first.line)
    if len(differences) < FEWEST:
        return partial(f"{told} That is under {FEWEST} items.", *places)
    return yes(told, *places)


def _in_words(view: RepoView) -> Reading:
    path = view.readme
    if path is None:
        return no("No result rows were found, and no README.")
    document = page(view, path).document
    lines = {f.line for f in figures.shown(document)}
    named = [n for n in sorted(lines) if _BASELINE.search(view.lines(path)[n - 1])]
    if named:
        reason = "The README names a baseline, but no rows of both on the same items are here."
        return partial(reason, *(view.quote(path, n) for n in named[:3]))
    return no("No results of a baseline were found: neither rows nor a line in the README.")
