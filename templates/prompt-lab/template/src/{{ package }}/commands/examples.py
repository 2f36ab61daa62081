"""`examples`: no examples, chosen ones, random ones, other orders."""

import argparse

from ..experiments.variations import examples
from .studying import run_study


def run(args: argparse.Namespace) -> int:
    """Measure the study on dev and publish its table."""
    return run_study(args, "examples", examples)
