"""What every system ends with, whichever way it went."""

from dataclasses import dataclass, field

from .executor import Observation
from .result import Status, Usage


@dataclass(frozen=True)
class Ending:
    """One status and what the user reads; `seen` is what the database gave on the way.

    `attempts` counts requests to the provider, those that were tried again among them;
    `first_text_s` is the time to the first piece of the last reply, None where nothing streamed.
    """

    status: Status
    text: str
    seen: tuple[Observation, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0
    model: str = ""
    prompt: str = ""
    repairs: int = 0
    attempts: int = 0
    first_text_s: float | None = None
    unreachable: bool = False
