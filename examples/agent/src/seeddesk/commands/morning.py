"""`morning`: what waits for a person, who is to be called, and what may travel today."""

import argparse

from .. import morning
from ..console import deliver
from ..result import Result
from ..shop import create
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Print the list of today; the shop of config.toml is made if it is not there yet."""
    settings = open_settings()
    if not settings.database.exists():
        create(settings.database, settings.script)
    found = morning.read(settings, settings.database)
    text = "\n".join(found.lines()).rstrip() or "Nothing waits."
    detail = {
        "waiting": len(found.waiting),
        "calls": len(found.calls),
        "can_go": [parcel.order_id for parcel in found.can_go],
        "overdue": [parcel["order_id"] for parcel in found.overdue],
        "held": [parcel.order_id for parcel in found.held],
    }
    deliver(Result("answered", text, detail=detail), args.json, text)
    return 0
