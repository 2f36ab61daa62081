"""Asks the model for an answer from passages; what comes back is a claim, not yet an answer.

Passages are data: they travel as JSON between two lines with a random mark that no document can
know, in the same message as the question and never in the instructions.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ConfigError, ProjectError
from .llm import client
from .llm.types import Message, Reply, Request, Stop
from .result import Citation
from .retrieval import Hit
from .settings import Settings
from .trace import Trace

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["found", "citations", "answer"],
    "properties": {
        "found": {"type": "boolean"},
        "citations": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["chunk_id", "quote"],
                "properties": {"chunk_id": {"type": "string"}, "quote": {"type": "string"}},
            },
        },
        "answer": {"type": "string"},
    },
}
_PROMPT = re.compile(r"---\nid: *(\S+)\nversion: *(\S+)\n---\n(.+)", re.DOTALL)


class UnusableReply(ProjectError):
    """The model was reached, and what it sent cannot be read as an answer."""


@dataclass(frozen=True)
class Prompt:
    """`name` is id@version, which every result row carries."""

    name: str
    text: str


@dataclass(frozen=True)
class Draft:
    """What the model claims: nothing in it is verified, sources of citations are still empty.

    `declined` is a refusal by the provider, not by what the passages say.
    """

    found: bool
    answer: str
    citations: tuple[Citation, ...]
    declined: bool = False


def load_prompt(root: Path) -> Prompt:
    """`prompts/answer.md`; ConfigError if it cannot be read or has no id and version on top."""
    path = root / "prompts" / "answer.md"
    try:
        parts = _PROMPT.fullmatch(path.read_text(encoding="utf-8"))
    except OSError as error:
        hint = "put the file back, or take it from the repository's history"
        raise ConfigError(f"cannot read the prompt {path}: {error.strerror}", hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the prompt {path} is not UTF-8", "save it as UTF-8") from error
    if parts is None:
        raise ConfigError(f"{path} does not begin with `---`, `id:`, `version:`, `---`")
    return Prompt(f"{parts[1]}@{parts[2]}", parts[3].strip())


def draft(
    question: str,
    hits: Sequence[Hit],
    settings: Settings,
    prompt: Prompt,
    trace: Trace,
    spend: client.Spend,
    calls: list[client.Completion],
    on_text: client.OnText | None = None,
) -> Draft:
    """The model's draft; every call made is appended to `calls`, also when this raises.

    A reply that is not JSON of the schema is sent back once to be repaired. With `on_text` every
    reply is streamed to it as raw JSON. Raises UnusableReply, and what `client.complete` raises.
    """
    request = build_request(question, hits, prompt, settings.max_output_tokens)
    reply = _call(request, settings, trace, spend, calls, on_text)
    try:
        return _read(reply)
    except ValueError as error:
        repair = _repair(request, reply, error)
    try:
        return _read(_call(repair, settings, trace, spend, calls, on_text))
    except ValueError as error:
        raise UnusableReply(f"the model's reply is not JSON of the schema: {error}") from error


def build_request(question: str, hits: Sequence[Hit], prompt: Prompt, max_tokens: int) -> Request:
    """One user message: the fenced passages, then the question."""
    mark = secrets.token_hex(8)
    passages = json.dumps(
        [{"chunk_id": h.chunk_id, "source": h.source, "text": h.text} for h in hits],
        ensure_ascii=False,
    )
    text = f"passages {mark}\n{passages}\nend of passages {mark}\n\nQuestion: {question}"
    return Request(prompt.text, (Message("user", text),), max_tokens, SCHEMA)


def parse(text: str) -> Draft:
    """The draft in a reply; ValueError says what is not as the schema wants it."""
    try:
        fields = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(fields, dict):
        raise ValueError("not an object")
    found, answer, citations = (fields.get(key) for key in ("found", "answer", "citations"))
    if not isinstance(found, bool) or not isinstance(answer, str):
        raise ValueError("'found' is not true or false, or 'answer' is not a text")
    if not isinstance(citations, list):
        raise ValueError("'citations' is not a list")
    return Draft(found, answer, tuple(_citation(item) for item in citations))


def _call(
    request: Request,
    settings: Settings,
    trace: Trace,
    spend: client.Spend,
    calls: list[client.Completion],
    on_text: client.OnText | None,
) -> Reply:
    calls.append(client.complete(request, settings.llm, spend, trace, on_text))
    return calls[-1].reply


def _read(reply: Reply) -> Draft:
    """The draft of a whole reply; a cut one is never parsed, even if its JSON happens to close."""
    if reply.stop is Stop.END:
        return parse(reply.text)
    if reply.stop is Stop.REFUSAL:
        return Draft(False, "", (), declined=True)
    if reply.stop is Stop.MAX_TOKENS:
        raise UnusableReply("the reply was cut off", "raise answer.max_output_tokens")
    if reply.stop is Stop.INCOMPLETE:
        raise UnusableReply("the reply broke off before its end")
    if reply.stop is Stop.CONTEXT_OVERFLOW:
        raise UnusableReply("the passages are longer than the model reads", "lower retrieval.k")
    raise UnusableReply(f"the reply ended with {reply.stop.value!r}")


def _repair(request: Request, reply: Reply, error: ValueError) -> Request:
    complaint = f"That is not JSON of the schema: {error}. Send only the corrected JSON object."
    turns = (Message("assistant", reply.text or "(empty)"), Message("user", complaint))
    return Request(
        request.system, (*request.messages, *turns), request.max_output_tokens, request.schema
    )


def _citation(item: object) -> Citation:
    if not isinstance(item, dict):
        raise ValueError("a citation is not an object")
    chunk_id, quote = item.get("chunk_id"), item.get("quote")
    if not isinstance(chunk_id, str) or not isinstance(quote, str):
        raise ValueError("a citation has no text 'chunk_id' or 'quote'")
    return Citation("", chunk_id, quote)
