"""A server on this machine that records what a judge sends and answers as a test says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Recorder:
    """The address of the server, the bodies and headers that came, and what it answers."""

    answer: Callable[[dict[str, Any]], Reply]
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[dict[str, Any]], Reply]) -> Iterator[Recorder]:
    recorder = Recorder(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            recorder.bodies.append(body)
            recorder.headers.append({k.lower(): v for k, v in self.headers.items()})
            status, headers, content = recorder.answer(body)
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield recorder
        finally:
            server.shutdown()


def said(text: str = "", **changes: Any) -> Reply:
    """A message of the API whose text is `text`; `changes` replace keys of it."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": [{"type": "thinking", "thinking": ""}, {"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 900, "output_tokens": 60},
    }
    content = json.dumps({**message, **changes}).encode()
    return 200, {"content-type": "application/json"}, content


def vote(verdict: str, text: str, path: str = "README.md", first: int = 1, last: int = 0) -> str:
    """An answer as it was asked for."""
    quote = {"path": path, "first_line": first, "last_line": last or first, "text": text}
    return json.dumps({"quote": quote, "verdict": verdict})


def sent(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents in a request."""
    text = body["messages"][0]["content"]
    return json.loads(text.partition("\n<data-")[2].partition("\n")[2].partition("\n</data-")[0])


def planted(body: dict[str, Any]) -> str:
    """The word of the sentence that a request plants."""
    note = next(d for d in sent(body) if d["path"].startswith("note-"))
    return str(note["lines"][0][1]).rstrip(".").rpartition(" ")[2]
