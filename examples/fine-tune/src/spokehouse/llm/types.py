"""The vocabulary between this project and a model provider; no provider's own type passes it.

Invariant: a call of a tool keeps the id that the provider gave it, and its result names that id.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from ..result import Usage


class Stop(StrEnum):
    """Why the model stopped. Only END is a whole answer, only TOOL_USE a whole set of calls."""

    END = "end"
    TOOL_USE = "tool_use"  # whole as well: the model waits for results
    MAX_TOKENS = "max_tokens"
    REFUSAL = "refusal"
    CONTEXT_OVERFLOW = "context_overflow"
    INCOMPLETE = "incomplete"  # the stream ended and nobody said why
    OTHER = "other"  # a reason this project does not know


@dataclass(frozen=True)
class Tool:
    """What the model may call; `schema` is a JSON Schema of the arguments, an object."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """`arguments` is None where the model wrote no JSON object; `raw` is what it wrote."""

    id: str
    name: str
    arguments: Mapping[str, Any] | None
    raw: str = ""


@dataclass(frozen=True)
class ToolResult:
    """The answer to one call; an error is an answer too, for the model to read."""

    call_id: str
    name: str
    content: str
    is_error: bool = False


@dataclass(frozen=True)
class Message:
    """One turn. `private` holds the provider's own blocks of it, JSON values that go back as is.

    A user turn may hold results, an assistant turn calls.
    """

    role: Literal["user", "assistant"]
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ToolResult, ...] = ()
    private: tuple[Mapping[str, Any], ...] = ()

    @property
    def texts(self) -> list[str]:
        """What of the turn has to be paid for."""
        blocks = json.dumps(self.private) if self.private else ""
        return [self.text, blocks, *(r.content for r in self.results), *(c.raw for c in self.calls)]


@dataclass(frozen=True)
class Request:
    """`schema` is a JSON Schema that the text of the reply must follow; None for free text."""

    system: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    schema: Mapping[str, Any] | None = None
    tools: tuple[Tool, ...] = ()

    @property
    def texts(self) -> list[str]:
        """Everything that is sent and has to be paid for."""
        offered = [f"{t.name} {t.description} {json.dumps(t.schema)}" for t in self.tools]
        schema = json.dumps(self.schema) if self.schema else ""
        said = [text for message in self.messages for text in message.texts]
        return [self.system, schema, *offered, *said]


@dataclass(frozen=True)
class Reply:
    """`model` is what the provider says it ran, which may be a dated version of what was asked."""

    text: str
    stop: Stop
    usage: Usage
    model: str
    calls: tuple[ToolCall, ...] = ()
    private: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class LlmConfig:
    """The `[llm]` table of `config.toml`; times in seconds, budget in US dollars per run."""

    model: str
    timeout_s: float
    max_retries: int
    deadline_s: float
    budget_usd: float
