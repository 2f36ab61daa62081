"""A form, and the record that its message became.

Invariants: served under this machine's own names only; whatever a user or a model wrote is
escaped; a message needs a POST from this page.
"""

import html
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from ..desk import handle
from ..errors import ProjectError
from ..generating import Model
from ..result import Result
from ..settings import Settings
from ..systems import System
from ..trace import Trace

HOSTS = ("127.0.0.1", "localhost")
MOST_BYTES = 10_000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:44rem;margin:2rem auto;"
    "padding:0 1rem}textarea{width:100%;font:inherit}li{overflow-wrap:anywhere}"
)


class Server(ThreadingHTTPServer):
    """`token` stands in every form, so that no other page can send one; one message at a time."""

    def __init__(
        self,
        address: tuple[str, int],
        settings: Settings,
        system: System,
        model: Model | None = None,
    ) -> None:
        super().__init__(address, Visit)
        self.settings = settings
        self.system: System = system
        self.model = model
        self.turn = threading.Lock()
        self.token = secrets.token_hex(16)


class Visit(BaseHTTPRequestHandler):
    """One request of a browser."""

    server: Server

    def do_GET(self) -> None:
        if self._is_ours() and self.path == "/":
            self._send(page(self.server.token))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
        form = {
            k: v[-1]
            for k, v in parse_qs(self.rfile.read(length).decode("utf-8", "replace")).items()
        }
        if not self._is_ours() or form.get("token") != self.server.token:
            return self.send_error(403)
        try:
            self._send(page(self.server.token, self._answered(form)))
        except ProjectError as error:
            self._send(page(self.server.token, error=f"{error.message}. {error.hint}"))
        return None

    def _answered(self, form: dict[str, str]) -> Result:
        settings = self.server.settings
        trace = Trace.start(settings.traces, "serve")
        text = " ".join(form.get("text", "").split())[:4000]
        with self.server.turn:
            return handle(text, settings, self.server.system, trace, model=self.server.model)

    def _is_ours(self) -> bool:
        """A page elsewhere could point a name of its own at 127.0.0.1."""
        name = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        return self.server.server_address[0] not in HOSTS or name in HOSTS

    def _send(self, body: str) -> None:
        content = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Visits are not printed."""


def page(token: str, result: Result | None = None, error: str = "") -> str:
    """The whole page, with the answer to the last question."""
    hidden = f'<input type="hidden" name="token" value="{token}">'
    came = _came(result) if result else ""
    trouble = f'<p role="alert">{html.escape(error)}</p>' if error else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Return desk</title>'
        f"<style>{STYLE}</style></head><body><main><h1>Return desk</h1>"
        f'<form method="post">{hidden}<label>A message<textarea name="text" rows="5" '
        f"required autofocus></textarea></label><button>Read</button></form>{trouble}{came}"
        "</main></body></html>\n"
    )


def _came(result: Result) -> str:
    record = result.detail["record"] or {}
    lines = "".join(
        f"<dt>{html.escape(str(name))}</dt><dd>{html.escape(str(value))}</dd>"
        for name, value in record.items()
    )
    said = f"<dl>{lines}</dl>" if record else f"<p>{html.escape(result.message)}</p>"
    read_by = html.escape(" ".join(filter(None, (result.system, result.detail["prompt"]))))
    return f'<section aria-live="polite"><h2>{result.status}</h2>{said}<p>{read_by}</p></section>'
