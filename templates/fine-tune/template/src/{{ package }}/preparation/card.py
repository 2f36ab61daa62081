"""The counted part of the data card: sizes, hashes, balance, lengths, and what the scan found.

Invariant: no figure in it is typed by hand; what only a person can know stands outside the marks.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ..evaluation.claims import grid
from ..items import fingerprint
from ..record import FIELDS
from .balance import differing, histogram, lengths, shares
from .checks import GRAM, NEAR, Finding, Splits

MARKS = ("<!-- card:start -->", "<!-- card:end -->")
KINDS = ("duplicate", "near", "gram", "entity", "group")
MOST_LISTED = 20


def build(splits: Splits, paths: Sequence[Path], found: Sequence[Finding]) -> str:
    """The card as Markdown."""
    parts = [_sizes(splits, paths), _scan(found), _balance(splits)]
    parts += [_lengths(splits), _slices(splits)]
    return "\n\n".join(parts)


def _sizes(splits: Splits, paths: Sequence[Path]) -> str:
    cells = {}
    for (split, items), path in zip(splits.items(), paths, strict=True):
        short, middle, long = lengths(items)
        groups = len({item.group for item in items})
        cells[split] = [
            str(len(items)),
            str(groups),
            f"{short} / {middle} / {long}",
            f"`{fingerprint(path)}`",
        ]
    head = ["Split", "messages", "groups", "words: least / middle / most", "SHA-256"]
    return "## Sizes\n\n" + grid(head, cells)


def _scan(found: Sequence[Finding]) -> str:
    within = Counter(each.kind for each in found if not each.across)
    across = Counter(each.kind for each in found if each.across)
    table = grid(
        ["Scan", "within a split", "across splits"],
        {kind: [str(within[kind]), str(across[kind])] for kind in KINDS},
    )
    said = (
        f"Near: Jaccard similarity of word 3-shingles of {NEAR} or more. Gram: {GRAM} words in a "
        "row. Entity: a flat or a name. A finding across splits fails `prepare`."
    )
    listed = "\n".join(f"- {each}" for each in found[:MOST_LISTED])
    return "\n\n".join(part for part in ("## Leaks and copies", table, said, listed) if part)


def _balance(splits: Splits) -> str:
    lines: dict[str, list[str]] = {}
    for field in FIELDS:
        by_split = [shares(items, field) for items in splits.values()]
        for value in by_split[0]:
            lines[f"{field}: {value}"] = [f"{own[value]:.2f}" for own in by_split]
    warned = [
        f"- {field}: {', '.join(values)}"
        for field in FIELDS
        if (values := differing(splits["train"], splits["test"], field))
    ]
    said = "No share in train is more than twice, or less than half, that in test."
    if warned:
        said = "More than twice as often in one of train and test:\n\n" + "\n".join(warned)
    return "## Balance\n\n" + grid(["Share", *splits], lines) + f"\n\n{said}"


def _lengths(splits: Splits) -> str:
    counted = {split: histogram(items) for split, items in splits.items()}
    steps = max(counted.values(), key=len)
    lines = {step: [str(own.get(step, 0)) for own in counted.values()] for step in steps}
    return "## Lengths\n\n" + grid(["Words", *splits], lines)


def _slices(splits: Splits) -> str:
    names = dict.fromkeys(item.slice for items in splits.values() for item in items)
    counted = {split: Counter(item.slice for item in items) for split, items in splits.items()}
    lines = {name: [str(own[name]) for own in counted.values()] for name in names}
    return "## Slices\n\n" + grid(["Slice", *splits], lines)
