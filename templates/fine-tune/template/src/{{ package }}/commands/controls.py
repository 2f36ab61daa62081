"""`controls`: shuffled labels must teach nothing, and one batch must be learnt by heart."""

import argparse
from importlib import import_module

from ..console import deliver, note
from ..generating import require
from ..items import load_items
from ..jsonl import write_objects
from ..result import Result
from ..training.config import load
from ..training.controls import OVERFIT_STEPS, one_batch, shuffled
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Write evals/results/controls.jsonl, one row a control."""
    settings = open_settings()
    require()
    scored = import_module("..training.scored", __package__)
    config, rows = load(settings.root), load_items(settings.items("train"))
    batch = one_batch(rows, config.train.batch)
    mixed = shuffled(rows, config.train.seed)
    found = [
        {
            "control": "shuffled labels",
            **scored.made_and_scored(config, mixed, "shuffled", settings, note),
        },
        {
            "control": "one batch",
            **scored.made_and_scored(config, batch, "batch", settings, note, OVERFIT_STEPS),
        },
    ]
    write_objects(settings.results / "controls.jsonl", found)
    lines = [
        f"{row['control']}: loss {row['loss_first']} to {row['loss_last']}, exact {row['exact']:.2f} on dev"
        for row in found
    ]
    message = "\n".join(lines)
    deliver(Result("answered", message, detail={"controls": found}), args.json, message)
    return 0
