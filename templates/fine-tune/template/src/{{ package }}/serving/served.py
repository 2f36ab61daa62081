"""What answers behind the endpoint: a system by name, or what stands in for it.

Invariant: a tune whose adapter is gone is replaced by its base with the best prompt, and what
cannot run here by the rules; the reason is told, never hidden.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from .. import rules
from ..conversations import Conversation, prompt_of
from ..desk import usable
from ..errors import ConfigError
from ..generating import Generation, Model, open_model, require
from ..record import canonical
from ..settings import Settings
from ..systems import System


@dataclass(frozen=True)
class Served:
    """`reason` says why it is not what was asked for; "" if it is."""

    name: str
    model: Model
    prompt: str
    reason: str = ""


class Rules:
    """The baseline behind the same door: it reads the last turn."""

    def generate(
        self, conversations: Sequence[Conversation], max_new_tokens: int
    ) -> list[Generation]:
        return [_said(turns[-1]["content"]) for turns in conversations]


def opened(wanted: System | None, settings: Settings) -> Served:
    """The system to serve: as wanted, else the tune in use, else the rules."""
    if wanted == "baseline":
        return Served("baseline", Rules(), "")
    try:
        require()
    except ConfigError as error:
        if wanted is not None:
            raise
        return Served("baseline", Rules(), "", f"{error.message}; {error.hint}")
    if wanted is None and settings.adapter is None:
        return Served("baseline", Rules(), "", "config.toml names no tune in [local] run")
    used, reason = usable(wanted or "tuned", settings)
    model = open_model(settings, settings.adapter if used == "tuned" else None)
    name = settings.run if used == "tuned" else used
    return Served(name, model, prompt_of(used, settings.prompts).text, reason)


def _said(text: str) -> Generation:
    started = time.perf_counter()
    return Generation(canonical(rules.read(text)), 0, 0, time.perf_counter() - started, True)
