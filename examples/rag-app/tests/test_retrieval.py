"""Search finds by words and by meaning, and never shows what the reader may not see."""

import itertools
import math
import sqlite3
from dataclasses import replace
from pathlib import Path
from pydoc_data.topics import topics
from types import SimpleNamespace

import numpy as np
import pytest
from small_corpus import settings_in

from pytopics import embedding, retrieval, store
from pytopics.errors import ConfigError
from pytopics.index import Index
from pytopics.retrieval import fuse, query_words, search
from pytopics.settings import RETRIEVERS, Retriever

STAFF = "---\naccess: hr\n---\n\nThe salary band of the stationmaster is S-7."


@pytest.fixture(scope="module")
def python_docs(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The Python language reference, which every interpreter carries."""
    folder = tmp_path_factory.mktemp("topics")
    return Index.open(settings_in(folder, {f"{name}.txt": text for name, text in topics.items()}))


@pytest.fixture
def small(tmp_path: Path) -> Index:
    """Two public documents about a salary and one for HR only, which answers better."""
    public = {
        "ask.md": "Ask the stationmaster about your salary.",
        "station.md": "The stationmaster opens the station. " * 30,
    }
    return Index.open(settings_in(tmp_path, {**public, "staff.md": STAFF}))


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("for loop over the items of a list", "for.txt"),
        ("how do I catch an exception", "try.txt"),
        ("define a function with default parameter values", "function.txt"),
        ("format a string with a width and precision", "formatstrings.txt"),
        ("import a module under another name", "import.txt"),
        ("anonymous function expression", "lambda.txt"),
        ("go on with the next cycle of the nearest enclosing loop", "continue.txt"),
        ("customise attribute access on instances", "attribute-access.txt"),
    ],
)
def test_known_topics_of_a_real_corpus_are_among_the_first_five(
    python_docs: Index, query: str, topic: str
) -> None:
    hits = search(python_docs, query, 5, "hybrid", by_source=True)
    assert topic in [hit.source for hit in hits]


@pytest.mark.parametrize("retriever", RETRIEVERS)
def test_results_are_ordered_counted_and_stable(python_docs: Index, retriever: Retriever) -> None:
    hits = search(python_docs, "assignment to a name", 12, retriever)
    assert len(hits) == 12
    assert all(a.score >= b.score for a, b in itertools.pairwise(hits))
    assert hits == search(python_docs, "assignment to a name", 12, retriever)
    assert hits[:3] == search(python_docs, "assignment to a name", 3, retriever)


@pytest.mark.parametrize("retriever", RETRIEVERS)
def test_by_source_keeps_the_best_chunk_of_each_source(
    python_docs: Index, retriever: Retriever
) -> None:
    hits = search(python_docs, "special method names", 5, retriever, by_source=True)
    assert len({hit.source for hit in hits}) == 5
    assert hits[0] == search(python_docs, "special method names", 1, retriever)[0]


def test_hybrid_scores_are_reciprocal_ranks(python_docs: Index) -> None:
    for hit in search(python_docs, "raise an exception", 20, "hybrid"):
        assert math.isclose(hit.score, sum(1 / (60 + rank) for rank in hit.ranks.values()))


def test_fusion_prefers_what_both_lists_found() -> None:
    fused = fuse({"lexical": [("a", 9.0), ("b", 8.0)], "dense": [("c", 0.9), ("b", 0.8)]}, 60)
    assert list(fused) == ["b", "a", "c"]
    assert fused["b"] == pytest.approx(2 / 62)


@pytest.mark.parametrize("retriever", RETRIEVERS)
@pytest.mark.parametrize(
    "query",
    ['"', "a AND", "NEAR(", "text:station*", "'; DROP TABLE chunks; --", "", "\u2603", "\0"],
)
def test_no_query_is_read_as_a_command(small: Index, query: str, retriever: Retriever) -> None:
    for hit in search(small, query, 5, retriever):
        assert hit.source != "staff.md"
    assert len(small.sources()) == 3


def test_stop_words_are_left_out_unless_there_is_nothing_else() -> None:
    assert query_words("What is the notice period of the notice?") == ["notice", "period"]
    assert query_words("To be or not to be") == ["to", "be", "or", "not"]


@pytest.mark.parametrize("sqlite_vec", [False, True])
@pytest.mark.parametrize("retriever", RETRIEVERS)
def test_a_restricted_chunk_is_never_a_candidate(
    small: Index, retriever: Retriever, sqlite_vec: bool
) -> None:
    if sqlite_vec:
        stand_in_for_sqlite_vec(small)
    query = "salary band of the stationmaster"
    public = search(small, query, 1, retriever)
    assert [hit.source for hit in public] == ["ask.md"]
    assert set(public[0].ranks.values()) == {1}
    for_hr = search(small, query, 1, retriever, roles=["hr"])
    assert [hit.source for hit in for_hr] == ["staff.md"]


def stand_in_for_sqlite_vec(index: Index) -> None:
    """The one function of sqlite-vec that is used, written in Python.

    It shows that our SQL ranks as numpy does, on a Python that cannot load the extension too.
    """

    def cosine_distance(left: bytes, right: bytes) -> float:
        a, b = np.frombuffer(left, np.float32), np.frombuffer(right, np.float32)
        return float(1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))

    index.connection.create_function("vec_distance_cosine", 2, cosine_distance)
    index.has_sqlite_vec = True


def test_sqlite_vec_and_numpy_give_the_same_ranking(python_docs: Index) -> None:
    queries = ("loop over a list", "string methods", "attribute access")
    roles = ("everyone",)
    expected = [retrieval.dense(python_docs, query, roles, 20) for query in queries]
    other = Index.open(python_docs.settings)
    stand_in_for_sqlite_vec(other)
    for query, ranking in zip(queries, expected, strict=True):
        found = retrieval.dense(other, query, roles, 20)
        assert [chunk_id for chunk_id, _ in found] == [chunk_id for chunk_id, _ in ranking]
        assert np.allclose([s for _, s in found], [s for _, s in ranking], atol=1e-5)


def test_sqlite_vec_is_used_where_it_can_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loadable(sqlite3.Connection):
        def enable_load_extension(self, enabled: bool, /) -> None:
            pass

    loaded: list[sqlite3.Connection] = []
    monkeypatch.setattr(store, "import_module", lambda _: SimpleNamespace(load=loaded.append))
    connection = sqlite3.connect(":memory:", factory=Loadable)
    assert store.load_sqlite_vec(connection)
    assert loaded == [connection]


def test_numpy_is_used_where_sqlite_vec_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "import_module", no_module)
    assert not store.load_sqlite_vec(sqlite3.connect(":memory:"))


def no_module(name: str) -> None:
    raise ImportError(name)


def test_missing_extras_are_named(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "import_module", no_module)
    with pytest.raises(ConfigError, match=r"\[embedding\] model") as error:
        embedding.load_embedder("hub:some/model")
    assert "[hub]" in error.value.hint
    small.settings = replace(small.settings, reranker="some/cross-encoder")
    with pytest.raises(ConfigError, match=r"\[retrieval\] reranker") as error:
        search(small, "salary", 3, "hybrid")
    assert "[rerank]" in error.value.hint


def test_unknown_embedding_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="'glove'"):
        embedding.load_embedder("glove")


def test_reranker_orders_the_candidates(small: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    class ShortestFirst:
        def __init__(self, name: str) -> None:
            assert name == "some/cross-encoder"

        def predict(self, pairs: list[tuple[str, str]]) -> list[float]:
            return [-len(text) for _, text in pairs]

    library = SimpleNamespace(CrossEncoder=ShortestFirst)
    monkeypatch.setattr(embedding, "import_module", lambda _: library)
    small.settings = replace(small.settings, reranker="some/cross-encoder")
    hits = search(small, "stationmaster station", 2, "lexical")
    assert [hit.source for hit in hits] == ["ask.md", "station.md"]


def test_a_text_without_known_tokens_is_similar_to_nothing() -> None:
    rows = embedding.load_embedder("wordllama").embed(["", "words"])
    assert not rows[0].any()
    assert np.linalg.norm(rows[1]) == pytest.approx(1, abs=1e-5)
