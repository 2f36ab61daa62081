"""What reading the results has shown: one line per result read, counted by failure.

Invariant: a count is of lines a person wrote. A result without a fault is a line too, with the
failure "none": it was read, and that it was fine is a finding.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..evaluation.rows import Row
from ..jsonl import append_object, read_objects, write_objects

NONE = "none"
UNNAMED = ""  # the note is there, what it is a case of is not said yet
LAST = 20  # saturation looks at this many
SATURATED = 0.1  # share of them that may still bring a new failure


@dataclass(frozen=True)
class Code:
    """`note` is the first thing that went wrong, in plain words; `failure` the name it got later.

    UNNAMED stands for a note that belongs to no group yet, NONE for a result without a fault.
    """

    id: str
    system: str
    trial: int
    note: str
    failure: str
    coder: str
    date: str


def load_codes(path: Path) -> list[Code]:
    """Readings in their order, the last of each result; UsageError names the line that is none."""
    read = [_code(path, number, row) for number, row in read_objects(path)]
    return list({(code.id, code.system, code.trial): code for code in read}.values())


def name_code(path: Path, code: Code, failure: str) -> None:
    """Give one line the name of its group; every other line stays as it is."""
    changed = [replace(c, failure=failure) if c == code else c for c in load_codes(path)]
    write_objects(path, map(asdict, changed))


def append_code(path: Path, code: Code) -> None:
    """Add one line."""
    append_object(path, asdict(code))


def counted(codes: Sequence[Code]) -> list[tuple[str, int]]:
    """Failures with their counts, the commonest first; results without a fault last."""
    counts = Counter(code.failure or "not grouped yet" for code in codes)
    return sorted(counts.items(), key=lambda pair: (pair[0] == NONE, -pair[1], pair[0]))


def saturation(codes: Sequence[Code]) -> float | None:
    """The share of the last LAST readings that brought a failure not seen before; None if fewer."""
    if len(codes) < LAST:
        return None
    seen = {code.failure for code in codes[:-LAST]}
    fresh = 0
    for code in codes[-LAST:]:
        fresh += code.failure not in seen | {NONE}
        seen.add(code.failure)
    return fresh / LAST


def unread(rows: Sequence[Row], codes: Sequence[Code]) -> list[Row]:
    """What to read next: dev before test, the worst grade first, nothing twice."""
    done = {(code.id, code.system, code.trial) for code in codes}
    left = [row for row in rows if (row.id, row.system, row.trial) not in done]
    offered = [row for row in left if row.split == "dev"] or left
    return sorted(offered, key=lambda row: min(row.grades.values(), default=1.0))


def _code(path: Path, number: int, row: Mapping[str, Any]) -> Code:
    where = f"{path.name} line {number}"
    try:
        code = Code(**{"trial": 1, "coder": "", "date": "", **row})
    except TypeError as error:
        raise UsageError(f"{where} is no reading: {error}", "evals/README.md shows one") from error
    if not all(isinstance(text, str) for text in (code.id, code.system, code.note, code.failure)):
        raise UsageError(f"{where}: id, system, note and failure are texts")
    return code
