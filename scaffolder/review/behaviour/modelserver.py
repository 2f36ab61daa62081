"""A scripted model server for the time of one command: llmock behind a door of ours.

Invariant: it listens on loopback or in a folder of ours only; its controls cannot be reached
through it; what it says follows from the script and the request alone.
"""

import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffolder.review.behaviour import scripted, toolcalls
from scaffolder.review.behaviour.model import Asked

SOCKET = "model.sock"
"""The name of the socket in the folder of a sandboxed command."""

MAX_BODY = 8 * 1024 * 1024
START_SECONDS = 10.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_USAGE = {
    "input_tokens": "input", "prompt_tokens": "input", "promptTokenCount": "input",
    "output_tokens": "output", "completion_tokens": "output", "candidatesTokenCount": "output",
}  # fmt: skip
_FALSE = {
    "invented": (scripted.INVENTED, scripted.INVENTED_ID),
    "misquoted": (scripted.INVENTED,),
}
_TOTALS = ("total_tokens", "totalTokenCount")
_ASKS = ("/messages", "/chat/completions", "/responses", ":generateContent", "GenerateContent")


@dataclass(frozen=True)
class Script:
    """What the server does: `faults` as llmock spells them, then `reply` to every request.

    `reply` is "quoted" (from the passages), "invented" (a quote that is nowhere, of a passage that
    is not there), "misquoted" (the same, of one that is), "malformed", "wrong" (JSON of another
    shape), "cut" (at the most tokens), "refusal", or "thinking" (quoted, behind an empty block).
    `answer` replaces the words of an answer, `usage` the tokens that are billed for each (input,
    output); with `drops` the connection ends in the middle of every one. `calls` are tool calls in
    the place of the first answers, a turn each; with `endless` the last turn comes for ever.
    """

    faults: tuple[Mapping[str, Any], ...] = ()
    reply: str = "quoted"
    answer: str = ""
    usage: tuple[int, int] | None = None
    drops: bool = False
    calls: tuple[toolcalls.Turn, ...] = ()
    endless: bool = False


@dataclass
class _Seen:
    requests: list[Mapping[str, Any]] = field(default_factory=list)
    usages: list[dict[str, int]] = field(default_factory=list)

    def billed(self) -> Mapping[str, int]:
        """Tokens of all answers together, by kind."""
        kinds = {kind for usage in self.usages for kind in usage}
        return {kind: sum(usage.get(kind, 0) for usage in self.usages) for kind in sorted(kinds)}


@dataclass(frozen=True)
class Served:
    """A server that is up; `port` is 0 where it listens on a socket of ours."""

    port: int
    _app: Any
    _seen: _Seen

    def asked(self) -> Asked:
        """What it saw so far, with llmock's own verdict on the client."""
        from llmock.verdict import judge

        verdict = judge(self._app.state.llmock.journal.records())
        codes = tuple(dict.fromkeys(f.code for f in verdict.findings))
        return Asked(tuple(self._seen.requests), codes, self._seen.billed())


@contextmanager
def serving(script: Script, folder: Path | None) -> Iterator[Served]:
    """A server for the block: on a socket in `folder`, or on a free port of loopback."""
    import uvicorn
    from llmock.main import create_app
    from llmock.scenarios import behavior_from_dict

    app, seen = create_app(), _Seen()
    for fault in script.faults:
        app.state.llmock.scenarios.add(behavior_from_dict(dict(fault)))
    listener = _listener(folder)
    config = uvicorn.Config(_door(app, script, seen), log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait_for(server, thread)
        port = listener.getsockname()[1] if folder is None else 0
        yield Served(port, app, seen)
    finally:
        server.should_exit = server.force_exit = True
        thread.join(START_SECONDS)
        listener.close()


def _listener(folder: Path | None) -> socket.socket:
    if folder is None:
        return socket.create_server(("127.0.0.1", 0))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / SOCKET))
    listener.listen(64)
    return listener


def _wait_for(server: Any, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the scripted model server did not start")
        time.sleep(0.005)


def _door(app: Any, script: Script, seen: _Seen) -> Any:
    """The app behind a door: reads each request, tells the app its reply, reads the answer."""

    async def handle(scope: Message, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or path.startswith(("/_llmock", "/health", "/docs")):
            await _nothing(send)
            return
        raw = await _body(receive)
        request = _object(raw)
        asks = any(part in path for part in _ASKS)
        if asks:
            seen.requests.append({**request, "path": path, "provider": _provider(path)})
            _script(app, script, request, len(seen.requests) - 1)
        answer = _Answer(send, script if asks else Script())
        await app(scope, _again(raw, receive), answer.take)
        seen.usages.append(answer.usage)

    return handle


class _Answer:
    """Passes an answer on, changed as the script wants it, and reads what it bills."""

    def __init__(self, send: Send, script: Script) -> None:
        self.send, self.script = send, script
        self.usage: dict[str, int] = {}
        self.start: Message = {}
        self.held = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            if not self._is_whole():
                await self.send(message)
            return
        piece = message.get("body", b"")
        if not self._is_whole():
            body = b"\n".join(self._line(line) for line in piece.split(b"\n"))
            await self.send({**message, "body": body})
            return
        self.held += piece
        if not message.get("more_body"):
            await self._release()

    def _is_whole(self) -> bool:
        return b"json" in dict(self.start.get("headers", ())).get(b"content-type", b"")

    def _line(self, line: bytes) -> bytes:
        """A line of a stream; what is no object is passed on as it is."""
        event = _object(line.removeprefix(b"data:").strip())
        if not event:
            return line
        self._bill(event)
        return b"data: " + json.dumps(event).encode()

    def _bill(self, answer: dict[str, Any]) -> None:
        if self.script.usage:
            _billed(answer, self.script.usage)
        for name, tokens in _usage(answer).items():
            self.usage[name] = max(self.usage.get(name, 0), tokens)

    async def _release(self) -> None:
        answer, body = _object(self.held), self.held
        if answer and self.start["status"] < 400:
            self._bill(answer)
            if self.script.reply == "thinking":
                _think(answer)
            body = json.dumps(answer).encode()
        kept = [(k, v) for k, v in self.start["headers"] if k.lower() != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await self.send({**self.start, "headers": [*kept, length]})
        if self.script.drops:  # uvicorn closes a connection whose answer is not whole
            await self.send({"type": "http.response.body", "body": body[:40], "more_body": True})
            return
        await self.send({"type": "http.response.body", "body": body})


def _think(answer: dict[str, Any]) -> None:
    """Puts an empty block before the text, as models that think do."""
    if isinstance(answer.get("content"), list):
        answer["content"].insert(0, {"type": "thinking", "thinking": "", "signature": "none"})
    if isinstance(answer.get("output"), list):
        answer["output"].insert(0, {"type": "reasoning", "id": "rs_0", "summary": []})
    for each in answer.get("candidates") or ():
        each["content"]["parts"].insert(0, {"text": "", "thought": True})


def _billed(value: Any, usage: tuple[int, int]) -> None:
    """Writes other counts wherever an answer says what it used."""
    if not isinstance(value, dict):
        return
    for key, part in value.items():
        if key in _USAGE and isinstance(part, int):
            value[key] = usage[_USAGE[key] == "output"]
        elif key in _TOTALS and isinstance(part, int):
            value[key] = sum(usage)
        else:
            _billed(part, usage)


def _script(app: Any, script: Script, request: Mapping[str, Any], turn: int) -> None:
    from llmock.scenarios import Reply, ToolCall

    queue = app.state.llmock.scenarios
    if any(isinstance(each, Reply) for each in queue.pending()):
        return  # left from a request that was refused: this is its retry
    last = len(script.calls) - 1
    if script.calls and (turn <= last or script.endless):
        text, calls = toolcalls.of_turn(script.calls[min(turn, last)], request)
        queue.add(Reply(text=text or None, tool_calls=tuple(ToolCall(*call) for call in calls)))
        return
    text, finish = _words(script, request)
    queue.add(Reply(text=text, finish_reason=finish))


def _words(script: Script, request: Mapping[str, Any]) -> tuple[str, str | None]:
    whole = scripted.reply(request, script.answer, *_FALSE.get(script.reply, ()))
    return {
        "malformed": ('{"answer": "it is', None),
        "wrong": ('{"unexpected": [1, 2]}', None),
        "cut": (whole[: len(whole) * 9 // 10], "length"),
        "refusal": ("", "content_filter"),
    }.get(script.reply, (whole, None))


def _usage(value: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    if isinstance(value, dict):
        for key, part in value.items():
            if key in _USAGE and isinstance(part, int):
                found[_USAGE[key]] = part
            elif isinstance(part, dict):
                found.update(_usage(part))
    return found


def _provider(path: str) -> str:
    if "/messages" in path:
        return "anthropic"
    return "gemini" if "enerateContent" in path else "openai"


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


async def _body(receive: Receive) -> bytes:
    whole = b""
    while len(whole) <= MAX_BODY:
        message = await receive()
        whole += message.get("body", b"")
        if not message.get("more_body"):
            break
    return whole


def _again(raw: bytes, receive: Receive) -> Receive:
    """The body once more, then what comes: an app ends a stream whose client has gone."""
    left: list[Message] = [{"type": "http.request", "body": raw, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again


async def _nothing(send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
