"""`serve`: messages in the browser on this machine until Ctrl-C."""

import argparse

from ..console import deliver, note
from ..errors import UsageError
from ..generating import open_model
from ..result import Result
from ..web.server import Server
from . import choose_system, open_settings


def run(args: argparse.Namespace) -> int:
    """Serve on `args.host` and `args.port`; port 0 takes a free one. Returns when stopped."""
    settings = open_settings()
    system = choose_system(args.system, settings)
    model = open_model(settings) if system == "local" else None
    try:
        server = Server((args.host, args.port), settings, system, model)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot serve on {args.host}:{args.port}: {reason}",
            "choose another: serve --port 0 takes a free one",
        ) from error
    url = f"http://{args.host}:{server.server_port}"
    note(f"{url} (answers: {system}; Ctrl-C stops)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    deliver(Result("answered", "stopped", system=system, detail={"url": url}), args.json, "stopped")
    return 0
