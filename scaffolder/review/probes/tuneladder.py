"""What a tune is compared with: the base as it is, its best prompt, examples, an API model."""

from scaffolder.review.model import Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.tunework import ladder
from scaffolder.review.tunework.ladder import System
from scaffolder.review.view import RepoView

_WANTED = ("zero-shot", "best prompt", "few-shot", "API model")
_VERIFY = "Set a key and let the evaluation measure an API model on the same items."
FEWEST = 20
"""Items from which on two systems can be compared at all."""


def complete(view: RepoView) -> Reading:
    """Rows of zero-shot, best prompt and few-shot on the base, and of an API model."""
    found = ladder.systems(view)
    there = [found[kind] for kind in _WANTED if kind in found]
    missing = [kind for kind in _WANTED if kind not in found]
    if not there:
        return no("No rows of the base model were found: zero-shot, best prompt, few-shot.")
    places = _places(view, there)
    if missing == ["API model"]:
        reason = "Three ways to ask the base were measured, and no API model."
        return unknown(reason, _VERIFY, *places, waits_for="model")
    if missing:
        return partial(f"Not measured: {', '.join(missing)}.", *places)
    return yes(f"{', '.join(s.kind for s in there)} were measured.", *places)


def same_items(view: RepoView) -> Reading:
    """All systems, the tune among them, read the same items."""
    found = ladder.systems(view)
    if len(found) < 2:
        return no("Fewer than two systems have rows with grades, so nothing is compared.")
    sizes = {kind: len(system.rows) for kind, system in found.items()}
    shared = set.intersection(*(set(system.rows) for system in found.values()))
    places = _places(view, list(found.values()))
    if len(shared) < min(sizes.values()) or len(set(sizes.values())) > 1:
        told = ", ".join(f"{kind} {n}" for kind, n in sizes.items())
        return no(f"The systems were not measured on the same items: {told}.", *places)
    if len(shared) < FEWEST:
        return partial(f"Only {count(len(shared), 'item')} were measured.", *places)
    return yes(f"{len(found)} systems were measured on the same {len(shared)} items.", *places)


def _places(view: RepoView, some: list[System]) -> list[Evidence]:
    firsts = [next(iter(system.rows.values())) for system in some[:4] if system.rows]
    return [view.quote(row.path, row.line) for row in firsts]
