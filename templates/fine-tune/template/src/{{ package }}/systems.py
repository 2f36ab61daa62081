"""The systems that are compared: each turns messages into records and says what that took.

Invariant: one answer a message, in their order, whatever the model wrote; a text that is no valid
record is an answer with a fault. A local system needs `model`, the API system a key.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from . import rules
from .conversations import API_PROMPT, asked, prompt_of
from .errors import UsageError
from .fewshot import chosen
from .generating import Generation, Model
from .items import Item, load_items
from .llm import client
from .llm.client import BudgetExceeded, Completion, Spend
from .llm.types import Message, Request, Stop
from .record import Fault, Record, canonical, parse, record_of, schema
from .result import Usage
from .settings import Settings
from .trace import Trace

System = Literal["baseline", "zero-shot", "best-prompt", "few-shot", "tuned", "api"]
SYSTEMS: tuple[System, ...] = (
    "baseline",
    "zero-shot",
    "best-prompt",
    "few-shot",
    "tuned",
    "api",
)
LOCAL: tuple[System, ...] = ("zero-shot", "best-prompt", "few-shot", "tuned")


@dataclass(frozen=True)
class Answer:
    """`record` or `fault`, never both; `cost_usd` None where the price is unknown.

    A local model's cost is that of its machine, which `breakeven` counts: 0 here.
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
    """What answering needs beside the messages."""

    settings: Settings
    trace: Trace
    model: Model | None = None


def answers(system: System, texts: Sequence[str], session: Session) -> Iterator[Answer]:
    """One answer a text. Raises ConfigError (key, prompt) and ProviderUnreachable."""
    if system == "baseline":
        return map(_baseline, texts)
    if system == "api":
        return (_from_api(text, session) for text in texts)
    return _local(system, texts, session)


def examples_of(system: System, settings: Settings) -> list[Item]:
    """The training rows that stand in the prompt of a system."""
    if system != "few-shot":
        return []
    return chosen(load_items(settings.items("train")), settings.examples)


def judged(text: str) -> tuple[Record | None, str]:
    """The record in a reply, or why there is none."""
    found = parse(text.strip())
    return (None, found.message) if isinstance(found, Fault) else (found, "")


def _baseline(text: str) -> Answer:
    started = time.perf_counter()
    record = rules.read(text)
    return Answer(canonical(record), record, "", Usage(), time.perf_counter() - started)


def _local(system: System, texts: Sequence[str], session: Session) -> Iterator[Answer]:
    """Batches of the local model."""
    if session.model is None:
        raise UsageError(f"{system} needs a local model", "open one first")
    settings = session.settings
    prompt, examples = prompt_of(system, settings.prompts), examples_of(system, settings)
    for begin in range(0, len(texts), settings.batch):
        batch = [asked(prompt, examples, text) for text in texts[begin : begin + settings.batch]]
        for reply in session.model.generate(batch, settings.max_new_tokens):
            yield _of_generation(reply)


def _of_generation(reply: Generation) -> Answer:
    record, fault = judged(reply.text) if reply.finished else (None, "cut at max_new_tokens")
    usage = Usage(reply.input_tokens, 0, reply.output_tokens)
    stop = "end" if reply.finished else "max_tokens"
    return Answer(reply.text, record, fault, usage, reply.seconds, model="local", stop=stop)


def _from_api(text: str, session: Session) -> Answer:
    """One call with a budget of its own; output held to the schema of a record.

    A message whose call could pass the budget is not sent, and its answer says so.
    """
    settings = session.settings
    prompt = prompt_of(API_PROMPT, settings.prompts)
    request = Request(
        prompt.text, (Message("user", text),), settings.max_output_tokens, schema=schema()
    )
    spend = Spend(settings.llm.budget_usd)
    try:
        return _of_completion(client.complete(request, settings.llm, spend, session.trace))
    except BudgetExceeded as error:
        return Answer("", None, error.message, Usage(), 0.0, stop="budget_exceeded")


def _of_completion(done: Completion) -> Answer:
    reply = done.reply
    whole = reply.stop is Stop.END
    record, fault = judged(reply.text) if whole else (None, f"stopped: {reply.stop}")
    if whole and record is None:
        record, fault = _reordered(reply.text)
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


def _reordered(text: str) -> tuple[Record | None, str]:
    """A provider may order the keys of a schema as it likes: that is no fault of the model."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None, "not JSON"
    if not isinstance(fields, dict):
        return None, "not a JSON object"
    found = record_of(fields)
    return (None, found.message) if isinstance(found, Fault) else (found, "")
