"""Every setting of the project, read once from `config.toml`.

Invariant: a `Settings` that exists is complete and valid. A missing, unknown or mistyped key
stops the command with the key's name before anything is read or written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from .errors import ConfigError
from .llm.types import LlmConfig
from .policy import Policy
from .project import find_root, read_config

T = TypeVar("T", str, int, float)
MOST = 10_000_000  # of anything: a typing error

_KEYS: Mapping[str, frozenset[str]] = {
    "shop": frozenset({"script", "today", "customer"}),
    "policy": frozenset(Policy.__dataclass_fields__),
    "tools": frozenset({"timeout_s", "carrier_delay_s", "most_result_chars"}),
    "loop": frozenset(
        {"most_steps", "most_seconds", "most_history_chars", "most_repeats", "max_output_tokens"}
    ),
    "llm": frozenset({"model", "timeout_s", "deadline_s", "max_retries", "budget_usd"}),
}


@dataclass(frozen=True)
class Settings:
    """What `config.toml` says, with every path absolute; times in seconds."""

    root: Path
    script: Path
    today: date
    customer: str
    policy: Policy
    tool_timeout_s: float
    carrier_delay_s: float
    most_result_chars: int
    most_steps: int
    most_seconds: float
    most_history_chars: int
    most_repeats: int
    max_output_tokens: int
    llm: LlmConfig

    @property
    def database(self) -> Path:
        """The shop that `ask` changes."""
        return self.root / "var" / "shop.sqlite"

    @property
    def runs(self) -> Path:
        return self.root / "var" / "runs.sqlite"

    @property
    def traces(self) -> Path:
        return self.root / "var" / "traces"

    @property
    def tasks(self) -> Path:
        return self.root / "evals" / "tasks.jsonl"

    @property
    def results(self) -> Path:
        return self.root / "evals" / "results"

    @property
    def baseline(self) -> Path:
        return self.root / "evals" / "baseline.json"

    @property
    def measured_on(self) -> tuple[Path, Path]:
        """The data that a row rests on, beside the code."""
        return self.tasks, self.root / "data"


def load_settings(root: Path | None = None) -> Settings:
    """The settings of the project at `root` (by default the one we are in).

    Raises ConfigError naming the key that is missing, unknown, of the wrong type or out of range.
    """
    root = (root or find_root()).resolve()
    config = read_config(root)
    _check_keys(config)
    limits = {name: _at_least(0, config, "policy", name) for name in Policy.__dataclass_fields__}
    return Settings(
        root=root,
        script=root / _read(config, "shop", "script", str),
        today=_day(config),
        customer=_read(config, "shop", "customer", str),
        policy=Policy(**limits),
        tool_timeout_s=_above_zero(config, "tools", "timeout_s"),
        carrier_delay_s=_not_negative(config, "tools", "carrier_delay_s"),
        most_result_chars=_at_least(100, config, "tools", "most_result_chars"),
        most_steps=_at_least(1, config, "loop", "most_steps"),
        most_seconds=_above_zero(config, "loop", "most_seconds"),
        most_history_chars=_at_least(1000, config, "loop", "most_history_chars"),
        most_repeats=_at_least(1, config, "loop", "most_repeats"),
        max_output_tokens=_at_least(1, config, "loop", "max_output_tokens"),
        llm=_llm(config),
    )


def _check_keys(config: Mapping[str, Any]) -> None:
    for table, content in config.items():
        if table not in _KEYS:
            raise ConfigError(f"config.toml: unknown table or key {table}", "check its spelling")
        for key in content.keys() - _KEYS[table] if isinstance(content, dict) else ():
            raise ConfigError(f"config.toml: unknown key [{table}] {key}", "check its spelling")


def _read(config: Mapping[str, Any], table: str, key: str, kind: type[T]) -> T:
    """`key` of `[table]`; a whole number is accepted for a float, a bool never for a number."""
    where = f"config.toml: [{table}] {key}"
    section = config.get(table)
    if not isinstance(section, dict) or key not in section:
        raise ConfigError(f"{where} is missing", f"add a line `{key} = ...` below [{table}]")
    value = section[key]
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise ConfigError(f"{where} is {value!r}, not {kind.__name__}")
    if isinstance(value, int | float) and not abs(value) <= MOST:  # also true of nan
        raise ConfigError(f"{where} is {value}, it must be a number of at most {MOST}")
    return kind(value)


def _day(config: Mapping[str, Any]) -> date:
    text = _read(config, "shop", "today", str)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"config.toml: [shop] today is {text!r}, no date", "2026-06-15"
        ) from error


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


def _above_zero(config: Mapping[str, Any], table: str, key: str) -> float:
    value = _read(config, table, key, float)
    if not value > 0:
        raise ConfigError(f"config.toml: [{table}] {key} is {value}, it must be above 0")
    return value


def _llm(config: Mapping[str, Any]) -> LlmConfig:
    return LlmConfig(
        model=_read(config, "llm", "model", str),
        timeout_s=_not_negative(config, "llm", "timeout_s"),
        max_retries=_at_least(0, config, "llm", "max_retries"),
        deadline_s=_not_negative(config, "llm", "deadline_s"),
        budget_usd=_not_negative(config, "llm", "budget_usd"),
    )
