"""The conversation as the model sees it: the goal always, the latest steps whole, older ones told.

Invariants: the request stands first in every version; no result is sent without the call it
belongs to; what was cut is said to be cut.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .executor import Observation
from .llm.types import Message, ToolCall, ToolResult

LEAST_TURNS = 4  # the latest turns that always stay whole
LONGEST_LINE = 160


def compacted(turns: Sequence[Message], done: Sequence[Observation], most: int) -> list[Message]:
    """The turns to send: all of them while they are short, else the goal, a summary, the latest."""
    if _size(turns) <= most or len(turns) <= LEAST_TURNS + 1:
        return list(turns)
    start = len(turns) - LEAST_TURNS
    while start < len(turns) and turns[start].role != "assistant":
        start += 1  # a turn of results goes with the calls before it
    kept = turns[start:]
    results = sum(len(turn.results) for turn in kept)
    older = done[: len(done) - results]
    goal = turns[0]
    text = f"{goal.text}\n\n{summary(older)}" if older else goal.text
    return [Message("user", text), *kept]


def summary(done: Sequence[Observation]) -> str:
    """What was done before, one line a step, written by code and not by a model."""
    lines = [f"- {o.tool} {_brief(o.arguments)}: {o.outcome}, {_brief(o.text)}" for o in done]
    head = f"[Earlier steps, cut to one line each: {len(done)}]"
    return "\n".join([head, *lines])


def as_turn(message: Message) -> dict[str, Any]:
    """A turn as JSON, for keeping."""
    return asdict(message)


def from_turn(turn: Mapping[str, Any]) -> Message:
    """The turn that `as_turn` made JSON of."""
    return Message(
        turn["role"],
        turn["text"],
        tuple(ToolCall(**call) for call in turn["calls"]),
        tuple(ToolResult(**result) for result in turn["results"]),
        tuple(turn["private"]),
    )


def _size(turns: Sequence[Message]) -> int:
    return sum(len(text) for turn in turns for text in turn.texts)


def _brief(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}..."
