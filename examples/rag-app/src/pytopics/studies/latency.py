"""How long one question takes a reader: asked over HTTP of the server that `serve` starts.

Measured at the outer boundary, one request after another, all questions once. The first ones are
asked before and do not count. A quoted answer comes in one piece, so its first words come with the
last; time to the first token of a model was not measured.
"""

import http.client
import json
import os
import platform
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ..commands.serve import listen
from ..evaluation.golden import Question
from ..settings import Settings
from .record import StudyRow, about, stamped

WARM_UP = 5
HOST = "127.0.0.1"


def rows(questions: Sequence[Question], settings: Settings) -> list[StudyRow]:
    """One row a question: `ttft_ms` until the first words, `latency_ms` until the end."""
    same = stamped(settings) | {
        "system": "baseline",
        "model": "",
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "cost_usd": 0.0,
    }
    with running(settings) as port:
        for question in questions[:WARM_UP]:
            timed(port, question.question)
        return [about(q) | timed(port, q.question) | same for q in questions]


def timed(port: int, question: str) -> dict[str, str | float]:
    """Milliseconds until the first and the last line of the reply, and its status."""
    started = time.perf_counter()
    moments, last = [], b"{}"
    for line in asked(port, question):
        moments.append(round((time.perf_counter() - started) * 1000, 1))
        last = line
    status = json.loads(last).get("result", {}).get("status", "failed")
    return {"ttft_ms": moments[0], "latency_ms": moments[-1], "status": status}


def asked(port: int, question: str) -> Iterator[bytes]:
    """The lines of the server's reply, as they come."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    body = json.dumps({"question": question})
    connection.request("POST", "/ask", body, {"Content-Type": "application/json"})
    reply = connection.getresponse()
    try:
        yield from reply
    finally:
        connection.close()


@contextmanager
def running(settings: Settings) -> Iterator[int]:
    """The server on a free port of this machine, in a thread."""
    import uvicorn

    from ..web.server import create_app

    listener = listen(HOST, 0)
    app = create_app(settings, "baseline")
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def machine() -> str:
    """Processor, cores and Python, as this machine names them, and how busy it was."""
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, load average {load:.1f}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
