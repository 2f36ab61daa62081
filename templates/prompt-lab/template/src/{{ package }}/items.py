"""Labelled messages: data/train.jsonl, data/dev.jsonl and data/test.jsonl.

Invariant: items that were loaded have ids that occur once, a text and a valid record each; every
other shape is refused with its file and line.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError
from .jsonl import append_object, read_objects
from .record import FIELDS, Fault, Record, canonical, record_of

SPLITS = ("train", "dev", "test")
TEXTS = ("id", "text", "slice", "group", "origin")


@dataclass(frozen=True)
class Item:
    """One message with its label; `group` is the sender or scenario, which is in one split only."""

    id: str
    text: str
    record: Record
    slice: str
    group: str
    origin: str = "author"

    @property
    def fingerprint(self) -> str:
        """Changes with the message and its label, and with nothing else."""
        content = json.dumps([self.text, canonical(self.record)])
        return hashlib.sha256(content.encode()).hexdigest()[:12]


def load_items(path: Path) -> list[Item]:
    """Every item of a file in its order; UsageError if there is none or a line is not one."""
    items = [_item(path, number, row) for number, row in read_objects(path)]
    if not items:
        raise UsageError(f"{path} holds no items", "add one with `label`")
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise UsageError(f"{path.name}: two items have the id {item.id!r}", "ids occur once")
        seen.add(item.id)
    return items


def add_item(path: Path, item: Item) -> None:
    """Append one line."""
    append_object(path, asdict(item))


def by_id(items: list[Item], name: str) -> Item:
    """The item of that id; UsageError if there is none."""
    for item in items:
        if item.id == name:
            return item
    raise UsageError(f"there is no item {name!r}", f"{items[0].id} is one")


def fingerprint(path: Path) -> str:
    """The first digits of a file's SHA-256, by which a row names the data it was made from."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _item(path: Path, number: int, row: Mapping[str, Any]) -> Item:
    where = f"{path.name} line {number}"
    if unknown := row.keys() - {*TEXTS, "record"}:
        raise UsageError(f"{where}: unknown key {min(unknown)!r}", "data/README.md shows the form")
    for key in TEXTS:
        value = row.get(key)
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{where}: {key} is {value!r}, not a text")
    return Item(
        row["id"],
        row["text"],
        _record(where, row.get("record")),
        row["slice"],
        row["group"],
        row["origin"],
    )


def _record(where: str, value: object) -> Record:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: record is no object", f"its keys are {', '.join(FIELDS)}")
    found = record_of(value)
    if isinstance(found, Fault):
        raise UsageError(f"{where}: {found.message}", "data/labelling.md has the rules")
    return found
