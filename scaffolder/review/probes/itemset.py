"""The set of items of an evaluation: described, split by group, without doubles, named in rows."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from scaffolder.review.areas import area
from scaffolder.review.coding import named, registry
from scaffolder.review.golden import itemset
from scaffolder.review.golden.itemset import Item
from scaffolder.review.model import Evidence, Reading, count, no, partial, quote, yes
from scaffolder.review.ownwork import template_lines
from scaffolder.review.readme.cards import cards
from scaffolder.review.readme.entries import lines_of
from scaffolder.review.readme.frontpage import page
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FEWEST = 20
"""Items that make a set of which half can be held out."""

DOUBLES = 0.01
"""Part of the items that may be doubles (rubric, EVL-03)."""

COVERED = 0.9

_HELD_OUT = re.compile(r"test|held|hold|eval|final|unseen|valid", re.IGNORECASE)
_SAID = {
    "where the items are from": re.compile(
        r"origin|source|\bfrom\b|collected|sampled|written (?:by|for)|taken", re.I
    ),
    "how many there are": re.compile(
        r"\b\d[\d,]{0,8}\s(?:[\w-]{1,20}\s){0,2}?(?:items?|cases|questions|examples|messages|tasks"
        r"|prompts|mails|tickets|queries|rows)\b|\bn\s?=\s?\d|\b(?:size|items)\b\W{1,8}\d",
        re.I,
    ),
    "their slices": re.compile(
        r"slice|by (?:intent|topic|length|language|kind)|categor|kinds? of", re.I
    ),
    "how they were labelled": re.compile(
        r"label|annotat|expected|marked|judged by|ground truth", re.I
    ),
    "their version": re.compile(
        r"version|\bv\d|changelog|hash|frozen|append|sha-?256|fingerprint|20\d\d-\d\d", re.I
    ),
}
_VERSION = (
    *("version", "items_version", "dataset_version", "data_version", "golden_version"),
    *("dataset_hash", "data_hash", "items_hash", "golden_hash", "item", "item_hash"),
    *("input_hash", "inputs_hash", "fingerprint", "dataset", "question_hash", "set_version"),
)


def described(view: RepoView) -> Reading:
    """A card says source, number, slices, labels and version of the items."""
    found = itemset.kept(view)
    lines = list(_lines(view))
    said = {
        k: e for k, p in _SAID.items() if (e := next((e for t, e in lines if p.search(t)), None))
    }
    if found and any(i.slice for i in found):
        said.setdefault("their slices", itemset.places(view, found, 1)[0])
    missing = [k for k in _SAID if k not in said]
    places = (*dict.fromkeys(said.values()), *itemset.places(view, found, 1))[:5]
    if missing:
        reason = f"No card of the items says {', nor '.join(missing)}."
        return partial(reason, *places) if len(missing) <= 2 else no(reason, *places)
    return yes("A card says source, number, slices, labels and version of the items.", *places)


def held_out(view: RepoView) -> Reading:
    """Part of the items is held out, and no group of them is on both sides."""
    found = itemset.kept(view)
    if len(found) < FEWEST:
        many = count(len(found), "item is", "items are")
        return no(f"{many} kept; {FEWEST} can be split.", *itemset.places(view, found))
    splits = _splits(found)
    told = ", ".join(f"{clean(s or 'no split', 20)} {len(v)}" for s, v in splits.items())
    if len(splits) < 2 or not any(_HELD_OUT.search(s) for s in splits):
        reason = f"Nothing is held out: of {len(found)} items {told}."
        return no(reason, *itemset.places(view, found))
    torn = _torn(found)
    if torn:
        both = " and ".join(clean(i.split, 20) for i in torn)
        reason = f"The group {clean(torn[0].group, 40)} has items in {both}."
        return no(reason, *itemset.places(view, torn))
    places = tuple(e for v in splits.values() for e in itemset.places(view, v, 1))
    if not all(i.group for i in found):
        reason = f"Split ({told}), but not every item says whose it is: by row, texts of one leak."
        return partial(reason, *places)
    groups = len({i.group for i in found})
    return yes(f"Split by {groups} groups: {told}.", *places)


def distinct(view: RepoView) -> Reading:
    """Under one item of a hundred asks what another asks."""
    found = itemset.kept(view)
    if len(found) < FEWEST:
        many = count(len(found), "item is", "items are")
        return no(f"{many} kept; {FEWEST} make a set.", *itemset.places(view, found))
    pairs = itemset.doubles(found)
    across = [p for p in pairs if p[0].split != p[1].split]
    if across or len(pairs) > DOUBLES * len(found):
        first = (across or pairs)[0]
        where = ", in two splits" if across else ""
        names = f"{clean(first[0].id, 30)} and {clean(first[1].id, 30)}"
        reason = f"{count(len(pairs), 'item asks', 'items ask')} what another asks: {names}{where}."
        return no(reason, *itemset.places(view, first))
    return yes(f"No two of {len(found)} items ask the same.", *itemset.places(view, found, 2))


def stamped(view: RepoView) -> Reading:
    """Each result row names the version or the content of the items it was made from."""
    ids = {i.id for i in itemset.kept(view)}
    found = [r for r in registry.graded(view) if r.id in ids]
    if not found:
        return no("No result rows of the items that are kept were found.")
    bare = [r for r in found if not named.text(r.data, _VERSION)]
    if len(bare) > (1 - COVERED) * len(found):
        reason = (
            f"{len(bare)} of {count(len(found), 'result row')} do not say from which version of "
            "the items they come."
        )
        return no(reason, *_rows(view, bare))
    versions = {named.text(r.data, _VERSION) for r in found}
    said = f"{count(len(found), 'result row names', 'result rows name')} its items' version"
    return yes(f"{said} ({clean(sorted(versions)[-1], 20)}).", *_rows(view, found))


def _splits(found: Sequence[Item]) -> Mapping[str, list[Item]]:
    splits: dict[str, list[Item]] = defaultdict(list)
    for item in found:
        splits[item.split].append(item)
    return splits


def _torn(found: Sequence[Item]) -> list[Item]:
    """Two items of one group in two splits; none where every group is whole."""
    first: dict[str, Item] = {}
    for item in found:
        other = first.setdefault(item.group, item) if item.group else item
        if other.split != item.split:
            return [other, item]
    return []


def _lines(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    """The lines of cards of the items that the template did not bring."""
    known = {card.path: lines for card, lines in cards(view)}
    for path in [f for f in view.find("*.md") if area(view, f) == "evals"][:10]:
        document = page(view, path)
        known.setdefault(path, list(lines_of(document, 1, len(document.document.shown) + 1)))
    for path, lines in known.items():
        theirs = template_lines(view, path)
        for number, line in lines[:400]:
            if number not in theirs and line.strip():
                yield line[:500], quote(path, number, line)


def _rows(view: RepoView, found: Sequence[Row]) -> tuple[Evidence, ...]:
    return tuple(view.quote(r.path, r.line) for r in found[:2])
