"""How a run came out, whatever system made it."""

from dataclasses import dataclass, field

from .result import Status, Usage


@dataclass(frozen=True)
class Ending:
    """`text` is what the customer reads; `cost_usd` is None where a price is unknown.

    `unreachable` where the provider did not answer: that says nothing of the system.
    """

    status: Status
    text: str
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0
    prompt: str = ""
    model: str = ""
    unreachable: bool = False
