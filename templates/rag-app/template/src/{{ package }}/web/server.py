"""One page, one answer with its progress, and citations that open the passage.

Invariants: a passage leaves this server only if the configured roles may read it, document text
leaves it as JSON or escaped, never as markup, and no word of the model leaves it unchecked.
"""

import html
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from string import Template
from threading import Thread
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, StreamingResponse
from pydantic import BaseModel, BeforeValidator, StringConstraints
from starlette.middleware.base import RequestResponseEndpoint
from starlette.middleware.trustedhost import TrustedHostMiddleware

from ..answer import System, answer
from ..chunking import Chunk
from ..documents import EVERYONE
from ..errors import ProjectError
from ..index import Index
from ..llm.client import OnText
from ..plaintext import clean
from ..result import Result
from ..settings import Settings
from ..trace import Trace

HERE = Path(__file__).parent
FILES = {"/": "page.html", "/page.css": "page.css", "/page.js": "page.js"}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# A web page elsewhere could point its own host name at 127.0.0.1 and read the documents.
HOSTS = ["127.0.0.1", "localhost"]
PROGRESS_S = 1.0  # a figure that changes faster only flickers

Part = Mapping[str, Any]
Put = Callable[[Part | None], None]


class Question(BaseModel):
    """The body of POST /ask."""

    question: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
        BeforeValidator(lambda given: clean(given) if isinstance(given, str) else given),
    ]


def create_app(settings: Settings, system: System) -> FastAPI:
    """The application; `system` answers."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    app.middleware("http")(_with_headers)
    for route, name in FILES.items():
        app.get(route)(_sender(HERE / name))

    @app.post("/ask")
    def ask(body: Question) -> StreamingResponse:
        parts = stream(body.question, settings, system)
        return StreamingResponse(map(_line, parts), media_type="application/x-ndjson")

    @app.get("/passages/{chunk_id}")
    def passage(chunk_id: str) -> HTMLResponse:
        return HTMLResponse(passage_page(chunk_id, settings))

    return app


def stream(question: str, settings: Settings, system: System) -> Iterator[Part]:
    """How much the model has written so far, the answer's sentences, then one result or one error.

    No sentence is sent before the whole answer is checked against its passages: until its end a
    reply can still break off or be repaired, and what was shown would have to be taken back. Parts
    that end with neither result nor error mean a bug: its traceback is on the server's terminal.
    """
    parts: SimpleQueue[Part | None] = SimpleQueue()
    work = Thread(target=_work, args=(question, settings, system, parts.put), daemon=True)
    work.start()
    return iter(parts.get, None)


def passage_page(chunk_id: str, settings: Settings) -> str:
    """HTML of one passage; HTTPException 404 if it is unknown or not for these roles."""
    chunk = _readable(chunk_id, settings)
    if chunk is None:
        raise HTTPException(404, "no such passage")
    title, _, section = chunk.heading.partition(" > ")
    place = f"{chunk.source}, {section}" if section else chunk.source
    values = {"title": title or chunk.source, "place": place, "text": chunk.text}
    form = Template((HERE / "passage.html").read_text(encoding="utf-8"))
    return form.substitute({name: html.escape(value) for name, value in values.items()})


def _readable(chunk_id: str, settings: Settings) -> Chunk | None:
    """Unknown and forbidden look the same, so that a guess does not learn what exists."""
    with closing(Index.open(settings)) as index:
        chunk = index.by_id([chunk_id]).get(chunk_id)
    return chunk if chunk and chunk.access in (EVERYONE, *settings.roles) else None


def _work(question: str, settings: Settings, system: System, put: Put) -> None:
    """The index is opened here: an SQLite connection belongs to the thread that made it."""
    try:
        trace = Trace.start(settings.traces, "serve")
        with closing(Index.open(settings)) as index:
            result = answer(question, index, settings, system, trace, on_text=_progress(put))
        for sentence in _sentences(result.answer or ""):
            put({"text": sentence})
        put({"result": _shown(result)})
    except ProjectError as error:
        put({"error": {"message": error.message, "hint": error.hint}})
    finally:
        put(None)


def _progress(put: Put) -> OnText:
    """Sends the number of characters that have arrived, at once and then every PROGRESS_S."""
    written, due = 0, 0.0

    def count(text: str) -> None:
        nonlocal written, due
        written += len(text)
        if time.monotonic() >= due:
            due = time.monotonic() + PROGRESS_S
            put({"written": written})

    return count


def _sentences(text: str) -> list[str]:
    """The text in pieces that end with a sentence and join to the whole again."""
    return re.findall(r".+?(?:[.!?]\s+|$)", text, re.DOTALL)


def _shown(result: Result) -> dict[str, Any]:
    return {
        "status": result.status,
        "message": result.message,
        "answer": result.answer,
        "citations": [asdict(citation) for citation in result.citations],
    }


def _line(part: Part) -> str:
    return json.dumps(part) + "\n"


def _sender(path: Path) -> Callable[[], FileResponse]:
    return lambda: FileResponse(path)


async def _with_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers.update(HEADERS)
    return response
