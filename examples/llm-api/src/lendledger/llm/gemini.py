"""Google's Gemini API behind this project's own types.

No sampling parameter is sent: the model's own defaults hold. Retries are off: see `client.py`.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from ..result import Usage
from .failures import KeyRefused, Transient, from_status, seconds
from .types import LlmConfig, Message, Reply, Request, Stop, ToolCall, ToolResult

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.errors import APIError
    from google.genai.types import GenerateContentResponse, Part

NAME = "gemini"
KEY_VARIABLE = "GEMINI_API_KEY"

FILTERS = ["SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"]
STOPS = dict.fromkeys(FILTERS, Stop.REFUSAL) | {"STOP": Stop.END, "MAX_TOKENS": Stop.MAX_TOKENS}


def complete(request: Request, config: LlmConfig) -> Reply:
    """One reply in one piece; raises ProviderError."""
    with _failures(), _client(config) as client:
        return _reply([client.models.generate_content(**_parameters(request, config))], config)


def stream(request: Request, config: LlmConfig, on_text: Callable[[str], None]) -> Reply:
    """One reply, its text handed to `on_text` as it arrives; raises ProviderError."""
    chunks: list[GenerateContentResponse] = []
    with _failures(), _client(config) as client:
        for chunk in client.models.generate_content_stream(**_parameters(request, config)):
            chunks.append(chunk)
            if chunk.text:
                on_text(chunk.text)
    return _reply(chunks, config)


def _client(config: LlmConfig) -> "Client":
    """Another server is reached by GEMINI_BASE_URL and speaks v1beta; the import costs a second."""
    from google.genai import Client
    from google.genai.types import HttpOptions, HttpRetryOptions

    options = HttpOptions(
        timeout=int(config.timeout_s * 1000), retry_options=HttpRetryOptions(attempts=1)
    )
    if base_url := os.environ.get("GEMINI_BASE_URL"):
        options.base_url, options.api_version = base_url, "v1beta"
    return Client(api_key=os.environ[KEY_VARIABLE], http_options=options)


def _parameters(request: Request, config: LlmConfig) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "system_instruction": request.system,
        "max_output_tokens": request.max_output_tokens,
    }
    if request.schema is not None:
        settings["response_mime_type"] = "application/json"
        settings["response_json_schema"] = dict(request.schema)
    if request.tools:
        declared = [
            {"name": t.name, "description": t.description, "parameters_json_schema": dict(t.schema)}
            for t in request.tools
        ]
        settings["tools"] = [{"function_declarations": declared}]
        settings["automatic_function_calling"] = {"disable": True}
    roles = {"user": "user", "assistant": "model"}
    turns = [{"role": roles[m.role], "parts": _parts(m)} for m in request.messages]
    return {"model": config.model, "contents": turns, "config": settings}


def _parts(turn: Message) -> list[dict[str, Any]]:
    """A thought signature belongs to the part it came with, so whole parts go back."""
    if turn.private:
        return [dict(part) for part in turn.private]
    parts: list[dict[str, Any]] = [
        {"function_response": {"name": r.name, "response": {_key(r): r.content}, "id": r.call_id}}
        for r in turn.results
    ]
    if turn.text or not (turn.results or turn.calls):
        parts.append({"text": turn.text})
    parts += [
        {"function_call": {"name": c.name, "args": dict(c.arguments or {}), "id": c.id}}
        for c in turn.calls
    ]
    return parts


def _key(result: ToolResult) -> str:
    return "error" if result.is_error else "output"


def _calls(parts: "list[Part]") -> tuple[ToolCall, ...]:
    """The API may leave the id out; then the place among the calls is one."""
    found = [part.function_call for part in parts if part.function_call]
    return tuple(
        ToolCall(c.id or f"call-{at}", c.name or "", c.args or {}, json.dumps(c.args or {}))
        for at, c in enumerate(found)
    )


def _reply(chunks: "list[GenerateContentResponse]", config: LlmConfig) -> Reply:
    """The chunks of one reply, put together."""
    parts = [part for chunk in chunks for part in chunk.parts or []]
    text = "".join(part.text for part in parts if part.text and not part.thought)
    models = [chunk.model_version for chunk in chunks if chunk.model_version]
    calls, stop = _calls(parts), _stop(chunks)
    return Reply(
        text,
        Stop.TOOL_USE if calls and stop is Stop.END else stop,
        _usage(chunks),
        models[-1] if models else config.model,
        calls,
        tuple(part.model_dump(mode="json", exclude_none=True) for part in parts),
    )


def _usage(chunks: "list[GenerateContentResponse]") -> Usage:
    """The last count holds for the whole reply; the API counts cached tokens among the prompt's."""
    counts = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
    if not counts:
        return Usage()
    cached = counts[-1].cached_content_token_count or 0
    thought = counts[-1].thoughts_token_count or 0
    written = counts[-1].candidates_token_count or 0
    return Usage((counts[-1].prompt_token_count or 0) - cached, cached, written + thought)


def _stop(chunks: "list[GenerateContentResponse]") -> Stop:
    if any(chunk.prompt_feedback and chunk.prompt_feedback.block_reason for chunk in chunks):
        return Stop.REFUSAL
    candidates = [one for chunk in chunks for one in chunk.candidates or []]
    reasons = [one.finish_reason.name for one in candidates if one.finish_reason]
    return STOPS.get(reasons[-1], Stop.OTHER) if reasons else Stop.INCOMPLETE


def _wait(error: "APIError") -> float | None:
    """Seconds asked for by a Retry-After header or by the RetryInfo that this API sends instead."""
    asked = re.search(r"'retryDelay': '([\d.]+)s'", str(error.details))
    headers = getattr(error.response, "headers", {})
    return seconds(headers.get("retry-after") or (asked and asked[1]))


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what the SDK lets through into ProviderError; a dropped connection is raw httpx2."""
    import httpx2
    from google.genai import errors

    try:
        yield
    except errors.APIError as error:
        words = error.message or str(error.status)
        if error.code == 400 and "API key" in words:  # what this API says of a wrong key
            raise KeyRefused(words, error.code) from error
        raise from_status(error.code, words, _wait(error)) from error
    except (httpx2.TransportError, errors.UnknownApiResponseError, JSONDecodeError) as error:
        raise Transient(f"{type(error).__name__}: {error}") from error
