"""`inspect`: rows as a log of Inspect AI, and such a log as rows."""

import argparse
import json
from pathlib import Path

from ..console import deliver
from ..evaluation.rows import write
from ..reporting.inspect_log import from_log, read_log, to_log
from ..result import Result
from . import Suite, open_suite, rows_of


def run(args: argparse.Namespace) -> int:
    """Export the rows of a system, or import a log under the name of one."""
    suite = open_suite()
    system = args.system or suite.settings.measured[-1]
    path = Path(args.file)
    message = _export(suite, system, path) if args.direction == "export" else ""
    message = message or _import(suite, args.system or path.stem, path)
    deliver(Result("answered", message, detail={"file": str(path)}), args.json, message)
    return 0


def _export(suite: Suite, system: str, path: Path) -> str:
    rows = rows_of(suite.settings, system)
    log = to_log(rows, suite.items, suite.settings.root.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(log, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return f"{len(log['samples'])} samples of {system} written to {path}"


def _import(suite: Suite, system: str, path: Path) -> str:
    """Rows from elsewhere stand apart: their items and graders are not those of this project."""
    rows = from_log(read_log(path), system)
    place = suite.settings.results / "inspect" / f"{Path(system).name}.jsonl"
    write(place, rows)
    return f"{len(rows)} rows written to {place.relative_to(suite.settings.root)}"
