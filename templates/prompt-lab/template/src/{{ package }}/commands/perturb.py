"""`perturb`: messages and prompt changed in ways that change no label."""

import argparse
from collections.abc import Sequence

from ..evaluation.run import Trial
from ..experiments.variations import perturbed
from ..items import Item
from ..settings import load_settings
from ..versions import Version, reworded
from .studying import run_study


def run(args: argparse.Namespace) -> int:
    """Measure the study on dev and publish its table."""
    return run_study(args, "perturbed", _plan)


def _plan(version: Version, items: Sequence[Item]) -> list[Trial]:
    settings = load_settings()
    other = reworded(settings.prompts / settings.prompt)
    return perturbed(version, other, items, settings.seed)
