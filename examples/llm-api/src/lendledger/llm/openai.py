"""OpenAI's Responses API behind this project's own types.

No sampling parameter is sent (reasoning models refuse them), and replies are not stored on the
provider's side. The SDK's retries are off: `client.py` owns them.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from ..result import Usage
from .failures import KeyRefused, Transient, from_status, seconds
from .types import LlmConfig, Message, Reply, Request, Stop, ToolCall

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.responses import Response

NAME = "openai"
KEY_VARIABLE = "OPENAI_API_KEY"

STOPS = {"max_output_tokens": Stop.MAX_TOKENS, "content_filter": Stop.REFUSAL}


def complete(request: Request, config: LlmConfig) -> Reply:
    """One reply in one piece; raises ProviderError."""
    with _failures(), _client(config) as client:
        return _reply(client.responses.create(**_parameters(request, config)))


def stream(request: Request, config: LlmConfig, on_text: Callable[[str], None]) -> Reply:
    """One reply, its text handed to `on_text` as it arrives; raises ProviderError."""
    shown: list[str] = []
    with _failures(), _client(config) as client:
        for event in client.responses.create(stream=True, **_parameters(request, config)):
            if event.type == "response.output_text.delta":
                shown.append(event.delta)
                on_text(event.delta)
            elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                return _reply(event.response)
            elif event.type == "error":
                raise Transient(event.message)
    return Reply("".join(shown), Stop.INCOMPLETE, Usage(), config.model)


def _client(config: LlmConfig) -> "OpenAI":
    """The SDK takes OPENAI_BASE_URL from the environment; importing it costs about a second."""
    from openai import OpenAI

    return OpenAI(api_key=os.environ[KEY_VARIABLE], timeout=config.timeout_s, max_retries=0)


def _parameters(request: Request, config: LlmConfig) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "model": config.model,
        "instructions": request.system,
        "input": [item for turn in request.messages for item in _items(turn)],
        "max_output_tokens": request.max_output_tokens,
        "store": False,
    }
    if request.schema is not None:
        wanted = {"type": "json_schema", "name": "reply", "schema": dict(request.schema)}
        parameters["text"] = {"format": wanted | {"strict": True}}
    if request.tools:
        # Without it nothing that the model thought between two calls would come back to it.
        parameters["include"] = ["reasoning.encrypted_content"]
        parameters["tools"] = [
            {
                "type": "function",
                "name": t.name,
                "description": t.description,
                "parameters": dict(t.schema),
                "strict": False,
            }
            for t in request.tools
        ]
    return parameters


def _items(turn: Message) -> list[dict[str, Any]]:
    """A turn is several items here: each call and each result is one of its own."""
    if turn.private:
        return [dict(item) for item in turn.private]
    items: list[dict[str, Any]] = [
        {"type": "function_call_output", "call_id": r.call_id, "output": r.content}
        for r in turn.results
    ]
    if turn.text or not (turn.results or turn.calls):
        items.append({"role": turn.role, "content": turn.text})
    items += [
        {"type": "function_call", "call_id": c.id, "name": c.name, "arguments": c.raw}
        for c in turn.calls
    ]
    return items


def _arguments(raw: str) -> Mapping[str, Any] | None:
    """The object that the model wrote; None if it wrote none."""
    try:
        value = json.loads(raw or "{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _reply(response: "Response") -> Reply:
    """Raises Transient for a failure on the provider's side, or a page that is not JSON."""
    if isinstance(response, str):
        raise Transient("the server did not answer as the API does")
    error = response.error
    if error and error.code in ("server_error", "rate_limit_exceeded"):
        raise Transient(error.message)
    calls = tuple(
        ToolCall(item.call_id, item.name, _arguments(item.arguments), item.arguments)
        for item in response.output
        if item.type == "function_call"
    )
    stop = _stop(response)
    return Reply(
        response.output_text,
        Stop.TOOL_USE if calls and stop is Stop.END else stop,
        _usage(response),
        str(response.model),
        calls,
        tuple(i.model_dump(mode="json", exclude_none=True) for i in response.output),
    )


def _stop(response: "Response") -> Stop:
    if response.status == "completed":
        messages = [item for item in response.output if item.type == "message"]
        kinds = {part.type for message in messages for part in message.content}
        return Stop.REFUSAL if "refusal" in kinds else Stop.END
    if response.status == "incomplete" and response.incomplete_details:
        return STOPS.get(response.incomplete_details.reason or "", Stop.OTHER)
    return Stop.OTHER if response.status == "failed" else Stop.INCOMPLETE


def _usage(response: "Response") -> Usage:
    """The API counts cached tokens among the input tokens; `Usage` keeps them apart."""
    used = response.usage
    if used is None:
        return Usage()
    cached = used.input_tokens_details.cached_tokens
    return Usage(used.input_tokens - cached, cached, used.output_tokens)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what the SDK lets through into ProviderError."""
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        body = error.body if isinstance(error.body, dict) else {}
        words = f"{body.get('message', error.message)} ({error.code})"
        # An account without credit answers 429 too, and no waiting helps it.
        if error.code == "insufficient_quota":
            raise KeyRefused(words, error.status_code) from error
        wait = seconds(error.response.headers.get("retry-after"))
        raise from_status(error.status_code, words, wait) from error
    except (openai.APIError, JSONDecodeError) as error:
        raise Transient(f"{type(error).__name__}: {error}") from error
