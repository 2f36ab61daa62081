"""`breakeven`: from which volume a tune pays, against the cheapest other way that passes."""

import argparse

from ..breakeven import load, rival_month, rival_of, sensitivity, sentence, tuned_month, volume
from ..console import deliver, note
from ..evaluation.claims import grid
from ..evaluation.marked import replace_between
from ..evaluation.report import load_runs
from ..items import load_items
from ..layout import aligned, terminal_width
from ..result import Result
from . import open_settings

MARKS = ("<!-- breakeven:start -->", "<!-- breakeven:end -->")


def run(args: argparse.Namespace) -> int:
    """Compute the sheet and write it between the marks of docs/breakeven.md."""
    settings = open_settings()
    path = settings.root / "breakeven.toml"
    runs, _ = load_runs(load_items(settings.items("test")), settings)
    rival = rival_of(runs, path, settings.llm.model)
    sheet = load(path, rival)
    said, tests = sentence(sheet, rival, runs), sensitivity(sheet)
    load_now = sheet[("load", "requests_a_day")]
    month = {"tuned": tuned_month(sheet, 1), rival.name: rival_month(sheet, load_now)}
    costs = grid(
        ["A month at the load of today", "USD"], {k: [f"{v:,.2f}"] for k, v in month.items()}
    )
    cells = {name: [_shown(at) for at in volumes] for name, volumes in tests.items()}
    table = grid(["Changed alone", "halved", "doubled"], cells)
    body = f"{said}\n\n{costs}\n\nRequests a day from which a tune pays:\n\n{table}"
    if not replace_between(settings.root / "docs" / "breakeven.md", MARKS, body):
        note("docs/breakeven.md has no marks for the sheet: nothing was written there")
    detail = {
        "requests_a_day": volume(sheet),
        "rival": rival.name,
        "rival_usd": rival.usd,
        "month_usd": month,
        "sensitivity": tests,
    }
    deliver(Result("answered", said, detail=detail), args.json, aligned(body, terminal_width()))
    return 0


def _shown(at: float | None) -> str:
    return "never" if at is None else f"{at:,.0f}"
