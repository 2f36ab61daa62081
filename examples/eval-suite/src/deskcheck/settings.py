"""Every setting of the project, read once from `config.toml`.

Invariant: a `Settings` that exists is complete and valid. A missing, unknown or mistyped key
stops the command with the key's name before anything is read or written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from .errors import ConfigError
from .llm.types import LlmConfig
from .project import find_root, read_config

Kind = Literal["callable", "command", "url", "project", "model"]
Judge = Literal["rule", "model"]
KINDS: tuple[Kind, ...] = get_args(Kind)
JUDGES: tuple[Judge, ...] = get_args(Judge)
T = TypeVar("T", str, int, float)
MOST = 1_000_000  # of anything: a typing error

_KEYS: Mapping[str, frozenset[str]] = {
    "items": frozenset({"near_duplicate"}),
    "run": frozenset({"systems", "workers", "trials", "timeout_s", "ask_above_usd"}),
    "judging": frozenset({"judge", "max_output_tokens"}),
    "llm": frozenset({"model", "timeout_s", "deadline_s", "max_retries", "budget_usd"}),
}
_SYSTEM_KEYS = frozenset({"kind", "target", "argv", "version", "field", "cached"})
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,40}", re.ASCII)


@dataclass(frozen=True)
class SystemSpec:
    """One system under test; `target` is what its kind needs, `argv` only of a command.

    `field` is the key of an item's input that holds the question, for a project; `cached` says
    whether answers are kept, None leaves it to the kind.
    """

    name: str
    kind: Kind
    target: str = ""
    argv: tuple[str, ...] = ()
    version: str = "1"
    field: str = "message"
    cached: bool | None = None


@dataclass(frozen=True)
class Settings:
    """What `config.toml` says, with every path absolute; times in seconds, money in US dollars."""

    root: Path
    near_duplicate: float
    measured: tuple[str, ...]
    systems: Mapping[str, SystemSpec]
    workers: int
    trials: int
    timeout_s: float
    ask_above_usd: float
    judge: Judge
    max_output_tokens: int
    llm: LlmConfig

    @property
    def evals(self) -> Path:
        return self.root / "evals"

    @property
    def items(self) -> Path:
        return self.evals / "items.jsonl"

    @property
    def results(self) -> Path:
        return self.evals / "results"

    @property
    def baseline(self) -> Path:
        return self.evals / "baseline.json"

    @property
    def labels(self) -> Path:
        return self.evals / "labels.jsonl"

    @property
    def failures(self) -> Path:
        return self.evals / "failures.jsonl"

    @property
    def prompts(self) -> Path:
        return self.root / "prompts"

    @property
    def traces(self) -> Path:
        return self.root / "var" / "traces"

    @property
    def measured_on(self) -> tuple[Path, ...]:
        """The data that a row rests on, beside the code."""
        metrics, taxonomy = self.evals / "metrics.toml", self.evals / "taxonomy.toml"
        return self.items, self.labels, metrics, taxonomy, self.root / "data"


def load_settings(root: Path | None = None) -> Settings:
    """The settings of the project at `root` (by default the one we are in).

    Raises ConfigError naming the key that is missing, unknown, of the wrong type or out of range.
    """
    root = (root or find_root()).resolve()
    config = read_config(root)
    _check_keys(config)
    systems = _systems(config)
    return Settings(
        root=root,
        near_duplicate=_share(config, "items", "near_duplicate"),
        measured=_measured(config, systems),
        systems=systems,
        workers=_at_least(1, config, "run", "workers"),
        trials=_at_least(1, config, "run", "trials"),
        timeout_s=_not_negative(config, "run", "timeout_s"),
        ask_above_usd=_not_negative(config, "run", "ask_above_usd"),
        judge=_judge(config),
        max_output_tokens=_at_least(1, config, "judging", "max_output_tokens"),
        llm=_llm(config),
    )


def system_of(settings: Settings, name: str) -> SystemSpec:
    """The system of that name; ConfigError lists those that there are."""
    if name not in settings.systems:
        known = ", ".join(settings.systems)
        raise ConfigError(f"config.toml has no [systems.{name}]", f"there are: {known}")
    return settings.systems[name]


def _check_keys(config: Mapping[str, Any]) -> None:
    for table, content in config.items():
        if table == "systems":
            continue
        if table not in _KEYS:
            raise ConfigError(f"config.toml: unknown table or key {table}", "check its spelling")
        for key in content.keys() - _KEYS[table] if isinstance(content, dict) else ():
            raise ConfigError(f"config.toml: unknown key [{table}] {key}", "check its spelling")


def _systems(config: Mapping[str, Any]) -> dict[str, SystemSpec]:
    tables = config.get("systems")
    if not isinstance(tables, dict) or not tables:
        raise ConfigError("config.toml has no [systems.NAME]", "say what is to be evaluated")
    return {name: _system(name, table) for name, table in tables.items()}


def _system(name: str, table: Any) -> SystemSpec:
    where = f"config.toml: [systems.{name}]"
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: a name is of small letters, figures and . _ -")
    if not isinstance(table, dict) or table.get("kind") not in KINDS:
        raise ConfigError(f"{where} kind is none of {', '.join(KINDS)}")
    if unknown := table.keys() - _SYSTEM_KEYS:
        raise ConfigError(f"{where}: unknown key {min(unknown)}", "check its spelling")
    argv = table.get("argv", [])
    if not isinstance(argv, list) or not all(isinstance(word, str) for word in argv):
        raise ConfigError(f"{where} argv is not a list of words")
    texts = {key: str(table[key]) for key in ("target", "version", "field") if key in table}
    cached = table.get("cached")
    if not isinstance(cached, bool | None):
        raise ConfigError(f"{where} cached is {cached!r}, not true or false")
    needed = "argv" if table["kind"] == "command" else "target"
    if not (argv if needed == "argv" else texts.get("target")):
        raise ConfigError(f"{where} needs {needed}", "see the comment above the systems")
    return SystemSpec(name, table["kind"], argv=tuple(argv), cached=cached, **texts)


def _measured(config: Mapping[str, Any], systems: Mapping[str, SystemSpec]) -> tuple[str, ...]:
    names = _section(config, "run").get("systems")
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise ConfigError("config.toml: [run] systems is not a list of names")
    for name in names:
        if name not in systems:
            raise ConfigError(f"config.toml: [run] systems names {name!r}, which has no table")
    return tuple(dict.fromkeys(names))


def _section(config: Mapping[str, Any], table: str) -> Mapping[str, Any]:
    section = config.get(table)
    if not isinstance(section, dict):
        raise ConfigError(f"config.toml has no table [{table}]")
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


def _share(config: Mapping[str, Any], table: str, key: str) -> float:
    value = _read(config, table, key, float)
    if not 0 < value <= 1:
        raise ConfigError(f"config.toml: [{table}] {key} is {value}, it must be above 0, at most 1")
    return value


def _judge(config: Mapping[str, Any]) -> Judge:
    name = _read(config, "judging", "judge", str)
    for judge in JUDGES:
        if judge == name:
            return judge
    raise ConfigError(f"config.toml: [judging] judge is {name!r}", "choose rule or model")


def _llm(config: Mapping[str, Any]) -> LlmConfig:
    return LlmConfig(
        model=_read(config, "llm", "model", str),
        timeout_s=_not_negative(config, "llm", "timeout_s"),
        max_retries=_at_least(0, config, "llm", "max_retries"),
        deadline_s=_not_negative(config, "llm", "deadline_s"),
        budget_usd=_not_negative(config, "llm", "budget_usd"),
    )
