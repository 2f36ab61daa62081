"""The items of an evaluation as they are kept: split, group and slice of each, and their doubles.

Invariant: two items are alike only where almost all runs of three words are shared and no number
differs; the time for that grows with the number of items and not with its square.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review import ownwork, templatelock
from scaffolder.review.golden import fields, labelfiles
from scaffolder.review.model import Evidence
from scaffolder.review.retrieval import items
from scaffolder.review.view import RepoView

ALIKE = 0.8
"""Part of the runs of three words of two items, of those in either, from which they are one."""

MAX_ITEMS = 20_000
_COMMON = 30
"""Items from which on a run of words is too common to tell anything."""

_SLICE = (
    *("slice", "category", "question_type", "query_type", "case_type", "type", "kind", "tags"),
    *("tag", "scenario", "difficulty", "intent", "topic", "language"),
)
_GROUP = (
    *("group", "group_id", "user", "user_id", "customer", "customer_id", "document", "doc_id"),
    *("source", "source_id", "author", "author_id", "session_id", "conversation_id", "thread_id"),
    *("account", "account_id", "cluster"),
)
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Item:
    """One item; `group` is whoever or whatever it comes from, "" where nothing says it."""

    path: str
    line: int
    id: str
    text: str
    split: str
    slice: str
    group: str
    own: bool = True


def kept(view: RepoView) -> tuple[Item, ...]:
    """The items of the author where there are any, else all; no rows of a run."""
    return view.once(_kept)


def places(view: RepoView, some: Sequence[Item], most: int = 3) -> tuple[Evidence, ...]:
    """Where the first of some items stand."""
    return tuple(view.quote(i.path, i.line) for i in some[:most])


def doubles(some: Sequence[Item]) -> list[tuple[Item, Item]]:
    """Pairs of items that ask the same, word for word or almost."""
    first: dict[str, Item] = {}
    found: list[tuple[Item, Item]] = []
    for item in some:
        key = " ".join(_WORD.findall(item.text.casefold()))
        if key and key in first:
            found.append((first[key], item))
        else:
            first[key] = item
    return found + list(_near(list(first.values())))


def _kept(view: RepoView) -> tuple[Item, ...]:
    mine = ownwork.own_questions(view).own if templatelock.recorded(view) else None
    found: list[Item] = []
    for path in [p for p in labelfiles.paths(view) if not items.is_of_a_run(p)]:
        for line, row in labelfiles.rows(view, path):
            if text := fields.question(row):
                is_own = mine is None or row.get("id") in mine
                found.append(_item(path, line, row, text, is_own))
    own = [i for i in found if i.own]
    return tuple((own or found)[:MAX_ITEMS])


def _item(path: str, line: int, row: fields.Fields, text: str, is_own: bool) -> Item:
    named, split = fields.text(row, fields.ID) or str(line), fields.text(row, fields.SPLIT)
    group = fields.text(row, _GROUP)
    return Item(path, line, named, text, split, fields.text(row, _SLICE), group, is_own)


def _near(some: Sequence[Item]) -> Iterator[tuple[Item, Item]]:
    runs = [_runs(i.text) for i in some]
    holders: dict[str, list[int]] = defaultdict(list)
    for at, held in enumerate(runs):
        shared = Counter(o for run in held for o in holders[run] if len(holders[run]) <= _COMMON)
        for other, many in shared.items():
            either = len(held) + len(runs[other]) - many
            if many >= ALIKE * either and _numbers(some[at]) == _numbers(some[other]):
                yield some[other], some[at]
                break
        for run in held:
            holders[run].append(at)


def _runs(text: str) -> frozenset[str]:
    words = _WORD.findall(text.casefold())
    return frozenset(" ".join(words[n : n + 3]) for n in range(len(words) - 2))


def _numbers(item: Item) -> list[str]:
    return sorted(_NUMBER.findall(item.text))
