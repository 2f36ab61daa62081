"""Every setting of the project, read once from `config.toml`.

Invariant: a `Settings` that exists is complete and valid. A missing, unknown or mistyped key
stops the command with the key's name before anything is read or written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from .errors import ConfigError
from .llm.types import LlmConfig
from .project import find_root, read_config

Retriever = Literal["lexical", "dense", "hybrid"]
RETRIEVERS: tuple[Retriever, ...] = get_args(Retriever)
T = TypeVar("T", str, int, float)
MOST = 1_000_000  # of anything: a typing error, and larger than some libraries can count
MOST_RESULTS = 10_000

_KEYS: Mapping[str, frozenset[str]] = {
    "corpus": frozenset({"name", "path"}),
    "chunking": frozenset({"words", "overlap"}),
    "embedding": frozenset({"model"}),
    "retrieval": frozenset({"retriever", "k", "candidates", "rrf_k", "reranker"}),
    "answer": frozenset({"threshold", "sentences", "max_output_tokens"}),
    "access": frozenset({"roles"}),
    "llm": frozenset({"model", "timeout_s", "deadline_s", "max_retries", "budget_usd"}),
}


@dataclass(frozen=True)
class Settings:
    """What `config.toml` says, with every path absolute.

    `chunk_words` and `chunk_overlap` count whitespace-separated words. `embedding` is
    "wordllama" or "hub:NAME". `reranker` is "" for none. `candidates` is how many chunks each
    retriever hands to the fusion, `rrf_k` the constant of reciprocal-rank fusion.
    """

    root: Path
    corpus_name: str
    corpus_path: Path
    index_path: Path
    traces: Path
    questions: Path
    results: Path
    baseline: Path
    chunk_words: int
    chunk_overlap: int
    embedding: str
    retriever: Retriever
    k: int
    candidates: int
    rrf_k: int
    reranker: str
    roles: tuple[str, ...]
    answer_threshold: float
    answer_sentences: int
    max_output_tokens: int
    llm: LlmConfig

    @property
    def measured_on(self) -> tuple[Path, Path]:
        """The data that a row rests on, beside the code."""
        return self.questions, self.corpus_path


def load_settings(root: Path | None = None) -> Settings:
    """The settings of the project at `root` (by default the one we are in).

    Raises ConfigError naming the key that is missing, unknown, of the wrong type or out of range.
    """
    root = (root or find_root()).resolve()
    config = read_config(root)
    _check_keys(config)
    words = _at_least(20, config, "chunking", "words")
    overlap = _at_least(0, config, "chunking", "overlap")
    if overlap >= words:
        raise ConfigError("config.toml: [chunking] overlap must be smaller than words")
    return Settings(
        root=root,
        corpus_name=_read(config, "corpus", "name", str),
        corpus_path=root / _path(config, "corpus", "path"),
        index_path=root / "var" / "index.sqlite",
        traces=root / "var" / "traces",
        questions=root / "evals" / "questions.jsonl",
        results=root / "evals" / "results",
        baseline=root / "evals" / "baseline.json",
        chunk_words=words,
        chunk_overlap=overlap,
        embedding=_read(config, "embedding", "model", str),
        retriever=_retriever(config),
        k=_at_least(1, config, "retrieval", "k", MOST_RESULTS),
        candidates=_at_least(1, config, "retrieval", "candidates", MOST_RESULTS),
        rrf_k=_at_least(1, config, "retrieval", "rrf_k"),
        reranker=_read(config, "retrieval", "reranker", str),
        roles=_roles(config),
        answer_threshold=_read(config, "answer", "threshold", float),
        answer_sentences=_at_least(1, config, "answer", "sentences"),
        max_output_tokens=_at_least(1, config, "answer", "max_output_tokens"),
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


def _path(config: Mapping[str, Any], table: str, key: str) -> Path:
    text = _read(config, table, key, str)
    try:
        if "\0" in text:
            raise ValueError("it has a zero byte")
        return Path(text).expanduser()
    except (ValueError, RuntimeError) as error:
        raise ConfigError(f"config.toml: [{table}] {key} is {text!r}, no path: {error}") from error


def _at_least(
    minimum: int, config: Mapping[str, Any], table: str, key: str, maximum: int = MOST
) -> int:
    where, value = f"config.toml: [{table}] {key}", _read(config, table, key, int)
    if value < minimum:
        raise ConfigError(f"{where} is {value}, it must be {minimum} or more")
    if value > maximum:
        raise ConfigError(f"{where} is {value}, it must be {maximum} or less")
    return value


def _not_negative(config: Mapping[str, Any], table: str, key: str) -> float:
    value = _read(config, table, key, float)
    if not value >= 0:
        raise ConfigError(f"config.toml: [{table}] {key} is {value}, it must not be negative")
    return value


def _retriever(config: Mapping[str, Any]) -> Retriever:
    name = _read(config, "retrieval", "retriever", str)
    for retriever in RETRIEVERS:
        if retriever == name:
            return retriever
    raise ConfigError(
        f"config.toml: [retrieval] retriever is {name!r}", f"choose from {', '.join(RETRIEVERS)}"
    )


def _roles(config: Mapping[str, Any]) -> tuple[str, ...]:
    section = config.get("access")
    roles = section.get("roles") if isinstance(section, dict) else None
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ConfigError(f"config.toml: [access] roles is {roles!r}, not a list of strings")
    return tuple(roles)


def _llm(config: Mapping[str, Any]) -> LlmConfig:
    return LlmConfig(
        model=_read(config, "llm", "model", str),
        timeout_s=_not_negative(config, "llm", "timeout_s"),
        max_retries=_at_least(0, config, "llm", "max_retries"),
        deadline_s=_not_negative(config, "llm", "deadline_s"),
        budget_usd=_not_negative(config, "llm", "budget_usd"),
    )
