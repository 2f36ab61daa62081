"""`serve`: the report on this machine until Ctrl-C, computed anew at each visit."""

import argparse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..console import deliver, note
from ..errors import ProjectError, UsageError
from ..reporting.html import page
from ..result import Result
from . import open_suite
from .report import shown_runs

HOSTS = ("127.0.0.1", "localhost")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def run(args: argparse.Namespace) -> int:
    """Serve on `args.host` and `args.port`; port 0 takes a free one. Returns when stopped."""
    shown_runs(open_suite())  # whatever is wrong is said now and not at the first visit
    try:
        server = ThreadingHTTPServer((args.host, args.port), Visit)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot serve on {args.host}:{args.port}: {reason}",
            "choose another: serve --port 0 takes a free one",
        ) from error
    url = f"http://{args.host}:{server.server_port}"
    note(f"{url} (Ctrl-C stops)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    deliver(Result("answered", "stopped", detail={"url": url}), args.json, "stopped")
    return 0


class Visit(BaseHTTPRequestHandler):
    """One request; a page elsewhere cannot point a name of its own at this server."""

    def do_GET(self) -> None:
        name = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if self.client_address[0] in HOSTS and name not in HOSTS:
            return self.send_error(421)
        if self.path != "/":
            return self.send_error(404)
        try:
            suite = open_suite()
            body = page(suite.settings.root.name, *shown_runs(suite)).encode()
        except ProjectError as error:
            return self.send_error(500, explain=error.message)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Visits are not printed."""
