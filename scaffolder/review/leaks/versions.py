"""The lines of a history, each given once.

Invariant: a line is only left out where it stood before the same next line in a text that was
examined under a path of which no less is asked, and where nothing was found in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from scaffolder.review.leaks import scanner
from scaffolder.review.leaks.localsecrets import is_code, is_configuration, is_elsewhere

_NEIGHBOURS = 4
"""Lines around a new one that are given again: a value may stand over several."""

_REMEMBERED = 1_000_000
"""Lines that are remembered, 100 MB of them; with more it begins anew."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a path: the rules that it brings in, and those that it takes away."""

    hint: str
    elsewhere: bool
    configuration: bool
    local: str

    def covers(self, other: "Asked") -> bool:
        """Whether what holds nothing under this path holds nothing under the other."""
        return (
            self.hint == other.hint
            and self.elsewhere <= other.elsewhere
            and self.configuration >= other.configuration
            and (self.local == other.local or not other.local)
        )


@dataclass
class Known:
    """What was given so far: marks of lines without a finding, and of those of a path with one."""

    clean: dict[Asked, set[int]] = field(default_factory=dict)
    other: dict[str, set[int]] = field(default_factory=dict)
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """The new lines of a text; `starts`: (line here, line there) where a stretch begins."""

    data: bytes = field(repr=False)
    new: frozenset[int] | set[int]
    starts: tuple[tuple[int, int], ...] = ()

    def line(self, here: int) -> int:
        """The line of the whole text that a 1-based line of this part is."""
        begin = max((s for s in self.starts if s[0] <= here), default=(1, 1))
        return begin[1] + here - begin[0]


@lru_cache(maxsize=4096)
def asked(path: str) -> Asked:
    """What is asked of `path`."""
    elsewhere, configuration = is_elsewhere(path), is_configuration(path)
    name, local = path.rpartition("/")[2], ""
    if not elsewhere and (configuration or is_code(path)):
        by_name = name in (".netrc", "_netrc", ".pgpass")
        local = name if by_name else "python" if name.endswith(".py") else "other"
    return Asked(scanner.hint(path), elsewhere, configuration, local)


def fresh(data: bytes, path: str, known: Known, whole: bool = False) -> Part:
    """What of a text was not given yet, all of it where `whole`; no line of it is known by that."""
    lines = data.split(b"\n")
    marks = list(map(hash, zip(lines, [*lines[1:], b""], strict=True)))
    new = set(marks)
    for each, before in known.clean.items():
        if new and each.covers(asked(path)):
            new = new.difference(before)
    if new and path in known.other:
        new = new.difference(known.other[path])
    if whole or len(new) == len(lines):
        return Part(data, new)
    return _cut(lines, [n for n, mark in enumerate(marks) if mark in new] if new else [], new)


def _cut(lines: list[bytes], wanted: list[int], new: set[int]) -> Part:
    starts, parts, here = [], [], 1
    for first, last in _stretches(wanted):
        first = max(first, 0)
        starts.append((here, first + 1))
        parts.append(b"\n".join(lines[first:last]))
        here += min(last, len(lines)) - first + 1
    return Part(b"\n\n".join(parts), new, tuple(starts))


def _stretches(wanted: list[int]) -> Iterator[tuple[int, int]]:
    """The lines in ascending order with their neighbours, as half-open ranges apart."""
    first = last = -1
    for n in wanted:
        if n > last + _NEIGHBOURS or last < 0:
            if last >= 0:
                yield first, last
            first = n - _NEIGHBOURS
        last = n + _NEIGHBOURS + 2
    if last >= 0:
        yield first, last


def remember(part: Part, path: str, clean: bool, known: Known) -> None:
    """Notes that a part was examined, and whether nothing was found in it."""
    known.lines += len(part.new)
    if known.lines > _REMEMBERED:
        known.clean.clear()
        known.other.clear()
        known.lines = len(part.new)
    if clean:
        known.clean.setdefault(asked(path), set()).update(part.new)
    else:
        known.other.setdefault(path, set()).update(part.new)


def forget(part: Part, path: str, known: Known) -> None:
    """Takes back that nothing was found."""
    known.clean.get(asked(path), set()).difference_update(part.new)
