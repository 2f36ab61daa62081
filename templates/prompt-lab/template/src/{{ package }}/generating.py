"""The door to the local model: what the rest of the project needs of it, and how it is opened.

Invariant: nothing is imported from torch before a model is opened, so that everything else works
without it; where it is missing, ConfigError says how to install it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

from .errors import ConfigError
from .form import Form
from .settings import Settings

Conversation = Sequence[dict[str, str]]
NEEDED = ("torch", "transformers", "gguf")
INSTALL = 'python -m pip install -c requirements.lock -e ".[local]"'


@dataclass(frozen=True)
class Generation:
    """One reply: `cached_tokens` of the input were read for an earlier message already."""

    text: str
    thoughts: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    seconds: float


class Model(Protocol):
    """Greedy, so the same conversation gives the same reply."""

    def fill(self, turns: Conversation, form: Form, room: int) -> Generation:
        """A JSON object that keeps to the form, after at most `room` tokens of free text."""


def missing() -> str:
    """The first package that a local model needs and is not there; "" if all are."""
    return next((name for name in NEEDED if find_spec(name) is None), "")


def open_model(settings: Settings) -> Model:
    """The model of [local] in config.toml. Raises ConfigError."""
    from .local.model import load  # here, because it needs Generation of this module

    require()
    return load(settings.local, settings.root)


def require() -> None:
    """Raise ConfigError where a package is missing that runs a local model."""
    if name := missing():
        raise ConfigError(f"the local model needs {name}, which is not installed", INSTALL)
