"""Every setting of the project, read once from `config.toml`.

Invariant: a `Settings` that exists is complete and valid. A missing, unknown or mistyped key
stops the command with the key's name before anything is read or written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from .errors import ConfigError
from .llm.types import LlmConfig
from .project import find_root, read_config

Retriever = Literal["lexical", "dense", "hybrid"]
RETRIEVERS: tuple[Retriever, ...] = get_args(Retriever)

_TYPES: Mapping[str, type] = {
    "corpus.name": str,
    "corpus.path": str,
    "chunking.words": int,
    "chunking.overlap": int,
    "embedding.model": str,
    "retrieval.retriever": str,
    "retrieval.k": int,
    "retrieval.candidates": int,
    "retrieval.rrf_k": int,
    "retrieval.reranker": str,
    "answer.threshold": float,
    "answer.sentences": int,
    "answer.max_output_tokens": int,
    "access.roles": list,
    "llm.model": str,
    "llm.timeout_s": float,
    "llm.deadline_s": float,
    "llm.max_retries": int,
    "llm.budget_usd": float,
}
_AT_LEAST: Mapping[str, float] = {
    "chunking.words": 20,
    "chunking.overlap": 0,
    "retrieval.k": 1,
    "retrieval.candidates": 1,
    "retrieval.rrf_k": 1,
    "answer.sentences": 1,
    "answer.max_output_tokens": 1,
    "llm.max_retries": 0,
    "llm.budget_usd": 0,
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


def load_settings(root: Path | None = None) -> Settings:
    """The settings of the project at `root` (by default the one we are in).

    Raises ConfigError naming the key that is missing, unknown, of the wrong type or out of range.
    """
    root = (root or find_root()).resolve()
    value = _checked(read_config(root))
    return Settings(
        root=root,
        corpus_name=value["corpus.name"],
        corpus_path=root / Path(value["corpus.path"]).expanduser(),
        index_path=root / "var" / "index.sqlite",
        traces=root / "var" / "traces",
        questions=root / "evals" / "questions.jsonl",
        results=root / "evals" / "results",
        baseline=root / "evals" / "baseline.json",
        chunk_words=value["chunking.words"],
        chunk_overlap=value["chunking.overlap"],
        embedding=value["embedding.model"],
        retriever=value["retrieval.retriever"],
        k=value["retrieval.k"],
        candidates=value["retrieval.candidates"],
        rrf_k=value["retrieval.rrf_k"],
        reranker=value["retrieval.reranker"],
        roles=tuple(value["access.roles"]),
        answer_threshold=float(value["answer.threshold"]),
        answer_sentences=value["answer.sentences"],
        max_output_tokens=value["answer.max_output_tokens"],
        llm=LlmConfig(
            model=value["llm.model"],
            timeout_s=float(value["llm.timeout_s"]),
            max_retries=value["llm.max_retries"],
            deadline_s=float(value["llm.deadline_s"]),
            budget_usd=float(value["llm.budget_usd"]),
        ),
    )


def _checked(config: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of `config` as one dict keyed "table.key", each value checked."""
    values = _flat(config)
    for key in values.keys() - _TYPES.keys():
        raise ConfigError(f"config.toml: unknown key {key}", "remove it, or check its spelling")
    for key, kind in _TYPES.items():
        if key not in values:
            raise ConfigError(f"config.toml: {key} is missing", f"add it ({kind.__name__})")
        _check_value(key, values[key], kind)
    if values["chunking.overlap"] >= values["chunking.words"]:
        raise ConfigError("config.toml: chunking.overlap must be smaller than chunking.words")
    if values["retrieval.retriever"] not in RETRIEVERS:
        raise ConfigError(f"config.toml: retrieval.retriever must be one of {', '.join(RETRIEVERS)}")
    return values


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for table, content in config.items():
        if not isinstance(content, dict):
            raise ConfigError(f"config.toml: unknown key {table}", "every key belongs to a table")
        values |= {f"{table}.{key}": value for key, value in content.items()}
    return values


def _check_value(key: str, value: Any, kind: type) -> None:
    numeric = kind is float and type(value) is int
    if type(value) is not kind and not numeric:
        raise ConfigError(f"config.toml: {key} must be {kind.__name__}, not {value!r}")
    if kind is list and not all(isinstance(item, str) for item in value):
        raise ConfigError(f"config.toml: {key} must be a list of strings, not {value!r}")
    if key in _AT_LEAST and value < _AT_LEAST[key]:
        raise ConfigError(f"config.toml: {key} must be at least {_AT_LEAST[key]:g}, not {value}")
