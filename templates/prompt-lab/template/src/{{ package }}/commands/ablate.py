"""`ablate`: each rule of a version left out once."""

import argparse

from ..experiments.variations import ablation
from .studying import run_study


def run(args: argparse.Namespace) -> int:
    """Measure the study on dev and publish its table."""
    return run_study(args, "ablation", ablation)
