"""An OpenAI-compatible endpoint over the scored model: POST /v1/chat/completions, loopback only.

Invariant: a reply is what LocalModel.generate gives for the same conversation; one at a time.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ..generating import Model

HOSTS = ("127.0.0.1", "localhost")
MOST_BYTES = 1_000_000
ROLES = ("system", "user", "assistant")


class Endpoint(ThreadingHTTPServer):
    """The model with its name; requests wait for each other."""

    def __init__(self, address: tuple[str, int], model: Model, name: str, most: int) -> None:
        super().__init__(address, Visit)
        self.model, self.name, self.most = model, name, most
        self.turn = threading.Lock()


class Visit(BaseHTTPRequestHandler):
    """One request."""

    server: Endpoint

    def do_POST(self) -> None:
        if self.path != "/v1/chat/completions":
            return self._send(404, _fault("there is only /v1/chat/completions"))
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES:
            return self._send(413, _fault("the request is too long"))
        try:
            turns, most = _read(self.rfile.read(length), self.server.most)
        except ValueError as error:
            return self._send(400, _fault(str(error)))
        with self.server.turn:
            (reply,) = self.server.model.generate([turns], most)
        self._send(200, _completion(self.server.name, reply))

    def _send(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: messages of tenants do not belong into a log."""


def _read(content: bytes, most: int) -> tuple[list[dict[str, str]], int]:
    """The turns and the limit of a request; ValueError says what is wrong with it."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("the body is no JSON") from None
    turns = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(turns, list) or not turns or not all(map(_is_turn, turns)):
        raise ValueError("messages is no list of turns with role and content")
    asked = body.get("max_tokens", most)
    if not isinstance(asked, int) or asked < 1:
        raise ValueError("max_tokens is no number above 0")
    return [{"role": t["role"], "content": t["content"]} for t in turns], min(asked, most)


def _is_turn(turn: Any) -> bool:
    return (
        isinstance(turn, dict)
        and turn.get("role") in ROLES
        and isinstance(turn.get("content"), str)
    )


def _completion(name: str, reply: Any) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{time.time_ns()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": name,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.text},
                "finish_reason": "stop" if reply.finished else "length",
            }
        ],
        "usage": {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
    }


def _fault(words: str) -> dict[str, Any]:
    return {"error": {"message": words, "type": "invalid_request_error"}}
