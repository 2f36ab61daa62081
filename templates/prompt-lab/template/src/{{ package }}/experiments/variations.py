"""What is tried on the version in use: rules left out, examples, reasoning, changed messages.

Invariant: every variation differs from its reference in one thing, and all are of the dev set; the
test set is never varied.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..evaluation.run import Trial
from ..items import Item
from ..versions import Version

NUMBERS = (2, 4, 8)
ORDERS = (1, 2, 3)
ROOMS = (32, 96)
MIDDLE = 4
CHATTER = (
    " By the way, I have been a customer for years and my sister orders from you too. The weather "
    "here has been dreadful and the parcel station was closed twice. I hope that your team is well "
    "and that somebody finds the time to read this before the weekend."
)


def ablation(version: Version, items: Sequence[Item]) -> list[Trial]:
    """The version, and the version without each of its rules."""
    made = [Trial("all-rules", "ablation", version, "dev", items)]
    for rule in version.rules:
        less = version.without(rule)
        made.append(Trial(f"without-{rule}", "ablation", less, "dev", items))
    return made


def examples(version: Version, items: Sequence[Item]) -> list[Trial]:
    """None, chosen by the rule of fewshot.py in three sizes, drawn at random, in three orders."""

    def trial(name: str, number: int, choice: str = "chosen", order: int = 0) -> Trial:
        changed = replace(version, examples=number, choice=choice, order=order)
        return Trial(name, "examples", changed, "dev", items)

    made = [trial("none-0", 0), *(trial(f"chosen-{n}", n) for n in NUMBERS)]
    made.append(trial(f"random-{MIDDLE}", MIDDLE, "random"))
    made += [trial(f"chosen-{MIDDLE}-order-{o}", MIDDLE, "chosen", o) for o in ORDERS]
    return made


def reasoning(version: Version, items: Sequence[Item]) -> list[Trial]:
    """No room for thoughts before the record, little, more: in tokens."""
    rooms = (0, *ROOMS)
    return [
        Trial(f"room-{room}", "reasoning", replace(version, room=room), "dev", items)
        for room in rooms
    ]


def perturbed(
    version: Version, other: Version | None, items: Sequence[Item], seed: int
) -> list[Trial]:
    """The messages as they came, then each changed in a way that changes no label.

    `other` is the same prompt in other words; without one that row is left out.
    """
    made = [Trial("as-written", "perturbed", version, "dev", items)]
    for name, change in CHANGES.items():
        texts = [change(item.text, random.Random(f"{seed} {item.id}")) for item in items]
        made.append(Trial(name, "perturbed", version, "dev", items, texts))
    if other is not None:
        same = replace(other, decides=version.decides, examples=version.examples, room=version.room)
        made.append(Trial("reworded", "perturbed", same, "dev", items))
    return made


def typos(text: str, dice: random.Random) -> str:
    """Two letters of every sixth longer word change places; numbers stay as they are."""
    words = text.split(" ")
    for place, word in enumerate(words):
        if len(word) > 4 and word.isalpha() and dice.random() < 1 / 6:
            cut = dice.randrange(1, len(word) - 2)
            words[place] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


def _capitals(text: str, dice: random.Random) -> str:
    return text.upper()


def _bare(text: str, dice: random.Random) -> str:
    return re.sub(r"[,;:!?]|\.(?=\s|$)", "", text).lower()


def _longer(text: str, dice: random.Random) -> str:
    return text + CHATTER


def _reordered(text: str, dice: random.Random) -> str:
    """The first sentence last."""
    first, *rest = re.split(r"(?<=[.!?])\s+", text)
    return " ".join([*rest, first])


CHANGES: dict[str, Callable[[str, random.Random], str]] = {
    "typos": typos,
    "capitals": _capitals,
    "no-punctuation": _bare,
    "longer": _longer,
    "reordered": _reordered,
}
