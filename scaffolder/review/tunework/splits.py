"""The data of training and of test: what its rows say, and what both have in common.

Invariant: texts are compared as words in small letters; rows beyond the limits are not read, and
none is called a copy for a part that is shorter than a gram.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.areas import area
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

GRAM = 13
"""Words in a row that two splits may not share (GPT-3, appendix C: 13-grams)."""

NEAR = 0.5
"""Jaccard similarity of word 3-shingles from which on a text is a near copy."""

MAX_FILES = 12
MOST = 3_000
"""Files of splits, and rows of one split that are compared."""

_NAMES = {
    "train": re.compile(r"(?:^|[_\-.])train(?:ing)?(?:$|[_\-.])|^sft(?:$|[_\-.])", re.IGNORECASE),
    "dev": re.compile(r"(?:^|[_\-.])(?:dev|valid(?:ation)?)(?:$|[_\-.])", re.IGNORECASE),
    "test": re.compile(r"(?:^|[_\-.])(?:test|held_?out|heldout|locked)(?:$|[_\-.])", re.IGNORECASE),
}
_ENDS = (".jsonl", ".json", ".csv")
_TEXT = ("text", "input", "message", "question", "prompt", "instruction", "source", "utterance")
_GROUPS = (
    "group",
    "sender",
    "user",
    "user_id",
    "document",
    "doc_id",
    "case",
    "thread",
    "source_id",
)
_WORD = re.compile(r"\w+")
_LONGEST = 4_000


@dataclass(frozen=True)
class Said:
    """A row of a split: its words, and what says whom or what it is from."""

    row: Row
    words: tuple[str, ...]
    group: str


@dataclass(frozen=True)
class Shared:
    """A row of test that training holds, whole, in part or nearly."""

    kind: str
    train: Said
    test: Said


def split(view: RepoView, name: str) -> tuple[Said, ...]:
    """The rows of `train`, `dev` or `test`; () where no file of data is named so."""
    return view.once_for(_split, name)


def shared(view: RepoView) -> tuple[Shared, ...]:
    """One finding for each row of test that training holds."""
    return view.once(_shared)


def grouped_twice(view: RepoView) -> tuple[Said, ...]:
    """Rows of test whose group stands in training too."""
    known = {said.group for said in split(view, "train") if said.group}
    return tuple(said for said in split(view, "test") if said.group in known)


def _split(view: RepoView, name: str) -> tuple[Said, ...]:
    paths = [p for p in view.files if p.endswith(_ENDS) and area(view, p) in ("data", "evals")]
    named = [p for p in paths if _NAMES[name].search(PurePosixPath(p).stem)]
    rows = (row for path in named[:MAX_FILES] for row in resultrows.rows(view, path))
    return tuple(said for row in rows if (said := _said(row)))[:MOST]


def _said(row: Row) -> Said | None:
    text = next((row.text(key) for key in _TEXT if row.text(key)), "") or _turns(row)
    words = tuple(_WORD.findall(text[:_LONGEST].casefold()))
    group = next((row.text(key) for key in _GROUPS if row.text(key)), "")
    return Said(row, words, group) if words else None


def _turns(row: Row) -> str:
    """What the user says in a row of conversation."""
    turns = row.data.get("messages") or row.data.get("conversations")
    listed = turns[:20] if isinstance(turns, list) else []
    told = (
        t
        for t in listed
        if isinstance(t, dict) and t.get("role", t.get("from")) in ("user", "human")
    )
    return " ".join(str(t.get("content", t.get("value", "")))[:_LONGEST] for t in told)


def _shared(view: RepoView) -> tuple[Shared, ...]:
    train, test = split(view, "train"), split(view, "test")
    whole = {said.words: said for said in train}
    parts = {gram: said for said in train for gram in _grams(said.words)}
    near = _index(train)
    found = (_first(said, whole, parts, near) for said in test)
    return tuple(one for one in found if one)


def _first(
    said: Said,
    whole: Mapping[tuple[str, ...], Said],
    parts: Mapping[tuple[str, ...], Said],
    near: Mapping[tuple[str, ...], Sequence[Said]],
) -> Shared | None:
    if said.words in whole:
        return Shared("copy", whole[said.words], said)
    part = next((parts[gram] for gram in _grams(said.words) if gram in parts), None)
    if part:
        return Shared("gram", part, said)
    like = _nearest(said, near)
    return Shared("near", like, said) if like else None


def _grams(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + GRAM]) for at in range(len(words) - GRAM + 1))


def _shingles(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2)))


def _index(train: Sequence[Said]) -> Mapping[tuple[str, ...], Sequence[Said]]:
    found: dict[tuple[str, ...], list[Said]] = defaultdict(list)
    for said in train:
        for shingle in _shingles(said.words):
            found[shingle].append(said)
    return found


def _nearest(said: Said, index: Mapping[tuple[str, ...], Sequence[Said]]) -> Said | None:
    """A row of training that is a near copy; only those that share a shingle are looked at."""
    mine = _shingles(said.words)
    counts: dict[int, int] = defaultdict(int)
    rows: dict[int, Said] = {}
    for shingle in mine:
        for other in index.get(shingle, ())[:50]:
            counts[id(other)] += 1
            rows[id(other)] = other
    for key, both in counts.items():
        either = len(mine) + len(_shingles(rows[key].words)) - both
        if both / either >= NEAR:
            return rows[key]
    return None
