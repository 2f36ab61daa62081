"""`serve`: the page on this machine until Ctrl-C."""

import argparse
import contextlib
import socket

from ..console import deliver, note
from ..errors import UsageError
from ..project import load_env
from ..result import Result
from ..settings import load_settings
from . import open_index
from .ask import choose_system


def run(args: argparse.Namespace) -> int:
    """Serve on `args.host` and `args.port`; port 0 takes a free one. Returns when stopped."""
    settings = load_settings()
    load_env(settings.root)
    system = choose_system(args.system)
    # Whatever is wrong with the index is said now and not at the first question.
    open_index(settings).close()
    listener = listen(args.host, args.port)
    url = f"http://{args.host}:{listener.getsockname()[1]}"

    import uvicorn

    from ..web.server import create_app

    config = uvicorn.Config(create_app(settings, system), log_level="warning", lifespan="off")
    note(f"{url} (answers: {system}; Ctrl-C stops)")
    # uvicorn finishes the open answers and then raises the signal again.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    result = Result("answered", "stopped", system=system, detail={"url": url})
    deliver(result, args.json, result.message)
    return 0


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises UsageError if the port is taken or not allowed."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot serve on {host}:{port}: {reason}",
            "choose another: serve --port 0 takes a free one",
        ) from error
    return listener
