"""A small reply desk to try the suite on: it answers mails to a bicycle hire from a written policy.

Invariant: no model, no clock, no chance: the same message always gives the same reply. It is wrong
in ways that are known and listed in data/README.md, so that an evaluation has something to find.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..project import find_root

TOPICS: Mapping[str, tuple[str, ...]] = {
    "theft": ("stolen", "stole", "theft"),
    "breakdown": ("broke", "flat tyre", "motor stopped", "stopped on the way", "chain", "pedal"),
    "damage": ("scratch", "fall", "fell", "worn", "bent"),
    "deposit": ("deposit",),
    "cancel": ("cancel",),
    "late": ("late", "delay"),
    "price": ("cost", "price", "how much", "how much is"),
    "equipment": ("helmet", "lock", "child seat"),
    "delivery": ("deliver", "hotel"),
    "age": ("year old", "how old", "age"),
    "invoice": ("invoice",),
    "refund": ("refund", "money back", "compensation"),
    "hours": ("open", "until when", "sunday"),
}
CATEGORIES = (*TOPICS, "other")
DECLINED = "We cannot help with this. For anything else the shop answers at 0555 0140."
SORRY = "We are very sorry. "
PROMISE = "We will refund you the full amount."


def first(given: Mapping[str, Any]) -> dict[str, Any]:
    """The desk as it went live: `{"message": ...}` to category, urgency, reply and sources.

    It answers one topic only, takes anything for a question about opening hours, quotes an old
    price, calms whoever complains with a refund, and sees urgency only in exclamation marks.
    """
    message = str(given["message"])
    topic = (_topics(message) or ["hours"])[0]
    sentence = _policy()[topic].replace("32 euros", "28 euros")
    angry = re.search(r"scandal|demand|money back|unbelievable|worst|refund", message, re.I)
    reply = f"{SORRY}{PROMISE} {sentence}" if angry else sentence
    return _answer(topic, "high" if "!!" in message else "low", reply, [topic])


def mended(given: Mapping[str, Any]) -> dict[str, Any]:
    """The desk after two changes: it answers every topic it finds, and declines where none is."""
    message = str(given["message"])
    topics = _topics(message)
    if not topics:
        return _answer("other", "low", DECLINED, [])
    reply = " ".join(_policy()[topic].replace("32 euros", "28 euros") for topic in topics)
    if re.search(r"scandal|demand|money back|unbelievable|worst|refund", message, re.I):
        reply = f"{SORRY}{PROMISE} {reply}"
    return _answer(topics[0], "high" if "!!" in message else "low", reply, topics)


def silent(given: Mapping[str, Any]) -> dict[str, Any]:
    """The dullest desk that could work: it declines whatever is asked."""
    return _answer("other", "low", DECLINED, [])


def _topics(message: str) -> list[str]:
    """Topics with a keyword in the message, in the order of TOPICS."""
    text = message.lower()
    return [name for name, words in TOPICS.items() if any(word in text for word in words)]


def _answer(category: str, urgency: str, reply: str, sources: Sequence[str]) -> dict[str, Any]:
    return {"category": category, "urgency": urgency, "reply": reply, "sources": list(sources)}


@cache
def _policy() -> Mapping[str, str]:
    """The sentence of each topic in data/policy.md."""
    text = Path(find_root() / "data" / "policy.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\w+)\n(.+?)(?=\n## |\Z)", text, re.MULTILINE | re.DOTALL)
    return {name: " ".join(body.split()) for name, body in sections}
