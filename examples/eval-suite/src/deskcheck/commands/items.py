"""`items`: check the golden set and count it, by split and slice."""

import argparse
from collections import Counter

from ..console import deliver
from ..evaluation.claims import grid
from ..items import near_duplicates, version_of
from ..layout import aligned, terminal_width
from ..result import Result
from . import open_suite


def run(args: argparse.Namespace) -> int:
    """Count; what is refused has been refused before there is anything to count."""
    suite = open_suite()
    counts = Counter((item.slice, item.split) for item in suite.items)
    slices = dict.fromkeys(item.slice for item in suite.items)
    cells = {name: [str(counts[name, split]) for split in ("dev", "test")] for name in slices}
    near = suite.settings.near_duplicate
    pairs = [[a.id, b.id] for a, b in near_duplicates(suite.items, near)] if args.near else []
    message = f"{len(suite.items)} items, version {version_of(suite.items)}."
    if args.near:
        message += f" {len(pairs)} pairs share {near:.0%} of their words or more."
    table = grid(["Slice", "dev", "test"], cells)
    listed = "\n".join(" ".join(pair) for pair in pairs)
    text = "\n\n".join(part for part in (aligned(table, terminal_width()), listed, message) if part)
    detail = {"version": version_of(suite.items), "slices": cells, "near": pairs}
    deliver(Result("answered", message, detail=detail), args.json, text)
    return 0
