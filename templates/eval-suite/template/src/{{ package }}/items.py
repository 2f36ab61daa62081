"""The golden set: what is asked, and what a right answer has to hold.

Invariant: a set that was loaded has no item twice, none that stands in both splits in almost the
same words, no group in both splits, and no test item whose text stands in a prompt.
"""

import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError
from .jsonl import read_objects

SPLITS = ("dev", "test")
HASH_DIGITS = 12
FEWEST_WORDS = 5  # shorter texts are alike by chance


@dataclass(frozen=True)
class Item:
    """`group` is whoever or whatever it comes from: no group is in both splits.

    `input` is given to the system as it is; graders read `expected`.
    """

    id: str
    split: str
    slice: str
    group: str
    input: Mapping[str, Any]
    expected: Mapping[str, Any]
    origin: str

    @property
    def fingerprint(self) -> str:
        """Changes with the input and with what is expected, and with nothing else."""
        return _hash(json.dumps([self.input, self.expected], sort_keys=True))

    @property
    def asked(self) -> str:
        """The words that tell it from others: its long texts, not a channel or a name."""
        return " ".join(_long_texts(self)) or plain(self.text)

    @property
    def text(self) -> str:
        """The words of the input."""
        return " ".join(str(value) for value in self.input.values() if isinstance(value, str))


def load_items(path: Path) -> list[Item]:
    """Every item in the order of the file; UsageError names the line that is none."""
    items = [_item(path, number, row) for number, row in read_objects(path)]
    if not items:
        raise UsageError(f"{path.name} holds no items", "add some: see evals/README.md")
    return items


def version_of(items: Sequence[Item]) -> str:
    """Of the set as a whole: the same for the same items in any order."""
    return _hash("".join(sorted(item.id + item.fingerprint for item in items)))


def check_items(items: Sequence[Item], near: float) -> None:
    """UsageError for an item that is there twice, or in both splits in almost the same words."""
    _refuse_twice(items, "id", [item.id for item in items])
    _refuse_twice(items, "input", [_normal(item.input) for item in items])
    asked = {item.asked: item for item in items if item.split == "test"}
    for item in items:
        if item.split == "dev" and (other := asked.get(item.asked)):
            raise UsageError(
                f"{item.id} (dev) and {other.id} (test) ask the same", "take one out of the set"
            )
    splits: dict[str, set[str]] = defaultdict(set)
    for item in items:
        splits[item.group].add(item.split)
        if len(splits[item.group]) > 1:
            raise UsageError(
                f"group {item.group!r} is in dev and in test", "keep a group in one split"
            )
    for first, second in near_duplicates(items, near):
        if first.split != second.split:
            raise UsageError(
                f"{first.id} ({first.split}) and {second.id} ({second.split}) say almost the same",
                "take one out, or give both the same group and split",
            )


def check_leaks(items: Sequence[Item], folder: Path) -> None:
    """UsageError where the text of a test item stands in a file of `folder`, as in prompts/."""
    hidden = [(i, text) for i in items if i.split == "test" for text in _long_texts(i)]
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        text = plain(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else ""
        for item, asked in hidden:
            if asked in text:
                raise UsageError(
                    f"{folder.name}/{path.name} holds the test item {item.id}",
                    "take it out of the prompt: a test that was shown measures nothing",
                )


def near_duplicates(items: Sequence[Item], near: float) -> Iterable[tuple[Item, Item]]:
    """Pairs whose words overlap by `near` or more (Jaccard); short texts are left out.

    Only texts that share one of their rarest words are compared, and of those only the ones that
    can still reach `near` from there (PPJoin: Xiao et al., WWW 2008), so thousands take seconds.
    """
    words = {item.id: frozenset(item.asked.split()) for item in items}
    seen = Counter(word for each in words.values() for word in each)
    # word -> its place among the rarest of a text, number of words -> texts
    buckets: dict[str, dict[tuple[int, int], list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        own = sorted(words[item.id], key=lambda word: (seen[word], word))
        if len(own) < FEWEST_WORDS:
            continue
        # Two sets that overlap by `near` share a word among so many of each one's rarest.
        prefix = own[: len(own) - math.ceil(near * len(own)) + 1]
        for other in _candidates(prefix, len(own), buckets, near):
            common = len(words[item.id] & words[other.id])
            if common >= near * len(words[item.id] | words[other.id]):
                yield other, item
        for place, word in enumerate(prefix):
            buckets[word][(place, len(own))].append(item)


def _candidates(
    prefix: Sequence[str],
    size: int,
    buckets: Mapping[str, Mapping[tuple[int, int], list[Item]]],
    near: float,
) -> Iterable[Item]:
    found: dict[str, Item] = {}
    for place, word in enumerate(prefix):
        for (other, length), texts in buckets.get(word, {}).items():
            reachable = 1 + min(size - place - 1, length - other - 1)
            if reachable >= near / (1 + near) * (size + length) - 1e-9:
                found.update((item.id, item) for item in texts)
    return found.values()


def _long_texts(item: Item) -> list[str]:
    """Each text of the input that is too long to stand elsewhere by chance."""
    texts = [plain(value) for value in item.input.values() if isinstance(value, str)]
    return [text for text in texts if len(text.split()) >= FEWEST_WORDS]


def plain(text: str) -> str:
    """Lower case, words and figures only, one blank between."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _normal(given: Mapping[str, Any]) -> str:
    """An input without the case, blanks and marks of its texts."""
    texts = {key: plain(value) if isinstance(value, str) else value for key, value in given.items()}
    return json.dumps(texts, sort_keys=True)


def as_row(item: Item) -> dict[str, Any]:
    """The line of the file that is this item."""
    return asdict(item)


def _refuse_twice(items: Sequence[Item], what: str, keys: Sequence[str]) -> None:
    first: dict[str, str] = {}
    for item, key in zip(items, keys, strict=True):
        if key in first:
            raise UsageError(
                f"{first[key]} and {item.id} have the same {what}", "keep one of the two"
            )
        first[key] = item.id


def _item(path: Path, number: int, row: Mapping[str, Any]) -> Item:
    where = f"{path.name} line {number}"
    texts = {key: row.get(key) for key in ("id", "split", "slice")}
    for key, value in texts.items():
        if not isinstance(value, str) or not value:
            raise UsageError(f"{where} has no {key!r}", "evals/README.md shows an item")
    if texts["split"] not in SPLITS:
        raise UsageError(f"{where}: split is {texts['split']!r}", "it is dev or test")
    for key in ("input", "expected"):
        if not isinstance(row.get(key), dict):
            raise UsageError(f"{where}: {key!r} is not a JSON object")
    group, origin = str(row.get("group") or row["id"]), str(row.get("origin") or "author")
    return Item(row["id"], row["split"], row["slice"], group, row["input"], row["expected"], origin)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]
