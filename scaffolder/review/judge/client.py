"""One call to the model, with our own deadline; every way that it can end has a name.

Invariant: nothing is sent but to the address of our own environment, no redirect is followed,
nothing is tried again here, and only a whole answer that ended by itself is one.
"""

import json
import os
import queue
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from scaffolder.review.judge.asking import MODEL
from scaffolder.review.mask import mask
from scaffolder.sanitise import clean

KEY = "ANTHROPIC_API_KEY"
BASE_URL = "ANTHROPIC_BASE_URL"
DEFAULT_URL = "https://api.anthropic.com"

CONNECT_SECONDS = 10.0
MAX_BODY = 1024 * 1024
"""Bytes of a reply that are read; the longest answer that was asked for has a hundredth of it."""

_SLICE = 0.1
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Failure(StrEnum):
    """How a call can end without an answer; the value is what a reader is told."""

    NO_KEY = f"there is no {KEY} in the environment"
    BAD_URL = f"{BASE_URL} is no address that a key may be sent to: https, or this machine"
    NO_PRICE = f"the price of {MODEL} is not known, so no budget could be kept"
    NETWORK = "the provider cannot be reached"
    DEADLINE = "no whole answer within the time for one question"
    AUTH = "the key was not accepted (401 or 403)"
    CREDIT = "the account has no credit (402)"
    NO_MODEL = f"the provider does not know the model {MODEL} (404)"
    RATE_LIMIT = "the provider asks for fewer requests (429)"
    OVERLOADED = "the provider is overloaded or has an error (5xx)"
    REJECTED = "the provider does not accept the request"
    REDIRECT = "the address leads to another one, which is not followed"
    NO_API = "what came back is not an answer of the API"
    CUT = "the answer was cut off before its end"
    REFUSAL = "the model refused to answer"
    MAX_TOKENS = "the answer reached its limit before its end"
    UNFINISHED = "the model stopped for a reason that is no end of an answer"
    JUNK = "the answer has not the form that was asked for"
    BUDGET = "the next call could pass the budget"
    OVERBILLED = "more was billed than the request can cost"
    STOPPED = "it was stopped"


FINAL = frozenset(
    {Failure.NO_KEY, Failure.BAD_URL, Failure.NO_PRICE, Failure.AUTH, Failure.CREDIT}
    | {Failure.NO_MODEL, Failure.REDIRECT, Failure.NO_API, Failure.BUDGET, Failure.OVERBILLED}
    | {Failure.STOPPED}
)
"""After these no other question would fare better."""

OF_ONE_VOTE = frozenset(
    {Failure.CUT, Failure.REFUSAL, Failure.MAX_TOKENS, Failure.UNFINISHED, Failure.JUNK}
)
"""These spoil one vote; the next one may be sound."""


@dataclass(frozen=True)
class Clock:
    """Time and chance, which a test replaces. `now` never runs backwards."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True)
class Service:
    """Who is asked: an address and a key of our own environment."""

    url: str
    key: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The address without user and password; what is not the provider's own is said to be."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        named = f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{parts.path}"
        return clean(named, 200) + ("" if self.is_default else f" (from {BASE_URL})")

    @property
    def is_default(self) -> bool:
        """Whether it is the provider's own address."""
        return self.url == DEFAULT_URL


@dataclass(frozen=True)
class Said:
    """A whole answer. `tokens` are those billed, in and out, None where that was not said."""

    text: str
    tokens: tuple[int, int] | None


@dataclass(frozen=True)
class Failed:
    """No answer. `is_free` where nothing can have been billed, `wait` seconds the server wants.

    `detail` is what the transport or the provider said: anything, so show it through `said`.
    """

    why: Failure
    is_free: bool = False
    wait: float | None = None
    tokens: tuple[int, int] | None = None
    detail: str = field(default="", compare=False)

    @property
    def said(self) -> str:
        """What a reader is told, with what the transport or the provider said of it."""
        shown = clean(mask(self.detail[:400]), 160)
        return f"{self.why.value} ({shown})" if shown else self.why.value


def service(environment: Mapping[str, str] = os.environ) -> Service | Failure:
    """Who is to be asked, from the environment that we were started in and nothing else."""
    url = environment.get(BASE_URL, "").strip().rstrip("/") or DEFAULT_URL
    key = environment.get(KEY, "").strip()
    if not _is_safe(url):
        return Failure.BAD_URL
    return Service(url, key) if key else Failure.NO_KEY


def send(
    who: Service,
    body: Mapping[str, Any],
    seconds: float,
    is_stopped: Callable[[], bool],
) -> Said | Failed:
    """Sends one request and waits at most `seconds`, however slowly the other side drips."""
    import anthropic

    client = anthropic.Anthropic(
        api_key=who.key,
        base_url=who.url,
        max_retries=0,
        http_client=anthropic.DefaultHttpxClient(follow_redirects=False),
    )
    try:
        limit = anthropic.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        ended = _waited(lambda: _exchange(client, body, limit), seconds, is_stopped)
    finally:
        client.close()
    return ended


def _waited(
    call: Callable[[], Said | Failed], seconds: float, is_stopped: Callable[[], bool]
) -> Said | Failed:
    """What `call` returns or raises; it is left alone where it takes longer than `seconds`."""
    box: queue.SimpleQueue[Said | Failed | BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            box.put(call())
        except BaseException as error:  # handed over, and raised where it can be seen
            box.put(error)

    threading.Thread(target=work, daemon=True, name="judge").start()
    until = time.monotonic() + seconds
    while True:
        try:
            found = box.get(timeout=max(0.0, min(_SLICE, until - time.monotonic())))
        except queue.Empty:
            if is_stopped():
                return Failed(Failure.STOPPED)
            if time.monotonic() >= until:
                return Failed(Failure.DEADLINE)
            continue
        if isinstance(found, BaseException):
            raise found
        return found


def _exchange(client: Any, body: Mapping[str, Any], limit: Any) -> Said | Failed:
    """The call itself; the SDK raises some errors of its transport as they are."""
    import anthropic
    import httpx2

    try:
        asked = client.messages.with_streaming_response.create(**body, timeout=limit)
        with asked as response:
            return _reply(_content(response.iter_bytes()))
    except anthropic.APIStatusError as error:
        wait = _seconds(error.response.headers.get("retry-after"))
        detail = error.api_message or ""
        return replace(_of_status(error.status_code, error.type), wait=wait, detail=detail)
    except anthropic.APIConnectionError as error:
        return _of_transport(error.__cause__ or error)
    except httpx2.HTTPError as error:
        return _of_transport(error)


def _content(chunks: Any) -> bytes | None:
    """The whole body; None where it is longer than any answer."""
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > MAX_BODY:
            return None
    return bytes(found)


def _of_transport(error: BaseException) -> Failed:
    import httpx2

    never_sent = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
    unusable = (httpx2.ProxyError, httpx2.UnsupportedProtocol)
    if isinstance(error, (*never_sent, *unusable)):
        return Failed(Failure.NETWORK, is_free=True, detail=str(error))
    if isinstance(error, httpx2.TimeoutException):
        return Failed(Failure.DEADLINE)
    return Failed(Failure.CUT)


def _of_status(status: int, kind: str | None) -> Failed:
    """What an error status means; the provider bills none of them."""
    known = {
        401: Failure.AUTH,
        402: Failure.CREDIT,
        403: Failure.AUTH,
        404: Failure.NO_MODEL,
        429: Failure.RATE_LIMIT,
    }
    if kind == "billing_error":
        return Failed(Failure.CREDIT, is_free=True)
    if status < 400:
        return Failed(Failure.REDIRECT, is_free=True)
    if status >= 500:
        return Failed(Failure.OVERLOADED, is_free=True)
    return Failed(known.get(status, Failure.REJECTED), is_free=True)


def _seconds(given: str | None) -> float | None:
    """A Retry-After in seconds; a date or anything else counts as none."""
    try:
        found = float(given or "")
    except ValueError:
        return None
    return found if found >= 0 else None


def _reply(content: bytes | None) -> Said | Failed:
    """The answer in a body; the blocks before it may be of any kind."""
    try:
        raw = json.loads(content or b"")
    except (ValueError, RecursionError):
        return Failed(Failure.JUNK if content is None else Failure.NO_API)
    if not isinstance(raw, dict) or raw.get("type") != "message":
        return Failed(Failure.NO_API)
    tokens = _tokens(raw.get("usage"))
    ends = {"refusal": Failure.REFUSAL, "max_tokens": Failure.MAX_TOKENS, None: Failure.CUT}
    stopped = raw.get("stop_reason")
    if stopped != "end_turn":
        known = stopped if stopped is None or isinstance(stopped, str) else ""
        return Failed(ends.get(known, Failure.UNFINISHED), tokens=tokens)
    text = _text(raw.get("content"))
    return Said(text, tokens) if text else Failed(Failure.JUNK, tokens=tokens)


def _text(blocks: object) -> str:
    """The text blocks in a row; a model may think before it writes."""
    listed = [b for b in blocks if isinstance(b, dict)] if isinstance(blocks, list) else []
    texts = [b.get("text") for b in listed if b.get("type") == "text"]
    return "".join(t for t in texts if isinstance(t, str))


def _tokens(usage: object) -> tuple[int, int] | None:
    """Tokens in, however they were cached, and out; None where the server does not say."""
    if not isinstance(usage, dict):
        return None
    out, fresh = usage.get("output_tokens"), usage.get("input_tokens")
    more = ("cache_creation_input_tokens", "cache_read_input_tokens")
    counted: list[Any] = [out, fresh, *(usage.get(name) or 0 for name in more)]
    if not all(type(n) is int and n >= 0 for n in counted):
        return None
    return sum(counted[1:]), counted[0]


def _is_safe(url: str) -> bool:
    """Whether a key may be sent there: over TLS, or to this machine itself."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    )
