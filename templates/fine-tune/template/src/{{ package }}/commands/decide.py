"""`decide`: puts the measured numbers into the decision record, and nothing else."""

import argparse

from ..breakeven import load, rival_of, sentence
from ..console import deliver
from ..decision import MARKS, build
from ..errors import UsageError
from ..evaluation.marked import replace_between
from ..evaluation.report import load_runs
from ..items import load_items
from ..layout import aligned, terminal_width
from ..result import Result
from . import open_settings

RECORD = "docs/decisions/why-finetune.md"


def run(args: argparse.Namespace) -> int:
    """Fill the form; UsageError without rows or without the marks that say where."""
    settings = open_settings()
    runs, stale = load_runs(load_items(settings.items("test")), settings)
    if not runs:
        raise UsageError("nothing was measured on this test set yet", "run eval first")
    path = settings.root / "breakeven.toml"
    rival = rival_of(runs, path, settings.llm.model)
    sheet = load(path, rival)
    body = build(runs, sheet[("pass", "exact")], sentence(sheet, rival, runs))
    if not replace_between(settings.root / RECORD, MARKS, body):
        raise UsageError(f"{RECORD} has no marks for the numbers", f"put {' and '.join(MARKS)} in")
    message = f"{RECORD} holds the numbers of {', '.join(runs)}; the reasons are yours"
    detail = {"systems": list(runs), "stale": stale, "file": RECORD}
    tables = aligned(body, terminal_width())
    deliver(Result("answered", message, detail=detail), args.json, f"{tables}\n\n{message}")
    return 0
