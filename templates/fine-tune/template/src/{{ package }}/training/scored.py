"""A tune that is made and scored at once: for the curve and the controls.

Invariant: scored on dev, never on the locked test set; a tune that is there already is not made
again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..evaluation.run import measure
from ..evaluation.scoring import MAIN
from ..generating import Model
from ..items import Item, load_items
from ..local.model import load
from ..modelcard import read_meta
from ..settings import Settings
from ..trace import Trace
from .config import TrainConfig
from .tune import run_name, tune

Tell = Callable[[str], None]
SPLIT = "dev"
RECORDED = ("rows", "steps", "loss_first", "loss_last", "seconds")


@dataclass(frozen=True)
class Attempt:
    """What is trained: the rows, how, under which kind of name, for how many steps (-1: all)."""

    config: TrainConfig
    rows: Sequence[Item]
    kind: str = "tune"
    steps: int = -1


def made_and_scored(attempt: Attempt, settings: Settings, tell: Tell) -> dict[str, Any]:
    """Run, rows, loss and seconds of the tune, and its mean grades on dev."""
    name = run_name(attempt.config, attempt.rows, attempt.kind)
    folder = settings.runs / name
    folder.mkdir(parents=True, exist_ok=True)
    tell(f"{name}: {len(attempt.rows)} rows")
    if (folder / "adapter").is_dir() and (folder / "meta.json").exists():
        meta = read_meta(folder)
    else:
        meta = tune(attempt.config, attempt.rows, folder, tell, attempt.steps)
    model = load(attempt.config, folder / "adapter")
    found = {key: meta[key] for key in RECORDED}
    return {"run": name, **found, **score(model, replace(settings, run=name))}


def score(model: Model, settings: Settings) -> dict[str, Any]:
    """The mean grades of a model on dev."""
    dev = load_items(settings.items(SPLIT))
    trace = Trace.start(settings.traces, "scored")
    rows = measure("tuned", dev, SPLIT, settings, trace, model)
    means = {
        metric: round(sum(row.grades[metric] for row in rows) / len(rows), 4) for metric in MAIN
    }
    return {"split": SPLIT, "n": len(rows), **means}
