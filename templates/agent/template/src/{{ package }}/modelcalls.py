"""What the model calls of a run took, on disk, so that bounds hold over restarts.

Invariant: a call is written down before anything follows from its reply.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from . import runs
from .llm.client import Completion
from .result import Usage


@dataclass(frozen=True)
class Call:
    """What one model call took; `cost_usd` is None where the price is unknown."""

    usage: Usage
    cost_usd: float | None
    model: str
    seconds: float


def earlier(path: Path, run_id: str) -> list[Call]:
    """The calls that earlier processes of the run have made."""
    saved = runs.load_calls(path, run_id)
    return [Call(**(call | {"usage": Usage(**call["usage"])})) for call in saved]


def note(path: Path, run_id: str, calls: list[Call], done: Completion) -> None:
    """Add a call to `calls` and to the file."""
    calls.append(Call(done.reply.usage, done.cost_usd, done.reply.model, done.seconds))
    runs.save_call(path, run_id, len(calls), asdict(calls[-1]))


def usage_of(calls: Sequence[Call]) -> Usage:
    return sum((call.usage for call in calls), Usage())


def cost_of(calls: Sequence[Call]) -> float | None:
    """US dollars of all calls; None where the price of one is unknown."""
    known = [call.cost_usd for call in calls if call.cost_usd is not None]
    return sum(known) if len(known) == len(calls) else None
