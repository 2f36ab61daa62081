"""Every setting of the project, read once from `config.toml`.

Invariant: a `Settings` that exists is complete and valid. A missing, unknown or mistyped key
stops the command with the key's name before anything is read or written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .database import Allowed, visible
from .errors import ConfigError
from .llm.provider import NAMES
from .llm.types import LlmConfig
from .project import find_root, read_config

T = TypeVar("T", str, int, float)
MOST = 10_000_000  # of anything: a typing error

_KEYS: Mapping[str, frozenset[str]] = {
    "ledger": frozenset({"seed"}),
    "limits": frozenset({"most_rows", "most_query_seconds", "tool_timeout_s", "most_result_chars"}),
    "conversation": frozenset({"most_tokens", "most_turns", "max_output_tokens"}),
    "llm": frozenset({"provider", "timeout_s", "deadline_s", "max_retries", "budget_usd"}),
}
_FREE = ("tables", "models")  # tables whose keys are the author's own names


@dataclass(frozen=True)
class Settings:
    """What `config.toml` says, with every path absolute; times in seconds."""

    root: Path
    database: Path
    seed: int
    tables: Allowed
    most_rows: int
    most_query_seconds: float
    tool_timeout_s: float
    most_result_chars: int
    most_tokens: int
    most_turns: int
    max_output_tokens: int
    llm: LlmConfig
    models: Mapping[str, str]

    @property
    def conversations(self) -> Path:
        return self.root / "var" / "conversations"

    @property
    def traces(self) -> Path:
        return self.root / "var" / "traces"

    @property
    def questions(self) -> Path:
        return self.root / "evals" / "questions.jsonl"

    @property
    def attacks(self) -> Path:
        return self.root / "evals" / "attacks.jsonl"

    @property
    def results(self) -> Path:
        return self.root / "evals" / "results"

    @property
    def baseline(self) -> Path:
        return self.root / "evals" / "baseline.json"

    @property
    def measured_on(self) -> tuple[Path, ...]:
        """The data that a row rests on, beside the code."""
        return self.questions, self.root / "data"


def load_settings(root: Path | None = None, provider: str = "") -> Settings:
    """The settings of the project at `root` (by default the one we are in).

    `provider` stands in for `[llm] provider`. Raises ConfigError naming the key that is missing,
    unknown, of the wrong type or out of range.
    """
    root = (root or find_root()).resolve()
    config = read_config(root)
    _check_keys(config)
    models = _models(config)
    return Settings(
        root=root,
        database=root / "var" / "ledger.sqlite",
        seed=_at_least(0, config, "ledger", "seed"),
        tables=_tables(config),
        most_rows=_at_least(1, config, "limits", "most_rows"),
        most_query_seconds=_above_zero(config, "limits", "most_query_seconds"),
        tool_timeout_s=_above_zero(config, "limits", "tool_timeout_s"),
        most_result_chars=_at_least(100, config, "limits", "most_result_chars"),
        most_tokens=_at_least(500, config, "conversation", "most_tokens"),
        most_turns=_at_least(1, config, "conversation", "most_turns"),
        max_output_tokens=_at_least(1, config, "conversation", "max_output_tokens"),
        llm=_llm(config, provider or _read(config, "llm", "provider", str), models),
        models=models,
    )


def _check_keys(config: Mapping[str, Any]) -> None:
    for table, content in config.items():
        if table in _FREE:
            continue
        if table not in _KEYS:
            raise ConfigError(f"config.toml: unknown table or key {table}", "check its spelling")
        for key in content.keys() - _KEYS[table] if isinstance(content, dict) else ():
            raise ConfigError(f"config.toml: unknown key [{table}] {key}", "check its spelling")


def _tables(config: Mapping[str, Any]) -> Allowed:
    tables = _section(config, "tables")
    for name, columns in tables.items():
        if not isinstance(columns, list) or not all(isinstance(c, str) for c in columns):
            raise ConfigError(f"config.toml: [tables] {name} is not a list of columns")
    return visible(tables)


def _models(config: Mapping[str, Any]) -> dict[str, str]:
    models = _section(config, "models")
    for name, model in models.items():
        if not isinstance(model, str) or not model:
            raise ConfigError(f"config.toml: [models] {name} is {model!r}, no model id")
    return dict(models)


def _llm(config: Mapping[str, Any], provider: str, models: Mapping[str, str]) -> LlmConfig:
    if provider not in NAMES:
        raise ConfigError(
            f"there is no adapter for {provider!r}; there are {', '.join(NAMES)}",
            "set provider under [llm] in config.toml",
        )
    if provider not in models:
        raise ConfigError(f"config.toml: [models] has no {provider}", "name the model to ask")
    return LlmConfig(
        provider=provider,
        model=models[provider],
        timeout_s=_not_negative(config, "llm", "timeout_s"),
        max_retries=_at_least(0, config, "llm", "max_retries"),
        deadline_s=_not_negative(config, "llm", "deadline_s"),
        budget_usd=_not_negative(config, "llm", "budget_usd"),
    )


def _section(config: Mapping[str, Any], table: str) -> Mapping[str, Any]:
    section = config.get(table)
    if not isinstance(section, dict) or not section:
        raise ConfigError(f"config.toml has no table [{table}]", "see the template's config.toml")
    return section


def _read(config: Mapping[str, Any], table: str, key: str, kind: type[T]) -> T:
    """`key` of `[table]`; a whole number is accepted for a float, a bool never for a number."""
    where, section = f"config.toml: [{table}] {key}", _section(config, table)
    if key not in section:
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


def _above_zero(config: Mapping[str, Any], table: str, key: str) -> float:
    value = _read(config, table, key, float)
    if not value > 0:
        raise ConfigError(f"config.toml: [{table}] {key} is {value}, it must be above 0")
    return value
