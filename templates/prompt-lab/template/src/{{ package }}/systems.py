"""The systems that are compared: each turns messages into records and says what that took.

Invariant: one answer a message, in their order, whatever the model wrote; a text that is no valid
record is an answer with a fault.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from . import rules
from .conversations import asked
from .errors import UsageError
from .fewshot import examples_of
from .form import choices, record_in, schema
from .generating import Generation, Model
from .items import Item, load_items
from .llm import client
from .llm.client import BudgetExceeded, Completion, Spend
from .llm.types import Message, Request, Stop
from .record import Fault, Record, canonical
from .result import Usage
from .settings import Settings
from .trace import Trace
from .versions import Version

System = Literal["baseline", "local", "api"]
SYSTEMS: tuple[System, ...] = ("baseline", "local", "api")


@dataclass(frozen=True)
class Answer:
    """`record` or `fault`, never both; `cost_usd` None where the price is unknown.

    A local model costs its machine and no dollar a call: 0 here.
    """

    text: str
    record: Record | None
    fault: str
    usage: Usage
    seconds: float
    cost_usd: float | None = 0.0
    model: str = ""
    stop: str = "end"


@dataclass(frozen=True)
class Session:
    """What answering needs beside the messages: the version and, for `local`, the open model."""

    settings: Settings
    version: Version
    trace: Trace
    model: Model | None = None


def answers(system: System, texts: Sequence[str], session: Session) -> Iterator[Answer]:
    """One answer a text. Raises ConfigError (key, prompt) and ProviderUnreachable."""
    if system == "baseline":
        return map(_baseline, texts)
    train = load_items(session.settings.items("train")) if session.version.examples else []
    examples = examples_of(session.version, train, session.settings.seed)
    answer = _from_api if system == "api" else _from_local
    return (answer(text, examples, session) for text in texts)


def _baseline(text: str) -> Answer:
    started = time.perf_counter()
    record = rules.read(text)
    return Answer(canonical(record), record, "", Usage(), time.perf_counter() - started)


def _from_local(text: str, examples: Sequence[Item], session: Session) -> Answer:
    """The form is made of this message's own numbers and the allowed values."""
    if session.model is None:
        raise UsageError("local needs a local model", "open one first")
    version, settings = session.version, session.settings
    form = choices(text, version.decides)
    reply = session.model.fill(asked(version, examples, text), form, version.room)
    record, fault = _judged(reply.text, version)
    usage = Usage(reply.input_tokens, reply.cached_tokens, reply.output_tokens)
    session.trace.event("llm_call", **_told(reply, version, settings))
    return Answer(reply.text, record, fault, usage, reply.seconds, model=settings.local.model)


def _told(reply: Generation, version: Version, settings: Settings) -> dict[str, object]:
    """What a trace keeps of a local reply, under the names that it has for an API's."""
    return {
        "prompt": version.name,
        "digest": version.digest,
        "thoughts": reply.thoughts,
        "seconds": round(reply.seconds, 3),
        "gen_ai.response.model": settings.local.model,
        "gen_ai.usage.input_tokens": reply.input_tokens + reply.cached_tokens,
        "gen_ai.usage.cache_read.input_tokens": reply.cached_tokens,
        "gen_ai.usage.output_tokens": reply.output_tokens,
    }


def _from_api(text: str, examples: Sequence[Item], session: Session) -> Answer:
    """One call with a budget of its own; its output is held to the schema.

    A message whose call could pass the budget is not sent, and its answer says so.
    """
    settings, version = session.settings, session.version
    turns = asked(version, examples, text)[1:]
    request = Request(
        version.text,
        tuple(_message(turn) for turn in turns),
        settings.max_output_tokens,
        schema=schema(version.decides, version.room),
    )
    session.trace.event("system", system="api", prompt=version.name, digest=version.digest)
    spend = Spend(settings.llm.budget_usd)
    try:
        return _of_completion(client.complete(request, settings.llm, spend, session.trace), version)
    except BudgetExceeded as error:
        return Answer("", None, error.message, Usage(), 0.0, stop="budget_exceeded")


def _message(turn: dict[str, str]) -> Message:
    return Message("assistant" if turn["role"] == "assistant" else "user", turn["content"])


def _of_completion(done: Completion, version: Version) -> Answer:
    reply = done.reply
    whole = reply.stop is Stop.END
    record, fault = _judged(reply.text, version) if whole else (None, f"stopped: {reply.stop}")
    return Answer(
        reply.text,
        record,
        fault,
        reply.usage,
        done.seconds,
        done.cost_usd,
        reply.model,
        str(reply.stop),
    )


def _judged(text: str, version: Version) -> tuple[Record | None, str]:
    """The record in a reply, or why there is none."""
    found = record_in(text, version.decides)
    return (None, found.message) if isinstance(found, Fault) else (found, "")
