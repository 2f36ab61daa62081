"""`curve`: the same tune on more and more of the data, scored on dev."""

import argparse

from ..console import deliver, note
from ..generating import require
from ..items import load_items
from ..layout import aligned, terminal_width
from ..result import Result
from ..training.config import load
from ..training.curve import measure, table
from ..training.report import write_tables
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Write evals/training/curve.jsonl; a tune that is there already is scored again only."""
    settings = open_settings()
    require()
    rows = measure(load(settings.root), load_items(settings.items("train")), settings, note)
    write_tables(settings)
    result = Result("answered", "evals/training/curve.jsonl", detail={"curve": rows})
    deliver(result, args.json, aligned(table(rows), terminal_width()))
    return 0
