"""`trace`: what a run did, step by step."""

import argparse
from pathlib import Path

from ..console import deliver
from ..result import Result
from ..viewer import newest, shown
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Show one trace, the newest by default."""
    settings = open_settings()
    path = Path(args.file) if args.file else newest(settings.traces)
    text = shown(path)
    deliver(Result("answered", "", detail={"file": str(path)}), args.json, text)
    return 0
