"""Embeddings: texts as unit vectors, from a model that ships inside a wheel or from a model hub.

Invariant: rows are float32 and L2-normalised, so a dot product is a cosine; a text without
any known token is the zero vector, which is similar to nothing.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import ConfigError

HUB = "hub:"
_DIMENSIONS = 256
_BATCH_TEXTS = 64
_BATCH_CHARACTERS = 100_000  # of a batch, padded to its longest text


class Embedder(Protocol):
    """`version` changes whenever the same text could give another vector."""

    version: str

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row per text, shape (len(texts), dimensions)."""
        ...


class WordLlamaEmbedder:
    """256-dimensional mean of static token vectors: no network, no GPU, 0.1 ms a query."""

    def __init__(self) -> None:
        self.version = embedding_version("wordllama")
        with _logging_as_it_was():
            import wordllama  # type: ignore[import-untyped]

        # The loader's own default looks for the tokenizer elsewhere and then on the network.
        self._model = wordllama.WordLlama.load(
            cache_dir=Path(wordllama.__file__).parent, disable_download=True
        )

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Embedder."""
        rows = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
        for batch in _batches(texts):
            rows[batch] = self._model.embed([texts[i] for i in batch])
        return _normalised(rows)


class HubEmbedder:
    """A sentence-transformers model, downloaded from its hub on first use."""

    def __init__(self, name: str) -> None:
        self.version = embedding_version(HUB + name)
        library = sentence_transformers("[embedding] model", "hub")
        self._model: Any = library.SentenceTransformer(name)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Embedder."""
        return _normalised(self._model.encode(list(texts)))


@cache
def load_embedder(name: str) -> Embedder:
    """The embedder called `name` in config.toml; loaded once. Raises ConfigError."""
    if name == "wordllama":
        return WordLlamaEmbedder()
    if name.startswith(HUB):
        return HubEmbedder(name.removeprefix(HUB))
    raise _unknown(name)


def token_counter() -> Callable[[str], int]:
    """Counts tokens with the tokenizer in wordllama's wheel: Llama 2's, 32,000 tokens."""
    import wordllama
    from tokenizers import Tokenizer

    folder = Path(wordllama.__file__).parent / "tokenizers"
    tokenizer = Tokenizer.from_file(str(next(folder.glob("l2_supercat*.json"))))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def embedding_version(name: str) -> str:
    """`load_embedder(name).version` without loading the model."""
    if name == "wordllama":
        return f"wordllama {version('wordllama')}"
    if name.startswith(HUB):
        return name
    raise _unknown(name)


def sentence_transformers(key: str, extra: str) -> Any:
    """The optional library; ConfigError names the `key` that asks for it and the `extra`."""
    try:
        return import_module("sentence_transformers")
    except ImportError as error:
        raise ConfigError(
            f"config.toml: {key} needs sentence-transformers, which is not installed",
            f'install the extra: python -m pip install -e ".[{extra}]"',
        ) from error


def _unknown(name: str) -> ConfigError:
    return ConfigError(
        f"config.toml: [embedding] model is {name!r}", 'it can be "wordllama" or "hub:NAME"'
    )


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """The positions of all texts, like lengths together: a batch is padded to its longest text."""
    batch: list[int] = []
    for i in sorted(range(len(texts)), key=lambda i: len(texts[i])):
        full = len(batch) == _BATCH_TEXTS or (len(batch) + 1) * len(texts[i]) > _BATCH_CHARACTERS
        if batch and full:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _normalised(rows: NDArray[Any]) -> NDArray[np.float32]:
    finite = np.nan_to_num(np.asarray(rows, dtype=np.float32))
    lengths = np.linalg.norm(finite, axis=1, keepdims=True)
    return np.asarray(finite / np.where(lengths == 0, 1, lengths), dtype=np.float32)


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """wordllama sets up the root logger on import, which would send other libraries' INFO here."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
