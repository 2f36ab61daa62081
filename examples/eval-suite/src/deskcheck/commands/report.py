"""`report`: the results as one page with charts, or as JUnit for a CI."""

import argparse
from pathlib import Path

from ..console import deliver
from ..errors import UsageError
from ..evaluation import gate
from ..evaluation.report import Runs, load_runs
from ..reporting.html import page
from ..reporting.junit import junit
from ..result import Result
from . import Suite, open_suite

DEFAULT = "var/report.html"


def run(args: argparse.Namespace) -> int:
    """Write what was asked for; without a flag the page, to var/report.html."""
    suite = open_suite()
    runs, split = shown_runs(suite)
    root = suite.settings.root
    written = []
    if args.junit:
        place = suite.settings.baseline
        kept = gate.read(place)["systems"] if place.exists() else None
        written.append(_write(Path(args.junit), junit(runs, kept)))
    if args.html or not args.junit:
        written.append(_write(Path(args.html or root / DEFAULT), page(root.name, runs, split)))
    message = "written: " + ", ".join(str(path) for path in written)
    deliver(Result("answered", message, detail={"files": [*map(str, written)]}), args.json, message)
    return 0


def shown_runs(suite: Suite) -> tuple[Runs, str]:
    """The rows of the test split, or of dev where no item is in test, and which it is."""
    runs, _ = load_runs(suite.items, suite.settings, whole=True)
    if not runs:
        raise UsageError("nothing was measured on these items", "run `eval` first")
    test = {name: [row for row in rows if row.split == "test"] for name, rows in runs.items()}
    if any(test.values()):
        return {name: rows for name, rows in test.items() if rows}, "test"
    return runs, "dev"


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror}", "choose another place"
        ) from error
    return path
