"""`reason`: no room to reason before the record, little, more."""

import argparse

from ..experiments.variations import reasoning
from .studying import run_study


def run(args: argparse.Namespace) -> int:
    """Measure the study on dev and publish its table."""
    return run_study(args, "reasoning", reasoning)
