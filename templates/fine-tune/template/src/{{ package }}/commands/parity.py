"""`parity`: the answers that were scored, held against those that are served."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from ..console import deliver, note
from ..conversations import asked, prompt_of
from ..errors import ConfigError, GateFailed
from ..evaluation.rows import Row, read
from ..generating import require
from ..items import load_items
from ..local.model import LocalModel, template_hash
from ..local.model import load as load_model
from ..modelcard import read_meta
from ..result import Result
from ..serving.parity import PROMPTS, compared, differs, directly, speed, through_endpoint
from ..serving.served import Served
from ..settings import Settings
from ..trace import Trace
from ..training.config import load
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Write evals/parity.json; GateFailed where served answers are others than the scored ones."""
    settings = open_settings()
    require()
    rows = _scored(settings)
    found = {"run": settings.run, **_measured(rows, settings)}
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (settings.root / "evals" / "parity.json").write_text(text, encoding="utf-8")
    message = (
        f"{found['identical']} of {found['prompts']} answers are the scored ones on every path; "
        f"served alone: p50 {found['p50_ms']:.0f} ms, p95 {found['p95_ms']:.0f} ms."
    )
    deliver(
        Result("failed" if differs(found) else "answered", message, system="tuned", detail=found),
        args.json,
        message,
    )
    if differs(found):
        raise GateFailed("the model that is served is not the one that was scored", message)
    return 0


def _scored(settings: Settings) -> list[Row]:
    """The first rows of the tune in use; ConfigError where it was not measured."""
    if settings.adapter is None:
        raise ConfigError("there is no tune in use", "run `tune`, name it in [local] run")
    path = settings.results / "tuned.jsonl"
    rows = [row for row in read(path) if row.run == settings.run] if path.exists() else []
    if not rows:
        raise ConfigError(f"{settings.run} was not measured", "run `eval --system tuned`")
    return rows[:PROMPTS]


def _measured(rows: Sequence[Row], settings: Settings) -> dict[str, Any]:
    config, most = load(settings.root), settings.max_new_tokens
    texts = {item.id: item.text for item in load_items(settings.items("test"))}
    prompt = prompt_of("tuned", settings.prompts)
    talks = [asked(prompt, [], texts[row.id]) for row in rows]
    note("the adapter beside the base, as in the evaluation")
    beside = load_model(config, settings.adapter, merged=False)
    _check_template(beside, settings)
    paths = {"adapter": directly(beside, talks, settings.batch, most)}
    note("merged, over HTTP, one after the other")
    served = Served(settings.run, load_model(config, settings.adapter), prompt.text)
    visited = through_endpoint(served, talks, Trace.start(settings.traces, "parity"), most)
    return {**compared(rows, {**paths, "served": visited.texts}), **speed(visited)}


def _check_template(model: LocalModel, settings: Settings) -> None:
    trained = read_meta(settings.runs / settings.run).get("chat_template_sha256")
    if template_hash(model.tokenizer) != trained:
        raise GateFailed(
            "the chat template is not the one of the training", "fetch the weights again"
        )
