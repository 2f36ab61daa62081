"""`prepare`: validates the data, looks for copies and leaks, writes the data card."""

import argparse
from collections.abc import Sequence

from ..console import deliver, note
from ..errors import GateFailed
from ..evaluation.marked import replace_between
from ..items import SPLITS, load_items
from ..layout import aligned, terminal_width
from ..preparation.card import MARKS, build
from ..preparation.checks import Finding, findings
from ..result import Result
from . import open_settings

MOST_SAID = 5


def run(args: argparse.Namespace) -> int:
    """Check and count; GateFailed after the result where the test set is not apart."""
    settings = open_settings()
    paths = [settings.items(split) for split in SPLITS]
    splits = {split: load_items(path) for split, path in zip(SPLITS, paths, strict=True)}
    found = findings(splits, settings.not_names)
    card = build(splits, paths, found)
    if not replace_between(settings.data / "card.md", MARKS, card):
        note("data/card.md has no marks for the card: nothing was written there")
    result = _result(found, {split: len(items) for split, items in splits.items()})
    tables = aligned(card, terminal_width())
    deliver(result, args.json, f"{tables}\n\n{result.message}")
    leaks = [each for each in found if each.across]
    if leaks:
        listed = "\n  ".join(map(str, leaks[:MOST_SAID]))
        raise GateFailed(f"{len(leaks)} findings across splits: the test set is not apart", listed)
    return 0


def _result(found: Sequence[Finding], sizes: dict[str, int]) -> Result:
    leaks = [str(each) for each in found if each.across]
    copies = [str(each) for each in found if not each.across]
    message = f"{sum(sizes.values())} messages, {len(copies)} copies, {len(leaks)} leaks"
    detail = {"sizes": sizes, "leaks": leaks, "copies": copies}
    return Result("failed" if leaks else "answered", message, detail=detail)
