"""The vocabulary between this project and a model provider; no provider's own type passes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from ..result import Usage


class Stop(StrEnum):
    """Why the model stopped. Only END is a whole answer."""

    END = "end"
    MAX_TOKENS = "max_tokens"
    REFUSAL = "refusal"
    CONTEXT_OVERFLOW = "context_overflow"
    INCOMPLETE = "incomplete"  # the stream ended and nobody said why
    OTHER = "other"  # a reason this project does not know


@dataclass(frozen=True)
class Message:
    """One turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Request:
    """`schema` is a JSON Schema that the text of the reply must follow; None for free text."""

    system: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Reply:
    """`model` is what the provider says it ran, which may be a dated version of what was asked."""

    text: str
    stop: Stop
    usage: Usage
    model: str


@dataclass(frozen=True)
class LlmConfig:
    """The `[llm]` table of `config.toml`; times in seconds, budget in US dollars per run."""

    model: str
    timeout_s: float
    max_retries: int
    deadline_s: float
    budget_usd: float
