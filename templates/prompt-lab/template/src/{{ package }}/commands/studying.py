"""What `ablate`, `examples`, `reason`, `perturb` and `attack` do alike: measure, keep, show."""

import argparse
from collections.abc import Callable, Sequence

from ..console import deliver
from ..evaluation.run import Lab, Trial, opened
from ..evaluation.studies import STUDIES, study
from ..items import Item, load_items
from ..layout import aligned, terminal_width
from ..result import Result
from ..trace import Trace
from ..versions import Version, find, load_versions, locked
from . import choose_model, open_settings
from .climb import measured, progress
from .publishing import publish

Plan = Callable[[Version, Sequence[Item]], Sequence[Trial]]


def begin(args: argparse.Namespace, name: str) -> tuple[Lab, Version, list[Item]]:
    """A lab, the version that is varied, and the dev messages."""
    settings = open_settings()
    folder = settings.prompts / settings.prompt
    version = find(load_versions(folder), args.version) if args.version else locked(folder)
    lab = opened(settings, choose_model(args.system), Trace.start(settings.traces, name), progress)
    return lab, version, load_items(settings.items("dev"))


def run_study(args: argparse.Namespace, name: str, plan: Plan) -> int:
    """Measure every trial of the plan and show their table."""
    lab, version, items = begin(args, name)
    for trial in plan(version, items):
        measured(trial, lab)
    publish(lab.settings)
    which = next(each for each in STUDIES if each.place == name)
    report = study(lab.settings, lab.system, which)
    detail = {"claims": [claim.text for claim in report.claims], "prompt": version.name}
    shown = "model" if lab.system == "api" else lab.system
    message = f"{version.short}: {len(report.claims)} figures, all in README.md."
    out = Result("answered", message, system=shown, detail=detail)
    deliver(out, args.json, aligned(report.markdown, terminal_width()))
    return 0
