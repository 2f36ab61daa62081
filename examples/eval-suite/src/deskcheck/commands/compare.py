"""`compare`: two systems on the same items, what flipped, and whether that says anything."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from ..console import deliver
from ..errors import UsageError
from ..evaluation.claims import verdict
from ..evaluation.power import clean_sweep, smallest_difference
from ..evaluation.registry import headline
from ..evaluation.report import needed, paired
from ..evaluation.rows import Row, by_item
from ..jsonl import write_objects
from ..layout import terminal_width, wrapped
from ..result import Result
from . import open_suite, rows_of


def run(args: argparse.Namespace) -> int:
    """Write one row per item and metric to results/compare/, and say what they add up to."""
    suite = open_suite()
    if args.before == args.after:
        raise UsageError("the two systems are the same", "name two of config.toml")
    first, second = (rows_of(suite.settings, name) for name in (args.before, args.after))
    test = [row for row in second if row.split == "test"] or second
    lines, found = [], {}
    metrics = _common(first, second, headline(suite.metrics))
    for metric in metrics:
        result = paired(first, test, metric)
        if result is None:
            continue
        n = len(by_item(test, metric))
        found[metric] = asdict(result) | {"n": n, "clear": result.clear}
        lines.append(f"{metric}: {verdict(n, result)}{needed(result, n)}")
        least = smallest_difference(n, (result.better + result.worse) / n)
        if least is not None:
            lines.append(f"  {n} items are likely to show a difference of {least:.2f} or more.")
    lines.append(f"The fewest flips that are clear, all in one direction: {clean_sweep()}.")
    path = suite.settings.results / "compare" / f"{args.before}-{args.after}.jsonl"
    write_objects(path, _flips(first, second, metrics))
    message = "\n".join(lines)
    where = path.relative_to(suite.settings.root).as_posix()
    outcome = Result("answered", message, detail={"comparisons": found, "rows": where})
    deliver(outcome, args.json, wrapped(message, terminal_width()))
    return 0


def _common(first: Sequence[Row], second: Sequence[Row], metrics: list[str]) -> list[str]:
    """The headline metrics that both have; for a log from elsewhere, whatever both have."""
    both = {m for row in first for m in row.grades} & {m for row in second for m in row.grades}
    found = [metric for metric in metrics if metric in both] or sorted(both)
    if not found:
        raise UsageError("the two have no metric in common", "measure both with the same graders")
    return found


def _flips(
    first: Sequence[Row], second: Sequence[Row], metrics: Sequence[str]
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    splits = {row.id: row.split for row in second}
    for metric in metrics:
        before, after = by_item(first, metric), by_item(second, metric)
        rows += [
            {
                "id": item,
                "split": splits[item],
                "metric": metric,
                "before": before[item],
                "after": after[item],
                "systems": [first[0].system, second[0].system],
            }
            for item in before
            if item in after
        ]
    return rows
