"""`rows`: three training rows as the trainer sees them, with the loss mask."""

import argparse

from ..console import deliver
from ..errors import GateFailed
from ..generating import require
from ..items import load_items
from ..local.model import template_hash
from ..result import Result
from ..training.config import load
from ..training.rows import seen, shown, summary
from ..training.tune import trainer_of
from . import open_settings

SHOWN = 3


def run(args: argparse.Namespace) -> int:
    """Print them, and write debug/rendered.txt; what is learned stands in double brackets.

    Raises UsageError for a row that would be cut and GateFailed for one whose end is not learned.
    """
    settings = open_settings()
    require()
    config = load(settings.root)
    items = load_items(settings.items("train"))
    trainer = trainer_of(config, items, settings.root / "var" / "rows")
    tokenizer = trainer.processing_class
    found = [seen(row, tokenizer.eos_token_id) for row in trainer.train_dataset]
    texts = [shown(row, [tokenizer.decode([t]) for t in row.ids]) for row in found[:SHOWN]]
    message = summary(found, config.train.longest_tokens, template_hash(tokenizer))
    text = "\n\n".join([*texts, message])
    place = settings.root / "debug" / "rendered.txt"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text + "\n", encoding="utf-8")
    deliver(Result("answered", message, detail={"rows": len(found)}), args.json, text)
    if not all(row.ends for row in found):
        raise GateFailed("a row does not teach its end", "the reply would not stop")
    return 0
