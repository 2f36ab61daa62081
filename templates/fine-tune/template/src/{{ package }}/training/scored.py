"""A tune that is made and scored at once: for the curve and the controls.

Invariant: scored on dev, never on the locked test set; a tune that is there already is not made
again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..evaluation.run import measure
from ..evaluation.scoring import MAIN
from ..items import Item, load_items
from ..local.model import load
from ..modelcard import read_meta
from ..settings import Settings
from ..trace import Trace
from .config import TrainConfig
from .tune import run_name, tune

Tell = Callable[[str], None]


def made_and_scored(
    config: TrainConfig,
    rows: Sequence[Item],
    kind: str,
    settings: Settings,
    tell: Tell,
    steps: int = -1,
) -> dict[str, Any]:
    """Run, rows, loss and seconds of the tune, and its mean grades on dev."""
    name = run_name(config, rows, kind)
    folder = settings.runs / name
    folder.mkdir(parents=True, exist_ok=True)
    tell(f"{name}: {len(rows)} rows")
    done = (folder / "meta.json").exists()
    meta = read_meta(folder) if done else tune(config, rows, folder, tell, steps)
    found = {key: meta[key] for key in ("rows", "steps", "loss_first", "loss_last", "seconds")}
    return {"run": name, **found, **_scores(config, name, settings)}


def _scores(config: TrainConfig, name: str, settings: Settings) -> dict[str, float]:
    dev = load_items(settings.items("dev"))
    model = load(config, settings.runs / name / "adapter")
    trace = Trace.start(settings.traces, "scored")
    rows = measure("tuned", dev, "dev", replace(settings, run=name), trace, model)
    means = {metric: sum(row.grades[metric] for row in rows) / len(rows) for metric in MAIN}
    return {"n": len(rows), **means}
