"""A judge decides one thing about one output, pass or fail, and says why first.

Invariant: a judge that gives nothing usable has given no verdict; nothing is guessed in its place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..result import Usage

Verdict = Literal["pass", "fail"]
Part = Literal["policy", "message", "reply"]
ORDER: tuple[Part, ...] = ("policy", "message", "reply")
VERDICTS = ("pass", "fail")


@dataclass(frozen=True)
class Case:
    """What is judged: the `reply` to a `message`, held against a `policy`."""

    policy: str
    message: str
    reply: str


@dataclass(frozen=True)
class Judged:
    """`verdict` is None where the judge gave nothing usable; `critique` then says what it gave."""

    critique: str
    verdict: Verdict | None
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0
    model: str = ""


@dataclass(frozen=True)
class Judge:
    """`decide` takes the case and the order of its parts; `prompt` is id@version."""

    name: str
    decide: Callable[[Case, tuple[Part, ...]], Judged]
    prompt: str = ""
    model: str = ""


def text_of(output: Mapping[str, object]) -> str:
    """What of an output is judged: its reply."""
    return str(output.get("reply", ""))
