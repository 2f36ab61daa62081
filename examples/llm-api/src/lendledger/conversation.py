"""A conversation that fits: what is sent of it is chosen on purpose, all of it is kept on disk.

Invariants: pinned facts and the latest exchange are always sent; older exchanges are told in a line
each; no result is sent without the call it belongs to; a provider's own blocks go to it alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import UsageError
from .llm.cost import BYTES_PER_TOKEN
from .llm.types import Message, ToolCall, ToolResult

LONGEST_LINE = 200
PIN = "remember:"


@dataclass(frozen=True)
class Exchange:
    """One question with every turn that answered it; `answer` is what the user read."""

    question: str
    turns: tuple[Message, ...]
    answer: str = ""


@dataclass
class Conversation:
    """`pins` are facts that the user asked to remember; `speaker` is provider and model."""

    exchanges: list[Exchange] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)
    speaker: str = ""

    def ask(self, question: str, speaker: str) -> None:
        """Begin an exchange; the blocks of another model are dropped, nobody else can read them."""
        if self.speaker not in ("", speaker):
            self.exchanges = [_public(exchange) for exchange in self.exchanges]
        self.speaker = speaker
        if question.lower().startswith(PIN):
            self.pins.append(question[len(PIN) :].strip())
        self.exchanges.append(Exchange(question, (Message("user", question),)))

    def say(self, turn: Message) -> None:
        """Add a turn to the exchange that is open."""
        last = self.exchanges[-1]
        self.exchanges[-1] = replace(last, turns=(*last.turns, turn))

    def close(self, answer: str) -> None:
        """What the user reads ends the exchange; a call that was never answered is dropped."""
        last = self.exchanges[-1]
        turns = last.turns[:-1] if last.turns[-1].calls else last.turns
        if turns[-1].role == "user":
            turns = (*turns, Message("assistant", answer))
        self.exchanges[-1] = replace(last, turns=turns, answer=answer)

    def to_send(self, most_tokens: int) -> list[Message]:
        """The turns for the model, in order, within `most_tokens` as far as that can be.

        From the latest exchange backwards, whole ones while they fit; the older ones as a line each
        in front, and of those the newest, while they fit.
        """
        kept: list[Exchange] = []
        left = most_tokens - sum(map(tokens, self.pins))
        for exchange in reversed(self.exchanges):
            left -= sum(map(size, exchange.turns))
            if kept and left < 0:
                break
            kept.insert(0, exchange)
        older = self.exchanges[: len(self.exchanges) - len(kept)]
        told = _told(self.pins, older, max(0, most_tokens // 4))
        turns = [turn for exchange in kept for turn in exchange.turns]
        if not told:
            return turns
        return [replace(turns[0], text=f"{told}\n\n{turns[0].text}"), *turns[1:]]


def tokens(text: str) -> int:
    """An upper estimate, the same for every provider: a third of the bytes."""
    return len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN + 1


def size(turn: Message) -> int:
    return sum(tokens(text) for text in turn.texts if text)


def load(path: Path) -> Conversation:
    """The conversation in a file, a new one where there is none. Raises UsageError."""
    if not path.exists():
        return Conversation()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        exchanges = [_exchange(each) for each in found["exchanges"]]
        return Conversation(exchanges, list(found["pins"]), str(found["speaker"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path} holds no conversation: {error}", "move it away") from error


def save(path: Path, conversation: Conversation) -> None:
    """Write it whole; a crash leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.partial")
    unfinished.write_text(json.dumps(asdict(conversation)), encoding="utf-8")
    unfinished.replace(path)


def _told(pins: Sequence[str], older: Sequence[Exchange], most: int) -> str:
    """Pinned facts and what was said before, the oldest lines left out first."""
    lines: list[str] = []
    for exchange in reversed(older):
        line = f"- asked: {_brief(exchange.question)} answered: {_brief(exchange.answer)}"
        if sum(map(tokens, [*lines, line])) > most:
            lines.insert(0, f"- ({len(older) - len(lines)} earlier questions are left out)")
            break
        lines.insert(0, line)
    facts = [f"- {pin}" for pin in pins]
    parts = [["[The user asked to remember]", *facts] if facts else []]
    parts.append(["[Earlier in this conversation; ask the tools again for figures]", *lines])
    return "\n".join(line for part in parts if len(part) > 1 for line in part)


def _brief(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_LINE else f"{flat[:LONGEST_LINE]}..."


def _public(exchange: Exchange) -> Exchange:
    return replace(exchange, turns=tuple(replace(turn, private=()) for turn in exchange.turns))


def _exchange(found: Mapping[str, Any]) -> Exchange:
    turns = tuple(
        Message(
            turn["role"],
            turn["text"],
            tuple(ToolCall(**call) for call in turn["calls"]),
            tuple(ToolResult(**result) for result in turn["results"]),
            tuple(turn["private"]),
        )
        for turn in found["turns"]
    )
    return Exchange(str(found["question"]), turns, str(found["answer"]))
