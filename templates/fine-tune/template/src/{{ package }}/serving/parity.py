"""Is the model that is served the one that was scored? The same prompts on every path.

Invariant: what is compared are the answers in the committed rows, byte for byte; every one that
differs is listed.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..conversations import Conversation
from ..evaluation.rows import Row, percentile
from ..generating import Model
from ..trace import Trace
from .endpoint import CHAT, Endpoint
from .served import Served

PROMPTS = 50
TIMEOUT_S = 120
MOST_DIFFERENT = 0.04  # a batch is padded and a single prompt is not: sums may round elsewhere


@dataclass(frozen=True)
class Visited:
    """What a path answered, with the wall clock of each request."""

    texts: Sequence[str]
    seconds: Sequence[float]
    output_tokens: int


def through_endpoint(
    served: Served, talks: Sequence[Conversation], trace: Trace, most: int
) -> Visited:
    """Every conversation over HTTP, one after the other, as a client would."""
    endpoint = Endpoint(("127.0.0.1", 0), served, trace, most)
    threading.Thread(target=endpoint.serve_forever, daemon=True).start()
    try:
        replies = [_asked(endpoint.server_port, talk) for talk in talks]
    finally:
        endpoint.shutdown()
        endpoint.server_close()
    return Visited(
        [reply["choices"][0]["message"]["content"] for reply, _ in replies],
        [seconds for _, seconds in replies],
        sum(reply["usage"]["completion_tokens"] for reply, _ in replies),
    )


def directly(model: Model, talks: Sequence[Conversation], batch: int, most: int) -> list[str]:
    """Every conversation as the evaluation asks it: in batches."""
    found: list[str] = []
    for begin in range(0, len(talks), batch):
        found += [reply.text for reply in model.generate(talks[begin : begin + batch], most)]
    return found


def compared(rows: Sequence[Row], paths: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """How many prompts have the scored answer on every path, and each that has not."""
    differing = [
        {"id": row.id, "path": path, "scored": row.answer, "found": texts[at]}
        for path, texts in paths.items()
        for at, row in enumerate(rows)
        if texts[at] != row.answer
    ]
    odd = {each["id"] for each in differing}
    return {
        "prompts": len(rows),
        "paths": ["scored", *paths],
        "identical": len(rows) - len(odd),
        "different": differing,
    }


def speed(visited: Visited) -> dict[str, float]:
    """p50 and p95 of one request after the other, and tokens a second."""
    milliseconds = [second * 1000 for second in visited.seconds]
    return {
        "p50_ms": round(percentile(milliseconds, 0.5), 1),
        "p95_ms": round(percentile(milliseconds, 0.95), 1),
        "tokens_a_second": round(visited.output_tokens / sum(visited.seconds), 1),
    }


def differs(found: Mapping[str, Any]) -> bool:
    """Whether more prompts differ than rounding explains."""
    return bool(found["prompts"] - found["identical"] > MOST_DIFFERENT * found["prompts"])


def _asked(port: int, talk: Conversation) -> tuple[dict[str, Any], float]:

    body = json.dumps({"model": "served", "messages": talk}).encode()
    address = f"http://127.0.0.1:{port}{CHAT}"
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
        return json.load(response), time.perf_counter() - started
