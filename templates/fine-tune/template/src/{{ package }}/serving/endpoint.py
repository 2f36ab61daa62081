"""An OpenAI-compatible endpoint over one system: POST /v1/chat/completions.

Invariant: a reply is what the model's `generate` gives for the same conversation; a conversation
without a system turn gets the prompt of the system; one request at a time.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ..trace import Trace
from .served import Served

HOSTS = ("127.0.0.1", "localhost")
CHAT = "/v1/chat/completions"
MOST_BYTES = 1_000_000
WAIT_S = 30
ROLES = ("system", "user", "assistant")


class Endpoint(ThreadingHTTPServer):
    """A served system; requests wait for each other, and each leaves its figures in the trace."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], served: Served, trace: Trace, most: int) -> None:
        super().__init__(address, Visit)
        self.served, self.trace, self.most = served, trace, most
        self.turn = threading.Lock()


class Visit(BaseHTTPRequestHandler):
    """One request; a page elsewhere cannot point a name of its own at this server."""

    server: Endpoint
    timeout = WAIT_S

    def do_POST(self) -> None:
        name = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if self.client_address[0] in HOSTS and name not in HOSTS:
            return self._send(421, _fault("this server is for this machine"))
        if self.path != CHAT:
            return self._send(404, _fault(f"there is only POST {CHAT}"))
        length = self.headers.get("Content-Length") or ""
        if not length.isdigit() or int(length) > MOST_BYTES:
            return self._send(413, _fault(f"Content-Length is missing or above {MOST_BYTES}"))
        try:
            turns, most = _read(self.rfile.read(int(length)), self.server.most)
        except ValueError as error:
            return self._send(400, _fault(str(error)))
        self._send(200, _answered(self.server, turns, most))

    def do_GET(self) -> None:
        self._send(404, _fault(f"there is only POST {CHAT}"))

    def _send(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: messages of tenants do not belong into a log."""


def _answered(server: Endpoint, turns: list[dict[str, str]], most: int) -> dict[str, Any]:
    served = server.served
    if served.prompt and turns[0]["role"] != "system":
        turns = [{"role": "system", "content": served.prompt}, *turns]
    with server.turn:
        (reply,) = served.model.generate([turns], most)
        server.trace.event(
            "llm_call",
            system=served.name,
            seconds=round(reply.seconds, 3),
            **{
                "gen_ai.usage.input_tokens": reply.input_tokens,
                "gen_ai.usage.output_tokens": reply.output_tokens,
            },
        )
    return _completion(served.name, reply)


def _read(content: bytes, most: int) -> tuple[list[dict[str, str]], int]:
    """The turns and the limit of a request; ValueError says what is wrong with it."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("the body is no JSON") from None
    turns = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(turns, list) or not turns or not all(map(_is_turn, turns)):
        raise ValueError("messages is no list of turns with role and content")
    if turns[-1]["role"] != "user":
        raise ValueError("the last turn is not the user's")
    if body.get("stream"):
        raise ValueError("there is no streaming here: a record is short")
    asked = body.get("max_tokens", most)
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 1:
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
