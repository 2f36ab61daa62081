"""Services that tune a model for you: which are open, since when not, and what they would be sent.

Invariant: nothing is sent anywhere. An upload holds rows of train alone, and each of its rows ends
in a valid record. States were read in the providers' documentation on CHECKED.
"""

import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .conversations import Conversation, tuned
from .errors import ConfigError, UsageError
from .items import Item
from .llm.cost import BYTES_PER_TOKEN
from .prompting import Prompt
from .record import Fault, parse

CHECKED = "2026-11-22"
EPOCHS = 3

Row = Mapping[str, object]


@dataclass(frozen=True)
class Route:
    """`form` is a name of FORMS."""

    name: str
    state: str
    note: str
    form: str


ROUTES: Mapping[str, Route] = {
    "openai": Route(
        "openai",
        "closed to newcomers",
        "closed to new organisations since 2026-05-07, ends for all on 2027-01-06",
        "messages",
    ),
    "bedrock": Route(
        "bedrock",
        "one old model",
        "of Claude only Claude 3 Haiku can be tuned, on Amazon Bedrock",
        "bedrock",
    ),
    "vertex": Route(
        "vertex", "open", "Google tunes several Gemini models on Vertex AI", "contents"
    ),
    "open-weights": Route(
        "open-weights", "open", "services that tune open weights, most in this form", "messages"
    ),
}


@dataclass(frozen=True)
class DryRun:
    """What an upload would be: `tokens` is an upper estimate of one epoch, from bytes."""

    route: Route
    lines: tuple[str, ...]
    tokens: int
    usd: float | None


def dry_run(
    name: str,
    train: Sequence[Item],
    test: Sequence[Item],
    prompt: Prompt,
    price: float | None = None,
) -> DryRun:
    """The upload of a route; `price` in dollars for a million training tokens.

    UsageError for a route that is unknown or an upload that is wrong.
    """
    if name not in ROUTES:
        raise UsageError(f"there is no route {name!r}", f"one of {', '.join(ROUTES)}")
    route = ROUTES[name]
    talks = [tuned(prompt, item) for item in train]
    validate(talks, test)
    lines = tuple(json.dumps(FORMS[route.form](talk), ensure_ascii=False) for talk in talks)
    written = sum(len(turn["content"].encode()) for talk in talks for turn in talk)
    tokens = written // BYTES_PER_TOKEN + 1
    usd = None if price is None else price * tokens * EPOCHS / 1_000_000
    return DryRun(route, lines, tokens, usd)


def price_of(name: str, path: Path) -> float | None:
    """What breakeven.toml says under [hosted]; None where it says nothing. Raises ConfigError."""
    try:
        prices = tomllib.loads(path.read_text(encoding="utf-8")).get("hosted", {})
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}", "mend that place in the file") from error
    value = prices.get(name) if isinstance(prices, dict) else None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ConfigError(f"breakeven.toml: [hosted] {name} is {value!r}, no price")
    return float(value)


def validate(talks: Sequence[Conversation], test: Sequence[Item]) -> None:
    """UsageError names the row with another order of turns, no record, or a test message."""
    kept_back = {item.text for item in test}
    for number, talk in enumerate(talks, 1):
        roles = [turn["role"] for turn in talk]
        if roles != ["system", "user", "assistant"]:
            raise UsageError(f"row {number}: turns are {', '.join(roles)}", "see conversations.py")
        found = parse(talk[-1]["content"])
        if isinstance(found, Fault):
            raise UsageError(f"row {number}: its answer is no record: {found.message}")
        if talk[1]["content"] in kept_back:
            raise UsageError(f"row {number} is a message of the test set", "run prepare")


def _messages(talk: Conversation) -> Row:
    return {"messages": talk}


def _bedrock(talk: Conversation) -> Row:
    return {"system": talk[0]["content"], "messages": talk[1:]}


def _contents(talk: Conversation) -> Row:
    names = {"user": "user", "assistant": "model"}
    turns = [{"role": names[t["role"]], "parts": [{"text": t["content"]}]} for t in talk[1:]]
    instruction = {"role": "system", "parts": [{"text": talk[0]["content"]}]}
    return {"systemInstruction": instruction, "contents": turns}


FORMS: Mapping[str, Callable[[Conversation], Row]] = {
    "messages": _messages,
    "bedrock": _bedrock,
    "contents": _contents,
}
