"""`tune`: train an adapter on data/train.jsonl; a run that was killed goes on."""

import argparse
from pathlib import Path
from shutil import rmtree
from typing import Any

from ..console import deliver, note
from ..conversations import prompt_of, tuned
from ..errors import GateFailed, UsageError
from ..generating import require
from ..items import Item, load_items
from ..local.model import load as load_model
from ..result import Result
from ..settings import Settings
from ..training import controls, curve
from ..training.config import TrainConfig, load
from ..training.report import write_tables
from ..training.tune import SMOKE_STEPS, run_name, tune
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Train into runs/ID and say what [local] run has to name; ConfigError without the extra."""
    settings = open_settings()
    require()
    config, rows = load(settings.root), load_items(settings.items("train"))
    if args.smoke:
        name, meta = _smoke(config, rows, settings)
        message = f"{name}: the loss fell, {_loss(meta)}, and the adapter answers."
    else:
        name, meta = _whole(config, rows, settings, args.full)
        message = f'{_told(name, meta)} To use it: run = "{name}" under [local] in config.toml.'
    if args.full:
        curve.measure(config, rows, settings, note)
        controls.measure(config, rows, settings, note)
        write_tables(settings)
        message += " The curve and the controls are in docs/training.md."
    detail = {"run": name, **meta}
    deliver(Result("answered", message, system="tuned", detail=detail), args.json, message)
    return 0


def _whole(
    config: TrainConfig, rows: list[Item], settings: Settings, full: bool
) -> tuple[str, dict[str, Any]]:
    name = run_name(config, rows)
    folder = settings.runs / name
    if (folder / "adapter").is_dir() and not full:
        hint = "other data or another training.toml makes another; `tune --full` goes on from it"
        raise UsageError(f"{name} is there already", hint)
    if (folder / "adapter").is_dir():
        return name, {}
    folder.mkdir(parents=True, exist_ok=True)
    return name, tune(config, rows, folder, note)


def _smoke(config: TrainConfig, rows: list[Item], settings: Settings) -> tuple[str, dict[str, Any]]:
    """A few steps; GateFailed where the loss does not fall or the adapter gives no reply."""
    name = run_name(config, rows, "smoke")
    folder = settings.runs / name
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    meta = tune(config, rows, folder, note, SMOKE_STEPS)
    if not meta["loss_last"] < meta["loss_first"]:
        raise GateFailed(f"the loss did not fall: {meta['loss_first']} to {meta['loss_last']}")
    if not _reply(config, folder / "adapter", rows[0]):
        raise GateFailed("the adapter was written, and a model with it says nothing")
    return name, meta


def _reply(config: TrainConfig, adapter: Path, item: Item) -> str:
    asked = tuned(prompt_of("tuned", config.root / "prompts"), item)[:-1]
    (reply,) = load_model(config, adapter).generate([asked], 16)
    return reply.text.strip()


def _told(name: str, meta: dict[str, Any]) -> str:
    if not meta:
        return f"{name} was there already."
    return f"{name}: {meta['steps']} steps in {meta['seconds']:.0f} s, loss {_loss(meta)}."


def _loss(meta: dict[str, Any]) -> str:
    return f"{meta['loss_first']:.2f} to {meta['loss_last']:.2f}"
