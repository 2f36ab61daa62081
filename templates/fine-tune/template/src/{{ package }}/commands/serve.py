"""`serve`: an OpenAI-compatible endpoint until Ctrl-C."""

import argparse

from ..console import deliver, note
from ..errors import UsageError
from ..result import Result
from ..serving.endpoint import CHAT, Endpoint
from ..serving.served import opened
from ..trace import Trace
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Serve on `args.host` and `args.port`; port 0 takes a free one. Returns when stopped."""
    settings = open_settings()
    served = opened(args.system, settings)
    trace = Trace.start(settings.traces, "serve")
    asked = args.system or "tuned"
    trace.event("system", asked=asked, used=served.name, reason=served.reason or "as asked")
    try:
        endpoint = Endpoint((args.host, args.port), served, trace, settings.max_new_tokens)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot serve on {args.host}:{args.port}: {reason}",
            "choose another: serve --port 0 takes a free one",
        ) from error
    url = f"http://{args.host}:{endpoint.server_port}{CHAT}"
    note(f"{served.name} answers: {served.reason}" if served.reason else f"{served.name} answers")
    note(f"POST {url} (Ctrl-C stops)")
    try:
        endpoint.serve_forever()
    except KeyboardInterrupt:
        endpoint.server_close()
    deliver(
        Result("answered", "stopped", system=served.name, detail={"url": url}), args.json, "stopped"
    )
    return 0
