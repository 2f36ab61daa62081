"""What a model is asked: the version as the system turn, examples, then the message as data.

Invariant: what never changes stands first, so it can be cached; the message stands in a slot that
its own text cannot close.
"""

import json
from collections.abc import Sequence

from .form import fields_of
from .items import Item
from .record import canonical
from .versions import Version

Turns = list[dict[str, str]]
OPEN, CLOSE = "<message>", "</message>"


def asked(version: Version, examples: Sequence[Item], text: str) -> Turns:
    """System turn, each example as a user and an assistant turn, then the message."""
    turns = [{"role": "system", "content": version.text}]
    for item in examples:
        turns += [_user(item.text), {"role": "assistant", "content": _reply(item, version)}]
    return [*turns, _user(text)]


def slot(text: str) -> str:
    """The message between its marks; marks inside of it are written in another way."""
    return f"{OPEN}\n{text.replace('<', '&lt;').replace('>', '&gt;')}\n{CLOSE}"


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": slot(text)}


def _reply(item: Item, version: Version) -> str:
    fields = json.loads(canonical(item.record))
    return json.dumps({name: fields[name] for name in fields_of(version.decides)})
