"""An improvement is a paired comparison: kept item by item, with enough items, worded as it is."""

import re
from collections.abc import Iterator

from scaffolder.review.areas import area
from scaffolder.review.coding import compared, named
from scaffolder.review.coding.compared import FEWEST, Comparison
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.readme.frontpage import page
from scaffolder.review.results import intervals
from scaffolder.review.results.resultrows import number, plain
from scaffolder.review.view import MAX_LINE, RepoView
from scaffolder.sanitise import clean

MAX_PAGES = 30

_POWER = re.compile(
    r"detectable|items? (?:would be |are |is )?(?:needed|wanted|required)|\bMDE\b|80 ?% power"
    r"|takes? (?:about |some )?\d[\d,]{0,8} items|likely to show"
    r"|80 ?% of|smallest (?:clear )?difference|statistical power|6[ -:]0|six (?:to nothing|wins)",
    re.IGNORECASE,
)
_BETTER = re.compile(
    r"\b(?:improv\w{0,6}|better|beats?|outperform\w{0,3}|rais(?:es|ed)|lift(?:s|ed)|gain(?:s|ed)?"
    r"|increas(?:es|ed|e)|wins|won|helps|helped|boost(?:s|ed)?)\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"no clear|not clear|unclear|noise|not significant|insignificant|inconclusive|cannot tell"
    r"|cannot say|too few|no better|not better|no difference|n\.s\.|by chance|within the"
    r"|(?:crosses|includes) (?:0|zero)|does not (?:show|prove)|no evidence|not (?:be )?called",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d")
_FLIPS = re.compile(
    r"\bbetter (?:on|in|for) \d{1,6}|\d{1,6} (?:are |were )?better\b", re.IGNORECASE
)
"""A count of flips praises nothing."""


def kept(view: RepoView) -> Reading:
    """Old and new grade of each item are kept, and what is said of them follows."""
    found = compared.comparisons(view)
    if not found:
        return no(
            "No comparison item by item was found: looked for result files named for one, with an "
            "old and a new grade of each item."
        )
    for one in found:
        if said := compared.fault(view, one):
            reason = f"{clean(one.path, 80)} contradicts itself or its rows: {said}."
            return no(reason, *_places(view, one))
    best = found[0]
    told = _told(best)
    if len(best.pairs) < FEWEST:
        return partial(f"{told} That is under {FEWEST} items.", *_places(view, best))
    return yes(told, *_places(view, best))


def enough_items(view: RepoView) -> Reading:
    """Beside a comparison stands which difference its items could show, or how many it needs."""
    found = compared.comparisons(view)
    if not found:
        return no("No comparison item by item was found, so nothing says what it could show.")
    for one in found:
        rows = [s for s in one.summaries if _says_power(named.fields(s.data))]
        if rows:
            where = view.quote(rows[0].path, rows[0].line)
            return yes("The comparison says which difference its items could show.", where)
    lines = [e for e in _lines(view) if _POWER.search(e.text) and _NUMBER.search(e.text)]
    if lines:
        places = (*lines[:1], *_places(view, found[0]))
        return yes("It is told which difference the items could show.", *places)
    reason = (
        f"{_told(found[0])} Nothing says the smallest difference that so many items could show."
    )
    return partial(reason, *_places(view, found[0]))


def worded_rightly(view: RepoView) -> Reading:
    """A difference that chance explains is called no clear difference, wherever it is told."""
    found = compared.comparisons(view)
    if not found:
        return no("No comparison item by item was found that words could be held against.")
    unclear = [c for c in found if not c.is_clear]
    wrong = [c for c in unclear if _BETTER.search(c.words) and not _HEDGED.search(c.words)]
    if wrong:
        reason = f"{_told(wrong[0])} It is called: {clean(wrong[0].words, 60)}."
        places = (view.quote(s.path, s.line) for s in wrong[0].summaries[:1])
        return no(reason, *places, *_places(view, wrong[0]))
    for one in unclear:
        clear = {plain(c.metric) for c in found if c.is_clear}
        if plain(one.metric) not in clear and (line := _overstated(view, one)):
            return no(
                f"{_told(one)} A document calls it an improvement.", line, *_places(view, one)
            )
    many = count(len(unclear), "difference is", "differences are")
    told = f"{many} within chance, and none is told as more." if unclear else "Each one is clear."
    return yes(f"Of {count(len(found), 'comparison')}: {told}", *_places(view, found[0]))


def _says_power(data: dict[str, object]) -> bool:
    return any(number(data.get(k)) is not None for k in compared.POWER)


def _overstated(view: RepoView, one: Comparison) -> Evidence | None:
    """The line that tells an unclear difference of a metric as a gain; None without any."""
    metric = plain(one.metric)
    for place in _lines(view) if len(metric) > 1 else ():
        text = _FLIPS.sub(" ", place.text)
        speaks = metric in plain(text) and _of_both(text, one)
        if speaks and _BETTER.search(text) and _NUMBER.search(text):
            near = view.lines(place.path)[max(0, (place.line or 1) - 2) : (place.line or 1) + 1]
            if not any(_HEDGED.search(line[:MAX_LINE]) for line in near):
                return place
    return None


def _of_both(text: str, one: Comparison) -> bool:
    """Whether a line names the newer system of a comparison; where none is known, any line."""
    return not one.systems[1] or plain(one.systems[1]) in plain(text)


def _lines(view: RepoView) -> Iterator[Evidence]:
    """The lines of running text of the README and of documents."""
    first = [view.readme] if view.readme else []
    more = [f for f in view.find("*.md") if area(view, f) in ("docs", "evals") and f not in first]
    for path in [*first, *more][:MAX_PAGES]:
        for line, _ in page(view, path).document.prose():
            yield view.quote(path, line)


def _told(one: Comparison) -> str:
    low, high = one.interval
    metric = clean(one.metric or "grade", 40)
    return (
        f"{clean(one.path, 80)}, {metric}: {intervals.mean(one.differences):+.3f} [{low:+.3f}, "
        f"{high:+.3f}] over {len(one.pairs)} items, {one.better} better and {one.worse} worse, "
        f"p = {one.p_value:.2f}."
    )


def _places(view: RepoView, one: Comparison) -> tuple[Evidence, ...]:
    return tuple(view.quote(r.path, r.line) for r in one.rows[:2])
