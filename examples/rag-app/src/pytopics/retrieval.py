"""Retrieval: the chunks that best match a query, by words, by meaning, or by both.

Invariant: a chunk that the reader's roles do not allow is never a candidate and never returned.
BM25's term weights still count it, so scores can hint at words of hidden documents; where that
matters keep an index per role.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

from .documents import EVERYONE
from .embedding import sentence_transformers
from .glossary import expanded
from .index import Index
from .settings import Retriever, Settings

Ranking = Sequence[tuple[str, float]]
_READ_AT_ONCE = 25
_WORD = re.compile(r"\w+")
# Words that say nothing about the subject. Where they are rare in the corpus BM25 gives them
# weight, and where they are frequent they cost most of the time of a search.
_STOP_WORDS = """
    a about above after all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each few for from further had
    has have having he her here hers him his how i if in into is it its itself just may me might
    more most must my no nor not of off on once only or other our out over own same she should
    so some such than that the their them then there these they this those through to too under
    until up us very was we were what when where which while who whom whose why will with would
    you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True)
class Hit:
    """A retrieved chunk. `score` compares hits of one search only: BM25, cosine, fused or reranked.

    `ranks` holds the chunk's 1-based rank in each list ("lexical", "dense") that found it,
    `heading` the document's label and the headings above the chunk.
    """

    source: str
    chunk_id: str
    score: float
    text: str
    ranks: Mapping[str, int]
    heading: str = ""


def search(
    index: Index,
    query: str,
    k: int,
    retriever: Retriever,
    roles: Sequence[str] = (EVERYONE,),
    by_source: bool = False,
) -> list[Hit]:
    """The best `k` chunks, best first; with `by_source` only the best chunk of each source."""
    depth = max(index.settings.candidates, k)
    allowed = sorted({EVERYONE, *roles})
    lists: dict[str, Ranking] = {}
    if retriever != "dense":
        lists["lexical"] = lexical(index, query, allowed, depth)
    if retriever != "lexical":
        lists["dense"] = dense(index, query, allowed, depth)
    scores = fuse(lists, index.settings.rrf_k) if retriever == "hybrid" else dict(lists[retriever])
    hits = _hits(index, scores, lists)
    if index.settings.reranker:
        hits = iter(rerank(query, list(islice(hits, depth)), index.settings.reranker))
    return list(islice(_best_per_source(hits) if by_source else hits, k))


def lexical(index: Index, query: str, roles: Sequence[str], limit: int) -> Ranking:
    """(chunk id, BM25 score) of the chunks that share a word stem with the query."""
    # Quoted, the user's words cannot be read as FTS5 operators.
    match = " OR ".join(f'"{word}"' for word in query_words(_looked_up(query, index.settings)))
    if not match:
        return []
    return index.rows(
        "SELECT chunk_id, score FROM"
        " (SELECT rowid AS id, -bm25(words) AS score FROM words WHERE words MATCH ? AND rowid"
        f" NOT IN (SELECT id FROM chunks WHERE access NOT IN ({_marks(roles)}))"
        " ORDER BY score DESC LIMIT ?)"
        " JOIN chunks USING (id) ORDER BY score DESC, source, position",
        match,
        *roles,
        limit,
    )


def _looked_up(query: str, settings: Settings) -> str:
    """What is searched for: the query, with Python's words for foreign ones if that is set."""
    return expanded(query) if settings.glossary else query


def query_words(query: str) -> list[str]:
    """The different words of a query in lower case, without stop words unless it has no others."""
    words = list(dict.fromkeys(_WORD.findall(query.lower())))
    return [word for word in words if word not in STOP_WORDS] or words


def dense(index: Index, query: str, roles: Sequence[str], limit: int) -> Ranking:
    """(chunk id, cosine) of the chunks nearest to the query; exact, not approximate."""
    vector = index.embedder.embed([_looked_up(query, index.settings)])[0]
    if not vector.any():
        return []
    if index.has_sqlite_vec:
        return _dense_in_sqlite(index, vector.tobytes(), roles, limit)
    vectors = index.vectors()
    rows = vectors.visible_to(roles)
    # Row by row: for one query a threaded BLAS product waits longer for its threads than it works.
    scores = np.vecdot(vectors.matrix, vector)[rows]
    best = np.argsort(-scores, kind="stable")[:limit]
    return [(vectors.chunk_ids[rows[i]], float(scores[i])) for i in best]


def _dense_in_sqlite(index: Index, vector: bytes, roles: Sequence[str], limit: int) -> Ranking:
    """The same ranking, computed by sqlite-vec without holding the vectors in memory."""
    return index.rows(
        "SELECT chunk_id, 1 - vec_distance_cosine(vector, ?) AS score"
        f" FROM chunks JOIN vectors USING (digest) WHERE access IN ({_marks(roles)})"
        " ORDER BY score DESC, source, position LIMIT ?",
        vector,
        *roles,
        limit,
    )


def fuse(lists: Mapping[str, Ranking], rrf_k: int) -> dict[str, float]:
    """Reciprocal-rank fusion: chunk id -> sum over the lists of 1 / (rrf_k + rank), best first.

    Cormack, Clarke and Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual
    rank learning methods", SIGIR 2009, where the constant is 60.
    """
    scores: dict[str, float] = {}
    for ranking in lists.values():
        for rank, (chunk_id, _) in enumerate(ranking, start=1):
            scores[chunk_id] = scores.get(chunk_id, 0.0) + 1 / (rrf_k + rank)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def rerank(query: str, hits: Sequence[Hit], name: str) -> list[Hit]:
    """The hits in the order that the cross-encoder `name` gives the pairs (query, text)."""
    scores = _cross_encoder(name).predict([(query, hit.text) for hit in hits])
    rescored = [replace(hit, score=float(s)) for hit, s in zip(hits, scores, strict=True)]
    return sorted(rescored, key=lambda hit: -hit.score)


@cache
def _cross_encoder(name: str) -> Any:
    return sentence_transformers("[retrieval] reranker", "rerank").CrossEncoder(name)


def _hits(index: Index, scores: Mapping[str, float], lists: Mapping[str, Ranking]) -> Iterator[Hit]:
    """The hits in the order of `scores`, read from the index as far as they are asked for."""
    ranks: dict[str, dict[str, int]] = {}
    for name, ranking in lists.items():
        for rank, (chunk_id, _) in enumerate(ranking, start=1):
            ranks.setdefault(chunk_id, {})[name] = rank
    chunk_ids = list(scores)
    for start in range(0, len(chunk_ids), _READ_AT_ONCE):
        block = chunk_ids[start : start + _READ_AT_ONCE]
        chunks = index.by_id(block)
        # An id is missing only if another process changed the index after the ranking.
        for i in filter(chunks.get, block):
            chunk = chunks[i]
            yield Hit(chunk.source, i, scores[i], chunk.text, ranks[i], chunk.heading)


def _best_per_source(hits: Iterable[Hit]) -> Iterator[Hit]:
    seen: set[str] = set()
    for hit in hits:
        if hit.source not in seen:
            seen.add(hit.source)
            yield hit


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
