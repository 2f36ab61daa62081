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


def shown(row: Seen, words: Sequence[str]) -> str:
    """The tokens as text, those that are learned between brackets."""
    parts, inside = [], False
    for word, counts in zip(words, row.learned, strict=True):
        if counts != inside:
            parts.append("[[" if counts else "]]")
            inside = counts
        parts.append(word)
    return "".join([*parts, "]]" if inside else ""])
