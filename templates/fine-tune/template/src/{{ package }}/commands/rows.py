"""`rows`: three training rows as the trainer sees them, with the loss mask."""

import argparse
from importlib import import_module

from ..console import deliver
from ..generating import require
from ..items import load_items
from ..result import Result
from ..training.config import load
from ..training.rows import seen, shown
from . import open_settings

SHOWN = 3


def run(args: argparse.Namespace) -> int:
    """Print them, and write debug/rendered.txt; what is learned stands in double brackets."""
    settings = open_settings()
    require()
    training = import_module("..training.tune", __package__)
    config = load(settings.root)
    items = load_items(settings.items("train"))
    trainer = training.trainer_of(config, items, settings.root / "var" / "rows")
    tokenizer = trainer.processing_class
    found = [seen(row, tokenizer.eos_token_id) for row in trainer.train_dataset]
    texts = [shown(row, [tokenizer.decode([t]) for t in row.ids]) for row in found[:SHOWN]]
    open_rows = sum(not row.ends for row in found)
    learned = sum(map(sum, (row.learned for row in found)))
    total = sum(len(row.ids) for row in found)
    message = (
        f"{len(found)} rows, {total} tokens, {learned} of them learned; rows whose end is not "
        f"learned: {open_rows}."
    )
    text = "\n\n".join([*texts, message])
    place = settings.root / "debug" / "rendered.txt"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text + "\n", encoding="utf-8")
    detail = {"rows": len(found), "tokens": total, "learned": learned, "open": open_rows}
    deliver(Result("answered", message, detail=detail), args.json, text)
    return 0
