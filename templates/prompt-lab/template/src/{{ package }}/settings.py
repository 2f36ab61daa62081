"""Every setting of the project, read once from `config.toml`.

Invariant: a `Settings` that exists is complete and valid. A missing, unknown or mistyped key
stops the command with the key's name before anything is read or written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .errors import ConfigError
from .llm.types import LlmConfig
from .project import find_root, read_config

T = TypeVar("T", str, int, float)
MOST = 10_000_000  # of anything: a typing error
SOURCES = ("wheel", "hub", "folder")

_KEYS: Mapping[str, frozenset[str]] = {
    "prompt": frozenset({"id", "seed"}),
    "local": frozenset({"model", "revision", "licence", "source", "file", "sha256"}),
    "api": frozenset({"max_output_tokens"}),
    "llm": frozenset({"model", "timeout_s", "deadline_s", "max_retries", "budget_usd"}),
}


@dataclass(frozen=True)
class LocalConfig:
    """Where the open model comes from; `sha256` of the file of weights, "" to check nothing."""

    model: str
    revision: str
    licence: str
    source: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Settings:
    """What `config.toml` says, with every path absolute; times in seconds."""

    root: Path
    prompt: str
    seed: int
    local: LocalConfig
    max_output_tokens: int
    llm: LlmConfig

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def prompts(self) -> Path:
        return self.root / "prompts"

    @property
    def traces(self) -> Path:
        return self.root / "var" / "traces"

    @property
    def evals(self) -> Path:
        return self.root / "evals"

    @property
    def results(self) -> Path:
        return self.evals / "results"

    @property
    def baseline(self) -> Path:
        return self.evals / "baseline.json"

    @property
    def measured_on(self) -> tuple[Path, ...]:
        """The data that a row rests on, beside the code."""
        return (*(self.items(split) for split in ("train", "dev", "test")), self.attacks)

    @property
    def attacks(self) -> Path:
        return self.data / "attacks.jsonl"

    def items(self, split: str) -> Path:
        """The labelled messages of a split."""
        return self.data / f"{split}.jsonl"


def load_settings(root: Path | None = None) -> Settings:
    """The settings of the project at `root` (by default the one we are in).

    Raises ConfigError naming the key that is missing, unknown, of the wrong type or out of range.
    """
    root = (root or find_root()).resolve()
    config = read_config(root)
    _check_keys(config)
    return Settings(
        root=root,
        prompt=_folder(config),
        seed=_at_least(0, config, "prompt", "seed"),
        local=_local(config),
        max_output_tokens=_at_least(1, config, "api", "max_output_tokens"),
        llm=_llm(config),
    )


def _check_keys(config: Mapping[str, Any]) -> None:
    for table, content in config.items():
        if table not in _KEYS:
            raise ConfigError(f"config.toml: unknown table or key {table}", "check its spelling")
        for key in content.keys() - _KEYS[table] if isinstance(content, dict) else ():
            raise ConfigError(f"config.toml: unknown key [{table}] {key}", "check its spelling")


def _folder(config: Mapping[str, Any]) -> str:
    name = _read(config, "prompt", "id", str)
    if not name or Path(name).name != name:
        raise ConfigError(f"config.toml: [prompt] id is {name!r}, not a folder of prompts/")
    return name


def _local(config: Mapping[str, Any]) -> LocalConfig:
    words = ("model", "revision", "licence", "source", "file", "sha256")
    found = LocalConfig(*(_read(config, "local", word, str) for word in words))
    if found.source not in SOURCES:
        raise ConfigError(
            f"config.toml: [local] source is {found.source!r}", f"one of {', '.join(SOURCES)}"
        )
    return found


def _llm(config: Mapping[str, Any]) -> LlmConfig:
    model = _read(config, "llm", "model", str)
    if not model:
        raise ConfigError("config.toml: [llm] model is empty", "name the model to ask")
    return LlmConfig(
        model=model,
        timeout_s=_not_negative(config, "llm", "timeout_s"),
        max_retries=_at_least(0, config, "llm", "max_retries"),
        deadline_s=_not_negative(config, "llm", "deadline_s"),
        budget_usd=_not_negative(config, "llm", "budget_usd"),
    )


def _read(config: Mapping[str, Any], table: str, key: str, kind: type[T]) -> T:
    """`key` of `[table]`; a whole number is accepted for a float, a bool never for a number."""
    where, section = f"config.toml: [{table}] {key}", config.get(table)
    if not isinstance(section, dict) or key not in section:
        raise ConfigError(f"{where} is missing", f"add a line `{key} = ...` below [{table}]")
    value = section[key]
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise ConfigError(f"{where} is {value!r}, not {kind.__name__}")
    if isinstance(value, int | float) and not abs(value) <= MOST:  # also true of nan
        raise ConfigError(f"{where} is {value}, it must be a number of at most {MOST}")
    return kind(value)


def _at_least(minimum: int, config: Mapping[str, Any], table: str, key: str) -> int:
    value = _read(config, table, key, int)
    if value < minimum:
        raise ConfigError(f"config.toml: [{table}] {key} is {value}, it must be {minimum} or more")
    return value


def _not_negative(config: Mapping[str, Any], table: str, key: str) -> float:
    value = _read(config, table, key, float)
    if not value >= 0:
        raise ConfigError(f"config.toml: [{table}] {key} is {value}, it must not be negative")
    return value
