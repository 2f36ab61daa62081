"""The judge that is a model: the criterion is the prompt, the case travels as data.

Invariant: a verdict counts only if it came whole and with a critique before it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..llm import client
from ..llm.types import Message, Request, Stop
from ..prompting import Prompt, as_data
from ..settings import Settings
from ..trace import Trace
from . import VERDICTS, Case, Judged, Part
from .labels import Label

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["critique", "verdict"],
    "properties": {
        "critique": {"type": "string"},
        "verdict": {"type": "string", "enum": list(VERDICTS)},
    },
}
MOST_EXAMPLES = 4


def request_for(
    case: Case,
    order: tuple[Part, ...],
    prompt: Prompt,
    examples: Sequence[Label],
    settings: Settings,
) -> Request:
    """What is sent for one case; `examples` are labels of the train split with their critiques."""
    parts = [as_data(name, getattr(case, name)) for name in order]
    system = "\n\n".join([prompt.text, *map(_example, examples[:MOST_EXAMPLES])])
    message = Message("user", "\n\n".join(parts))
    return Request(system, (message,), settings.max_output_tokens, SCHEMA)


def decide(request: Request, settings: Settings, trace: Trace, spend: client.Spend) -> Judged:
    """One verdict of the model. Raises what `llm.client.complete` raises."""
    done = client.complete(request, settings.llm, spend, trace)
    critique, verdict = _read(done.reply.text, done.reply.stop)
    trace.event("judge", verdict=verdict, critique=critique)
    return Judged(critique, verdict, done.reply.usage, done.cost_usd, done.reply.model)


def _read(text: str, stop: Stop) -> tuple[str, Any]:
    if stop is not Stop.END:
        return f"the verdict ended with {stop}", None
    try:
        value = json.loads(text)
        critique, verdict = value["critique"], value["verdict"]
    except (ValueError, TypeError, KeyError):
        return "the verdict is no object with critique and verdict", None
    if verdict not in VERDICTS or not isinstance(critique, str) or not critique.strip():
        return "the verdict is neither pass nor fail, or has no critique", None
    return critique, verdict


def _example(label: Label) -> str:
    shown = {"critique": label.critique, "verdict": label.verdict}
    return f"Example. Reply: {json.dumps(label.reply)}\nVerdict: {json.dumps(shown)}"
