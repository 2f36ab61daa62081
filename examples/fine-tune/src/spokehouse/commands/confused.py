"""`confused`: which value of a field is taken for which, and the dangers that were missed."""

import argparse
from dataclasses import asdict

from ..console import deliver
from ..errors import UsageError
from ..evaluation.confusion import confusion, table
from ..evaluation.dangers import missed
from ..evaluation.rows import read
from ..layout import aligned, terminal_width
from ..result import Result
from . import open_settings

SHOWN = 10


def run(args: argparse.Namespace) -> int:
    """Read the rows of a system; UsageError where there are none."""
    settings = open_settings()
    system = args.system or "cautious"
    rows = read(settings.results / f"{system}.jsonl")
    if not rows:
        raise UsageError(f"there are no rows of {system}", f"run eval --system {system} first")
    found = confusion(rows, args.field)
    label, answer, often = found.worst()
    let_through = [row.id for row in missed(rows)]
    said = f"{system}: {label} taken for {answer} {often} times." if often else f"{system}: none."
    shown = ", ".join(let_through[:SHOWN]) + (" ..." if len(let_through) > SHOWN else "")
    said += f" Dangers missed: {len(let_through)}{f' ({shown})' if let_through else ''}."
    detail = {"field": args.field, "worst": [label, answer, often], "missed": let_through}
    detail["counts"] = [[*pair, n] for pair, n in asdict(found)["counts"].items()]
    page = aligned(table(found), terminal_width())
    deliver(Result("answered", said, system=system, detail=detail), args.json, f"{page}\n\n{said}")
    return 0
