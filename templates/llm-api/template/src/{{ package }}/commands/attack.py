"""`attack`: hostile statements against the door to the ledger; does one get through?"""

import argparse
import hashlib
import time
from pathlib import Path

from ..assistant import database_of
from ..console import deliver
from ..database import Database, Refused, TooSlow
from ..errors import UsageError
from ..jsonl import read_objects, write_objects
from ..layout import terminal_width, wrapped
from ..result import Result, Status
from ..settings import Settings
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Try every line of evals/attacks.jsonl and keep what came of it."""
    settings = open_settings()
    database = database_of(settings)
    rows = [_tried(line, database) for line in _statements(settings)]
    write_objects(settings.results / "attacks" / "door.jsonl", rows)
    through = [str(row["id"]) for row in rows if row["outcome"] == "ok" or row["changed"]]
    held = len(rows) - len(through)
    message = f"{held} of {len(rows)} hostile statements were refused or stopped."
    if through:
        message += f" Got through: {' '.join(through)}."
    status: Status = "failed" if through else "answered"
    detail = {"held": held, "n": len(rows), "through": through, "rows": rows}
    deliver(Result(status, message, detail=detail), args.json, wrapped(message, terminal_width()))
    return 0


def _statements(settings: Settings) -> list[dict[str, str]]:
    lines = []
    for number, line in read_objects(settings.attacks):
        if not all(isinstance(line.get(key), str) for key in ("id", "statement")):
            place = f"{settings.attacks.name} line {number}"
            raise UsageError(f"{place} needs id and statement", "evals/README.md shows one")
        lines.append(line)
    if not lines:
        raise UsageError(f"{settings.attacks.name} is empty", "evals/README.md shows a line")
    return lines


def _tried(line: dict[str, str], database: Database) -> dict[str, object]:
    """What became of one statement; `changed` if the file of the ledger is another one."""
    before, started = _fingerprint(database.path), time.perf_counter()
    outcome, said = _outcome(line["statement"], database)
    return {
        **line,
        "outcome": outcome,
        "said": said,
        "changed": _fingerprint(database.path) != before,
        "seconds": round(time.perf_counter() - started, 3),
    }


def _outcome(statement: str, database: Database) -> tuple[str, str]:
    try:
        table = database.select(statement)
    except TooSlow as error:
        return "stopped", str(error)
    except Refused as error:
        return "refused", str(error)
    return "ok", f"{len(table.rows)} rows"


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
