"""The locked test set: each look at it is written down, and there are few.

Invariant: a version that was measured on the test set stands in evals/test_uses.jsonl with its
date; after MOST_USES versions of a system the set is used up, and new messages are needed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..errors import UsageError
from ..items import Item, fingerprint
from ..jsonl import append_object, read_objects
from ..settings import Settings
from ..versions import Version

MOST_USES = 3
WORDS_ALIKE = 8  # a run of words that long is no chance


@dataclass(frozen=True)
class Use:
    """One look: which version of which system, at which test set."""

    date: str
    system: str
    version: str
    digest: str
    data: str


def uses(settings: Settings) -> list[Use]:
    """Every look so far; UsageError names a line that is none."""
    found = []
    for number, row in read_objects(_place(settings)):
        try:
            found.append(Use(**row))
        except TypeError as error:
            raise UsageError(f"test_uses.jsonl line {number} is no use: {error}") from error
    return found


def take(settings: Settings, system: str, version: Version) -> None:
    """Write a look down before it happens; the same version of the same system counts once.

    UsageError once the set is used up.
    """
    data = fingerprint(settings.items("test"))
    seen = [use for use in uses(settings) if use.data == data and use.system == system]
    if any(use.digest == version.digest for use in seen):
        return
    if len(seen) >= MOST_USES:
        raise UsageError(
            f"{MOST_USES} versions of {system} were measured on this test set already",
            "label new test messages: one more look would choose the prompt by its exam",
        )
    today = datetime.now(UTC).date().isoformat()
    append_object(_place(settings), asdict(Use(today, system, version.name, version.digest, data)))


def leaks(test: Sequence[Item], texts: Sequence[tuple[str, str]]) -> list[str]:
    """Each test message that shares eight words in a row with a prompt or a training message."""
    shingles = {name: _shingles(text) for name, text in texts}
    return [
        f"{item.id} stands in {name}"
        for item in test
        for name, known in shingles.items()
        if known & _shingles(item.text)
    ]


def require_no_leak(
    settings: Settings, versions: Sequence[Version], test: Sequence[Item], train: Sequence[Item]
) -> None:
    """UsageError where a test message stands in a prompt or in what examples are taken from."""
    texts = [(version.name, version.source) for version in versions]
    texts += [(item.id, item.text) for item in train]
    if found := leaks(test, texts):
        raise UsageError(found[0], "take it out: a prompt that has seen the exam proves nothing")


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = ["".join(c for c in word if c.isalnum()) for word in text.lower().split()]
    return {tuple(words[i : i + WORDS_ALIKE]) for i in range(len(words) - WORDS_ALIKE + 1)}


def _place(settings: Settings) -> Path:
    return settings.evals / "test_uses.jsonl"
