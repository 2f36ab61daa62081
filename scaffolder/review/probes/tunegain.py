"""What a tune gains over the best prompt: in pairs, with enough items, told with its interval."""

import re

from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.readme.frontpage import nearest
from scaffolder.review.results import intervals
from scaffolder.review.tunework import ladder
from scaffolder.review.tunework.ladder import System
from scaffolder.review.view import MAX_LINE, RepoView

ENOUGH = 200
FEW = 100
"""Where 30 % of the items change, 200 show eleven points and 100 fifteen (5 %, power 80 %)."""

_MADE = re.compile(r"tun|lora|adapter|trained", re.IGNORECASE)
_INTERVAL = re.compile(r"[\[(]\s?[-+\u2212]?\d?\.?\d+\s?%?,\s?[-+\u2212]?\d?\.?\d+\s?%?\s?[\])]")
_AGAINST = re.compile(r"minus|against|over|versus|\bvs\b|than|difference|gain", re.IGNORECASE)


def paired(view: RepoView) -> Reading:
    """The tune and the best prompt of its base have a grade of each item."""
    both = _both(view)
    if isinstance(both, Reading):
        return both
    old, new, name = both
    pairs = ladder.pairs(old, new, name)
    differences = [b - a for a, b in pairs]
    low, high = intervals.bootstrap(differences)
    told = (
        f"{name}: {new.name} minus {old.name} is {intervals.mean(differences):+.2f} "
        f"[{low:+.2f}, {high:+.2f}] over {len(pairs)} items."
    )
    places = _places(view, old, new)
    if len(pairs) >= ENOUGH:
        return yes(told, *places)
    reason = f"{told} A task of form needs {ENOUGH}."
    return partial(reason, *places) if len(pairs) >= FEW else no(reason, *places)


def told(view: RepoView) -> Reading:
    """The README tells the difference of the tune with its interval, whichever way it goes."""
    both = _both(view)
    if isinstance(both, Reading):
        return both
    page = nearest(view)
    lines = enumerate(page.document.shown, 1) if page else ()
    for number, line in lines:
        text = line[:MAX_LINE]
        if _MADE.search(text) and _AGAINST.search(text) and _INTERVAL.search(text) and page:
            return yes(
                "The README tells the difference with its interval.", view.quote(page.path, number)
            )
    return no("The README does not tell the tune's difference to another system with an interval.")


def _both(view: RepoView) -> tuple[System, System, str] | Reading:
    found = ladder.systems(view)
    new = found.get("tuned")
    old = found.get("best prompt") or found.get("few-shot") or found.get("zero-shot")
    if not new:
        return no("No rows of a tuned model were found.")
    if not old:
        return no("No rows of the tune's own base were found that it could be paired with.")
    name = ladder.metric(old, new)
    if not ladder.pairs(old, new, name):
        return no(
            "Tune and base share no item with a grade that both have.", *_places(view, old, new)
        )
    return old, new, name


def _places(view: RepoView, *some: System) -> list[Evidence]:
    firsts = [next(iter(system.rows.values())) for system in some]
    return [view.quote(row.path, row.line) for row in firsts]
