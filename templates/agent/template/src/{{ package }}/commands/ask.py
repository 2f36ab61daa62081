"""`ask`: one request, settled, refused, or handed over."""

import argparse

from ..console import deliver
from ..desk import handle
from ..errors import UsageError
from ..layout import terminal_width, wrapped
from ..shop import create, opened
from ..trace import Trace
from . import choose_system, human, open_settings


def run(args: argparse.Namespace) -> int:
    """Settle `args.request`; `args.system` is None for "the model if there is a key"."""
    request = " ".join(args.request.split())
    if not request:
        raise UsageError("the request is empty", 'ask "Where is my order O1010?"')
    settings = open_settings()
    system = choose_system(args.system)
    if args.fresh or not settings.database.exists():
        create(settings.database, settings.script)
    customer = args.customer or settings.customer
    with opened(settings.database) as db:
        known = db.execute("SELECT 1 FROM customers WHERE customer_id = ?", (customer,)).fetchone()
    if not known:
        raise UsageError(f"the shop has no customer {customer!r}", "they are C001 to C040")
    trace = Trace.start(settings.traces, "ask")
    result = handle(request, settings, system, trace, customer=customer)
    deliver(result, args.json, wrapped(human(result), terminal_width()))
    return 0
