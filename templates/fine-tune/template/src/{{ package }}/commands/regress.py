"""`regress`: what the tuned model lost outside its task, against its own base."""

import argparse

from ..console import deliver
from ..errors import ConfigError
from ..generating import open_model, require
from ..layout import aligned, terminal_width
from ..regression import BASE, TUNED, load_probes, measure, place, report_of, write
from ..result import Result
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Measure base and tuned; ConfigError without a tune or without what runs a model."""
    settings = open_settings()
    probes = load_probes(settings.root / "evals" / "outside.jsonl")
    require()
    if settings.adapter is None:
        raise ConfigError("there is no tune in use", "run `tune`, name it in [local] run")
    for system, adapter in ((BASE, None), (TUNED, settings.adapter)):
        rows = measure(probes, system, open_model(settings, adapter), settings)
        write(place(system, settings), rows)
    report = report_of(settings)
    detail = {"prompts": len(probes), "run": settings.run}
    message = f"{len(probes)} prompts outside the task; `eval` puts the table into the README"
    result = Result("answered", message, system=TUNED, detail=detail)
    deliver(result, args.json, f"{aligned(report.markdown, terminal_width())}\n\n{message}")
    return 0
