"""Which results a person should read next: thirty, failures first, none that was read before.

Invariant: while a dev result is unread no test result is offered; who has read those tunes on them.
What was read is recorded by hand in `evals/failures.jsonl`; see `evals/README.md` for its form.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from .rows import Row, lines_of

BATCH = 30


def read_next(rows: Sequence[Row], failures: Path) -> list[str]:
    """Ids of the rows of one answering system, worst grade first, in file order among equals."""
    done = _already_read(failures)
    left = [row for row in rows if (row.id, row.system) not in done]
    offered = [row for row in left if row.split == "dev"] or left
    return [row.id for row in sorted(offered, key=_worst)[:BATCH]]


def _worst(row: Row) -> float:
    return min(row.grades.values(), default=1.0)


def _already_read(path: Path) -> set[tuple[str, str]]:
    """(id, system) of each line; UsageError names the line that has not both."""
    if not path.exists():
        return set()
    done = set()
    for number, line in enumerate(lines_of(path), 1):
        try:
            if line.strip():
                row = json.loads(line)
                done.add((row["id"], row["system"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError(f"{path.name} line {number}: no 'id' and 'system'") from error
    return done
