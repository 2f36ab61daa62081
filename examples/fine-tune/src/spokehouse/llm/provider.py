"""Anthropic's Messages API behind this project's own types.

No sampling parameter is sent (current models refuse them), and no block of a reply is taken by
its position (it may begin with thinking). The SDK's retries are off: `client.py` owns them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from ..result import Usage
from .failures import Transient, from_status, seconds
from .types import LlmConfig, Reply, Request, Stop

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import Message

NAME = "anthropic"
KEY_VARIABLE = "ANTHROPIC_API_KEY"

# Every stop reason of the API that can follow from what is sent here; tools are not offered.
STOPS = {
    None: Stop.INCOMPLETE,
    "end_turn": Stop.END,
    "stop_sequence": Stop.END,
    "max_tokens": Stop.MAX_TOKENS,
    "refusal": Stop.REFUSAL,
    "model_context_window_exceeded": Stop.CONTEXT_OVERFLOW,
}


def complete(request: Request, config: LlmConfig) -> Reply:
    """One reply in one piece; raises ProviderError."""
    with _failures(), _client(config) as client:
        return _reply(client.messages.create(**_parameters(request, config)))


def stream(request: Request, config: LlmConfig, on_text: Callable[[str], None]) -> Reply:
    """One reply, its text handed to `on_text` as it arrives; raises ProviderError."""
    parameters = _parameters(request, config)
    with _failures(), _client(config) as client, client.messages.stream(**parameters) as events:
        started = False
        for event in events:
            started = True
            if event.type == "text":
                on_text(event.text)
        if not started:  # the SDK asserts that a stream holds at least one event
            raise Transient("the stream ended before it began")
        return _reply(events.get_final_message())


def _client(config: LlmConfig) -> "Anthropic":
    """The SDK takes ANTHROPIC_BASE_URL from the environment; importing it costs over a second."""
    from anthropic import Anthropic

    return Anthropic(api_key=os.environ[KEY_VARIABLE], timeout=config.timeout_s, max_retries=0)


def _parameters(request: Request, config: LlmConfig) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "model": config.model,
        "max_tokens": request.max_output_tokens,
        "system": request.system,
        "messages": [{"role": turn.role, "content": turn.text} for turn in request.messages],
    }
    if request.schema is not None:
        wanted = {"type": "json_schema", "schema": dict(request.schema)}
        parameters["output_config"] = {"format": wanted}
    return parameters


def _reply(message: "Message") -> Reply:
    """Raises Transient for the string that the SDK makes of a page that is not JSON."""
    if isinstance(message, str):
        raise Transient("the server did not answer as the API does")
    used = message.usage
    return Reply(
        text="".join(block.text for block in message.content if block.type == "text"),
        stop=STOPS.get(message.stop_reason, Stop.OTHER),
        usage=Usage(
            input_tokens=used.input_tokens + (used.cache_creation_input_tokens or 0),
            cached_tokens=used.cache_read_input_tokens or 0,
            output_tokens=used.output_tokens,
        ),
        model=message.model,
    )


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what the SDK lets through into ProviderError; a dropped stream is raw httpx2."""
    import anthropic
    import httpx2

    try:
        yield
    except anthropic.APIStatusError as error:
        words = error.api_message or error.message
        # An error event inside a stream arrives under the status 200 of the stream.
        if error.status_code < 400:
            raise Transient(words) from error
        wait = seconds(error.response.headers.get("retry-after"))
        raise from_status(error.status_code, words, wait) from error
    except (anthropic.APIError, httpx2.TransportError, JSONDecodeError) as error:
        raise Transient(f"{type(error).__name__}: {error}") from error
