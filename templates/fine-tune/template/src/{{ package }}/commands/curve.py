"""`curve`: the same tune on more and more of the data, scored on dev."""

import argparse
from importlib import import_module

from ..console import deliver, note
from ..generating import require
from ..items import load_items
from ..jsonl import write_objects
from ..result import Result
from ..training.config import load
from ..training.curve import sets
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Write evals/results/curve.jsonl, one row a size; a tune that is there is scored again only."""
    settings = open_settings()
    require()
    scored = import_module("..training.scored", __package__)
    config, rows = load(settings.root), load_items(settings.items("train"))
    found = [scored.made_and_scored(config, some, "curve", settings, note) for some in sets(rows)]
    write_objects(settings.results / "curve.jsonl", found)
    lines = [
        f"{row['rows']:>5} rows: exact {row['exact']:.2f} on dev, n = {row['n']}" for row in found
    ]
    message = "\n".join(lines)
    deliver(
        Result("answered", message, system="tuned", detail={"curve": found}), args.json, message
    )
    return 0
