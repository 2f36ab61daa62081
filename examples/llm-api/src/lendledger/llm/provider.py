"""Which adapter answers: `[llm] provider` names it, and nobody else asks for a provider's name.

Invariant: an adapter is a module with NAME, KEY_VARIABLE, `complete` and `stream`; its SDK is known
to it alone. A provider is added by a module beside this one and its name in NAMES.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from .types import LlmConfig, Reply, Request

NAMES = ("anthropic", "openai", "gemini")


class Adapter(Protocol):
    """What the client needs of a provider; both functions raise ProviderError."""

    NAME: str
    KEY_VARIABLE: str

    def complete(self, request: Request, config: LlmConfig) -> Reply:
        """One reply in one piece."""

    def stream(self, request: Request, config: LlmConfig, on_text: Callable[[str], None]) -> Reply:
        """One reply, its text handed to `on_text` as it arrives."""


def adapter(config: LlmConfig) -> Adapter:
    """The adapter of the provider that `config` names."""
    return cast(Adapter, import_module(f".{config.provider}", __package__))
