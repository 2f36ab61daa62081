"""The door to the local model: what the rest of the project needs of it, and how it is opened.

Invariant: nothing is imported from torch before a model is opened, so that everything else works
without it; where it is missing, ConfigError says how to install it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from .conversations import Conversation
from .errors import ConfigError
from .settings import Settings

NEEDED = ("torch", "transformers", "gguf", "peft", "trl")
INSTALL = 'python -m pip install -c requirements.lock -e ".[train]"'


@dataclass(frozen=True)
class Generation:
    """One reply; `seconds` is its share of the batch, `finished` False where it was cut."""

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
    return next((name for name in NEEDED if find_spec(name) is None), "")


def open_model(settings: Settings, adapter: Path | None) -> Model:
    """The base model of training.toml, with an adapter on it unless that is None."""
    from .local.model import load  # here, because it needs Generation of this module
    from .training.config import load as load_config

    require()
    return load(load_config(settings.root), adapter)


def require() -> None:
    """Raise ConfigError where a package is missing that runs a local model."""
    if name := missing():
        raise ConfigError(f"the local model needs {name}, which is not installed", INSTALL)
