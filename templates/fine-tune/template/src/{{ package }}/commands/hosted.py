"""`hosted`: the routes and their state; with a route, its upload written, checked and priced."""

import argparse

from ..console import deliver
from ..conversations import prompt_of
from ..evaluation.claims import grid
from ..hosted import CHECKED, EPOCHS, ROUTES, dry_run, price_of
from ..items import load_items
from ..layout import aligned, terminal_width
from ..result import Result
from ..settings import Settings
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Nothing is sent; UsageError where an upload would be wrong."""
    settings = open_settings()
    return _list(args.json) if args.route is None else _try(args.route, settings, args.json)


def _list(as_json: bool) -> int:
    cells = {route.name: [route.state, route.note] for route in ROUTES.values()}
    message = f"States as of {CHECKED}; `hosted ROUTE` writes and prices an upload."
    table = aligned(grid(["Route", "state", "note"], cells), terminal_width())
    detail = {"checked": CHECKED, "routes": cells}
    deliver(Result("answered", message, detail=detail), as_json, f"{table}\n\n{message}")
    return 0


def _try(name: str, settings: Settings, as_json: bool) -> int:
    train, test = (load_items(settings.items(split)) for split in ("train", "test"))
    usd = price_of(name, settings.root / "breakeven.toml")
    done = dry_run(name, train, test, prompt_of("tuned", settings.prompts), usd)
    place = settings.root / "var" / "upload" / f"{name}.jsonl"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("".join(line + "\n" for line in done.lines), encoding="utf-8")
    where = place.relative_to(settings.root).as_posix()
    price = "price unknown" if done.usd is None else f"${done.usd:.2f}"
    message = (
        f"{done.route.state}: {done.route.note} ({CHECKED}). {where}: {len(done.lines)} valid "
        f"rows, at most {done.tokens} tokens an epoch, {EPOCHS} epochs, {price}. Nothing was sent."
    )
    detail = {
        "route": name,
        "state": done.route.state,
        "file": where,
        "rows": len(done.lines),
        "tokens": done.tokens,
        "usd": done.usd,
    }
    deliver(Result("answered", message, detail=detail), as_json, message)
    return 0
