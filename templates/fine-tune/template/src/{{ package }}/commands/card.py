"""`card`: puts what is recorded of the tune in use into MODEL_CARD.md."""

import argparse

from ..console import deliver
from ..errors import ConfigError, UsageError
from ..evaluation.marked import replace_between
from ..evaluation.rows import read
from ..layout import aligned, terminal_width
from ..modelcard import MARKS, build, read_meta
from ..result import Result
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """ConfigError without a tune in use; UsageError if the card has no marks."""
    settings = open_settings()
    if not settings.run:
        raise ConfigError("there is no tune in use", "run `tune`, name it in [local] run")
    meta = read_meta(settings.runs / settings.run)
    body = build(settings.run, meta, read(settings.results / "tuned.jsonl"))
    if not replace_between(settings.root / "MODEL_CARD.md", MARKS, body):
        raise UsageError("MODEL_CARD.md has no marks", f"put {' and '.join(MARKS)} in")
    message = f"MODEL_CARD.md holds what is recorded of {settings.run}"
    deliver(
        Result("answered", message, detail={"run": settings.run}),
        args.json,
        f"{aligned(body, terminal_width())}\n\n{message}",
    )
    return 0
