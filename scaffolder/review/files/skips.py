"""What a review did not examine, told once and without a flood.

Invariant: nothing is left out in silence: of more than SHOWN paths with the same kind of reason the
others are one entry with their number.
"""

from scaffolder.review.model import Skipped

SHOWN = 50
"""Paths of one kind that are listed by name."""


class Skips:
    """`entries` are what was not examined; they grow while the review reads, and never shrink."""

    def __init__(self) -> None:
        self.entries: list[Skipped] = []
        self._seen: set[tuple[str, str]] = set()
        self._counts: dict[str, int] = {}
        self._rest: dict[str, int] = {}

    def add(self, path: str, reason: str, kind: str = "") -> None:
        """Notes that `path` was not examined; `kind` is the reason without what is its own."""
        kind = kind or reason
        if (path, kind) in self._seen:
            return
        self._seen.add((path, kind))
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count <= SHOWN:
            self.entries.append(Skipped(path, reason))
        else:
            self._more(kind, count - SHOWN)

    def _more(self, kind: str, count: int) -> None:
        said = Skipped(".", f"and {count:,} more of the same: {kind}")
        if kind in self._rest:
            self.entries[self._rest[kind]] = said
        else:
            self._rest[kind] = len(self.entries)
            self.entries.append(said)
