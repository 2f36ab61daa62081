"""`tune`: train an adapter on data/train.jsonl; a run that was killed goes on."""

import argparse
from importlib import import_module

from ..console import deliver, note
from ..errors import UsageError
from ..generating import require
from ..items import load_items
from ..result import Result
from ..training.config import load
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Train into runs/ID and say what [local] run has to name; ConfigError without the extra."""
    settings = open_settings()
    require()
    training = import_module("..training.tune", __package__)
    config, rows = load(settings.root), load_items(settings.items("train"))
    steps = training.SMOKE_STEPS if args.smoke else -1
    name = training.run_name(config, rows, "smoke" if args.smoke else "tune")
    folder = settings.runs / name
    if (folder / "meta.json").exists() and not args.smoke:
        raise UsageError(
            f"{name} is there already", "other data or another training.toml makes another"
        )
    folder.mkdir(parents=True, exist_ok=True)
    meta = training.tune(config, rows, folder, note, steps)
    message = (
        f"{name}: {meta['steps']} steps in {meta['seconds']} s, loss {meta['loss_first']} to "
        f'{meta["loss_last"]}. To use it: run = "{name}" under [local] in config.toml.'
    )
    deliver(
        Result("answered", message, system="tuned", detail={"run": name, **meta}),
        args.json,
        message,
    )
    return 0
