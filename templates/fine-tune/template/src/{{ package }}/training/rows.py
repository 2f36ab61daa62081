"""Rows as the trainer sees them: tokens, which of them count for the loss, where the end is.

Invariant: what is shown is read from the trainer's own dataset, after its template and mask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

IGNORED = -100  # the label of a token that has no part in the loss, as PyTorch has it


@dataclass(frozen=True)
class Seen:
    """One row: its tokens, which are learned, and whether the last learned one ends the turn."""

    ids: tuple[int, ...]
    learned: tuple[bool, ...]
    ends: bool


def seen(row: Any, end: int) -> Seen:
    """A row of the trainer's dataset; `end` is the token that ends a turn."""
    learned = tuple(label != IGNORED for label in row["labels"])
    ids = tuple(row["input_ids"])
    last = [token for token, counts in zip(ids, learned, strict=True) if counts]
    return Seen(ids, learned, end in last)


def summary(rows: Sequence[Seen], longest: int, template: str) -> str:
    """What a reader asks first: how much is learned, whether turns end, whether anything is cut."""
    total, learned = sum(len(row.ids) for row in rows), sum(sum(row.learned) for row in rows)
    open_rows = sum(not row.ends for row in rows)
    most = max(len(row.ids) for row in rows)
    return (
        f"{len(rows)} rows, {total} tokens, {learned} of them learned; rows whose end is not "
        f"learned: {open_rows}; rows cut: 0, the longest has {most} of {longest} tokens; chat "
        f"template sha256 {template}."
    )


def shown(row: Seen, words: Sequence[str]) -> str:
    """The tokens as text, those that are learned between brackets."""
    parts, inside = [], False
    for word, counts in zip(words, row.learned, strict=True):
        if counts != inside:
            parts.append("[[" if counts else "]]")
            inside = counts
        parts.append(word)
    return "".join([*parts, "]]" if inside else ""])
