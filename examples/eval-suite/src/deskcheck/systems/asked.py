"""The model as a system under test: policy and message go in as data, one JSON object comes out.

Invariant: a reply that is cut off, refused or no object of the schema is an error of this item, not
an output.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..desk.reply import ACTIONS
from ..llm import client
from ..llm.types import Message, Request, Stop
from ..prompting import as_data, load_prompt
from ..result import Usage
from ..settings import Settings
from ..trace import Trace

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["action", "date", "time", "reply"],
    "properties": {
        "action": {"type": "string", "enum": list(ACTIONS)},
        "date": {"type": ["string", "null"]},
        "time": {"type": ["string", "null"]},
        "reply": {"type": "string"},
    },
}


@dataclass(frozen=True)
class Replied:
    """`output` is {} where `error` says why; `prompt` is id@version."""

    output: Mapping[str, Any]
    usage: Usage
    cost_usd: float | None
    model: str
    prompt: str
    error: str = ""


def request_for(given: Mapping[str, Any], path: str, settings: Settings) -> Request:
    """What is sent for one input."""
    prompt = load_prompt(settings.root / path)
    policy = (settings.root / "data" / "policy.md").read_text(encoding="utf-8")
    words = f"{as_data('policy', policy)}\n\n{as_data('message', json.dumps(given))}"
    message = Message("user", words)
    return Request(prompt.text, (message,), settings.max_output_tokens, SCHEMA)


def reply(
    given: Mapping[str, Any], path: str, settings: Settings, trace: Trace, spend: client.Spend
) -> Replied:
    """The model's answer to one input. Raises what `llm.client.complete` raises."""
    request = request_for(given, path, settings)
    done = client.complete(request, settings.llm, spend, trace)
    name = load_prompt(settings.root / path).name
    output, error = _read(done.reply.text, done.reply.stop)
    return Replied(output, done.reply.usage, done.cost_usd, done.reply.model, name, error)


def _read(text: str, stop: Stop) -> tuple[Mapping[str, Any], str]:
    if stop is not Stop.END:
        return {}, f"the reply ended with {stop}"
    try:
        value = json.loads(text)
    except ValueError:
        return {}, "the reply is not JSON"
    if not isinstance(value, dict) or not isinstance(value.get("reply"), str):
        return {}, "the reply is not an object with a reply"
    return value, ""
