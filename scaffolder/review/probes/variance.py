"""How much a result moves from run to run: trials that are kept, and what is told of them."""

import re
from collections.abc import Iterator

from scaffolder.review.answering import told
from scaffolder.review.answering.told import Told
from scaffolder.review.coding import registry, repeats
from scaffolder.review.coding.repeats import COVERED, FEWEST_ITEMS, FEWEST_TRIALS, Repeated
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.readme import figures
from scaffolder.review.readme.frontpage import page
from scaffolder.review.results.claims import ledger
from scaffolder.review.view import MAX_LINE, RepoView
from scaffolder.sanitise import clean

ROUNDED = 0.0005
MOST_K = 10

_ALL_K = re.compile(r"pass\s?(?:\^|\*\*|_hat_?|-hat-)\s?\{?(?:k|\d)", re.IGNORECASE)
_SPREAD = re.compile(
    r"pass\s?(?:\^|\*\*|_hat_?|-hat-|@)\s?\{?(?:k|\d)|(?:between|across|from)[ -](?:\w{1,10} ){0,2}"
    r"(?:runs?|trials?|repeats?|seeds?)|run[- ]to[- ]run|\bspread\b|standard deviation|\bs\.?d\.?\b"
    r"|\bstd\b|\b(?:\d{1,2}|three|four|five|ten) (?:\w{1,12} )?(?:trials|runs|repeats|seeds)\b",
    re.IGNORECASE,
)
_STEADY = re.compile(
    r"same|identical|no (?:spread|variation|difference)|does not (?:vary|move|change)|determin",
    re.IGNORECASE,
)
_REPEATS = re.compile(
    r"^(?:n_|num_)?(?:trials|repeats|repetitions|n_runs|num_runs|epochs_per_item|n_samples)$"
    r"|pass_(?:at|hat|all)_k|pass_k",
    re.IGNORECASE,
)
_INTERVALS = re.compile(
    r"bootstrap|wilson|confidence_interval|std_?err|standard_error|pass_(?:at|hat|all)_k|\bsem\b"
    r"|stdev|proportion_ci|clustered",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"\u00b1|\+/-|\[\s?-?\d?\.\d{1,4}\s?,\s?-?\d?\.\d{1,4}\s?\]|\b95 ?%", re.I)


def trials_kept(view: RepoView) -> Reading:
    """At least three trials of an item are kept, each a row."""
    found = repeats.repeated(view)
    rows = registry.graded(view)
    if not found:
        reason = "Every item was answered once: one run is one draw."
        if not rows:
            return no("No graded result rows were found, so no item was answered twice.")
        return no(reason, *(view.quote(r.path, r.line) for r in rows[:2]))
    best = max(found, key=lambda s: (s.items >= COVERED * s.every, s.items))
    told = f"{count(best.items, 'item')} of {clean(best.system, 40)}, {best.trials} trials each"
    if best.items < max(FEWEST_ITEMS, COVERED * best.every):
        reason = f"{told}; {best.every} items have rows, and {FEWEST_ITEMS} with trials are wanted."
        return partial(reason, *_places(view, best))
    return yes(f"{told}.", *_places(view, best))


def told_rightly(view: RepoView) -> Reading:
    """What is told of the spread between runs, of pass@k or pass^k follows from the trials."""
    found = repeats.repeated(view)
    given = told.told(view, _SPREAD)
    if not found:
        places = (t.evidence for t in given[:2])
        return no("No item has three trials, so nothing can be told of their spread.", *places)
    wrong = told.told(view, _ALL_K)
    if wrong and not any(_fits(t, v) for t in wrong for s in found for v in _of_all(s)):
        reason = f"A pass^k is told that the trials do not give: {_summary(found[0])}."
        return no(reason, wrong[0].evidence, *_places(view, found[0]))
    for some in found:
        right = [t for t in given if any(_fits(t, v) for v in _figures(some))]
        if right:
            reason = f"Told as the trials give it: {_summary(some)}."
            return yes(reason, right[0].evidence, *_places(view, some))
    steady = _steady(view) if all(_is_steady(s) for s in found) else None
    if steady:
        return yes("All trials give the same, as is told.", steady, *_places(view, found[0]))
    said = "no line tells their spread" if not given else "what is told of them does not follow"
    reason = f"Trials are kept, and {said}: {_summary(found[0])}."
    return partial(reason, *(t.evidence for t in given[:1]), *_places(view, found[0]))


def reported(view: RepoView) -> Reading:
    """Fact: repeats or intervals stand beside results; repeats that nothing reports are partial."""
    shown = _intervals_shown(view)
    code = identifiers(view, _INTERVALS, view.code)
    trials = repeats.repeated(view)
    if shown and (code or trials or ledger(view).claims):
        return yes("Results carry intervals, and code computes them.", *shown[:2], *code[:2])
    given = told.told(view, _SPREAD)
    if trials and given:
        places = (given[0].evidence, *_places(view, trials[0]))
        return yes("Items were answered several times, and that is told.", *places)
    repeated = identifiers(view, _REPEATS, view.code)
    if trials or repeated or code:
        places = (*(_places(view, trials[0]) if trials else ()), *repeated[:2], *code[:2])
        return partial("Repeats or intervals are computed, and no result carries them.", *places)
    if shown:
        return partial("The README gives intervals, and nothing computes them.", *shown[:2])
    return no("No repeats and no intervals were found.")


def _figures(some: Repeated) -> Iterator[float]:
    for metric in repeats.metrics(some):
        for split in ("", "test"):
            means = repeats.means(some, metric, split)
            if len(means) > 1:
                yield from (repeats.spread(means), max(means) - min(means), min(means), max(means))
            counts = repeats.passed(some, metric, split)
            yield from (repeats.any_of(counts, k) for k in _ks(some) if counts)
    yield from _of_all(some)


def _of_all(some: Repeated) -> Iterator[float]:
    for metric in repeats.metrics(some):
        for split in ("", "test"):
            counts = repeats.passed(some, metric, split)
            yield from (repeats.all_of(counts, k) for k in _ks(some) if counts)


def _ks(some: Repeated) -> range:
    return range(2, min(some.trials, MOST_K) + 1)


def _fits(given: Told, value: float) -> bool:
    return abs(given.value - value) <= given.half + ROUNDED


def _is_steady(some: Repeated) -> bool:
    means = [repeats.means(some, metric) for metric in repeats.metrics(some)]
    return all(max(m) - min(m) < 1e-9 for m in means if m)


def _steady(view: RepoView) -> Evidence | None:
    path = view.readme
    document = page(view, path).document if path else None
    for line, text in document.prose() if document else ():
        if _SPREAD.search(text[:MAX_LINE]) and _STEADY.search(text[:MAX_LINE]):
            return view.quote(path or "", line)
    return None


def _summary(some: Repeated) -> str:
    metric = next(iter(repeats.metrics(some)), "")
    means, counts = repeats.means(some, metric), repeats.passed(some, metric)
    told = f"{clean(metric, 40)} {min(means):.3f} to {max(means):.3f} between trials"
    k = min(some.trials, FEWEST_TRIALS)
    return f"{told}, pass^{k} {repeats.all_of(counts, k):.3f}" if counts else told


def _intervals_shown(view: RepoView) -> list[Evidence]:
    path = view.readme
    if path is None:
        return []
    lines = sorted({f.line for f in figures.shown(page(view, path).document)})
    found = [n for n in lines if _INTERVAL.search(view.lines(path)[n - 1])]
    return [view.quote(path, n) for n in found]


def _places(view: RepoView, some: Repeated) -> tuple[Evidence, ...]:
    rows = list(next(iter(some.rows.values())).values())[:2]
    return tuple(view.quote(r.path, r.line) for r in rows)
