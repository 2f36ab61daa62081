"""`taxonomy`: notes get names; what went wrong, counted; whether reading on brings anything new."""

import argparse
from collections.abc import Sequence

from ..coding.codes import LAST, NONE, SATURATED, UNNAMED, Code, counted, load_codes, saturation
from ..coding.naming import group
from ..console import deliver, note
from ..errors import UsageError
from ..evaluation.claims import grid
from ..evaluation.marked import replace_between
from ..evaluation.registry import load_taxonomy
from ..keyboard import keyboard
from ..layout import aligned, terminal_width
from ..result import Result
from ..settings import Settings
from . import open_suite

MARKS = ("<!-- counts:start -->", "<!-- counts:end -->")


def run(args: argparse.Namespace) -> int:
    """Print the counts and write them into evals/taxonomy.md between its marks."""
    suite = open_suite()
    settings = suite.settings
    if args.group:
        note(f"{group(settings, keyboard())} notes got a name")
    codes = load_codes(settings.failures)
    if not codes:
        raise UsageError("no result has been read yet", "`code` shows the worst one")
    _refuse_unnamed(settings, codes)
    answered = {metric.failure: metric.name for metric in suite.metrics}
    total = len(codes)
    cells = {
        name: [str(count), f"{count / total:.0%}", answered.get(name, "-")]
        for name, count in counted(codes)
    }
    table = grid(["Failure", "results", "share", "metric"], cells)
    message = _message(codes)
    replace_between(settings.evals / "taxonomy.md", MARKS, f"{table}\n\n{message}")
    share = saturation(codes)
    detail = {"read": total, "counts": dict(counted(codes)), "saturation": share}
    text = f"{aligned(table, terminal_width())}\n\n{message}"
    deliver(Result("answered", message, detail=detail), args.json, text)
    return 0


def _refuse_unnamed(settings: Settings, codes: Sequence[Code]) -> None:
    known = {failure.name for failure in load_taxonomy(settings)} | {NONE, UNNAMED}
    for code in codes:
        if code.failure not in known:
            raise UsageError(
                f"failures.jsonl: {code.id} has the failure {code.failure!r}",
                "define it in taxonomy.toml, or give the line a name from there",
            )


def _message(codes: Sequence[Code]) -> str:
    fine = sum(code.failure == NONE for code in codes)
    share = saturation(codes)
    if left := sum(code.failure == UNNAMED for code in codes):
        return f"{len(codes)} results read, {left} notes without a name: `taxonomy --group`."
    if share is None:
        return f"{len(codes)} results read, {fine} without a fault. Read {LAST} at least."
    new = "nothing new is coming" if share < SATURATED else "read on, new failures still come"
    return (
        f"{len(codes)} results read, {fine} without a fault. {share:.0%} of the last {LAST} "
        f"brought a new failure: {new}."
    )
