"""The longer texts of the code that may be prompts or queries of a store, found once.

Invariant: docstrings are none; a text has one of the words or is left out.
"""

from scaffolder.review.models.codewords import docstrings, starts
from scaffolder.review.python.pysource import PythonFile, Text
from scaffolder.review.retrieval.standing import is_left_behind
from scaffolder.review.view import RepoView

SHORTEST = 15
"""Characters of a text that can be a prompt or a query."""

_WORDS = (
    *("quer", "question", "hypothetical", "embedding", "vector", "fts5", "vec0", "hnsw", "<=>"),
    *("<->", "<#>", "match_documents", "/rerank", "ts_rank", "vec_distance", "bm25(", "ivfflat"),
    "tsv",
    *("问题", "查询", "pregunta", "consulta"),
)


def sayings(view: RepoView) -> tuple[tuple[PythonFile, Text], ...]:
    """The texts with a word of search, each with its file, tests left out."""
    return view.once(_sayings)


def _sayings(view: RepoView) -> tuple[tuple[PythonFile, Text], ...]:
    found: list[tuple[PythonFile, Text]] = []
    for file in view.code:
        if not is_left_behind(file.path):
            found += [(file, t) for t in file.texts if len(t.value) >= SHORTEST and _is_one(t)]
    told = {f.path: docstrings(f) for f in {f.path: f for f, _ in found}.values()}
    return tuple((f, t) for f, t in found if starts(t.value) not in told[f.path])


def _is_one(text: Text) -> bool:
    lower = text.value.lower()
    return any(word in lower for word in _WORDS)
