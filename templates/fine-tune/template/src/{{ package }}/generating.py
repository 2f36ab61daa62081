"""The door to the local model: what the rest of the project needs of it, and how it is opened.

Invariant: nothing is imported from torch before a model is opened, so that everything else works
without it; where it is missing, ConfigError says how to install it.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from .conversations import Conversation
from .errors import ConfigError
from .settings import Settings

NEEDED = ("torch", "transformers", "peft")
INSTALL = 'python -m pip install -c requirements.lock -e ".[train]"'


class Generation(Protocol):
    """One reply; `finished` is False where it was cut at the limit of tokens."""

    text: str
    input_tokens: int
    output_tokens: int
    seconds: float
    finished: bool


class Model(Protocol):
    """Greedy, so the same conversation gives the same reply."""

    def generate(
        self, conversations: Sequence[Conversation], max_new_tokens: int
    ) -> Sequence[Generation]:
        """One reply a conversation, in their order."""


def missing() -> str:
    """The first package that a local model needs and is not there; "" if all are."""
    for name in NEEDED:
        try:
            import_module(name)
        except ImportError:
            return name
    return ""


def open_model(settings: Settings, adapter: Path | None) -> Model:
    """The base model of training.toml, with an adapter on it unless that is None."""
    require()
    config = import_module(".training.config", __package__).load(settings.root)
    return cast(Model, import_module(".local.model", __package__).load(config, adapter))


def require() -> None:
    """Raise ConfigError where a package is missing that runs a local model."""
    if name := missing():
        raise ConfigError(f"the local model needs {name}, which is not installed", INSTALL)
