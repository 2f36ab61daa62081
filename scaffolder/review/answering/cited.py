"""What recorded answers cite: documents, chunks and quotes, beside what was retrieved for them.

Invariant: a citation is taken as the row gives it; whether it holds is asked of the row's own list
of passages and of the documents in the repository, never of a grade.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scaffolder.review.answering.answerrows import Answered
from scaffolder.review.golden import corpus, fields
from scaffolder.review.parse import Parsed, read_json
from scaffolder.review.view import RepoView

MAX_CITATIONS = 50
"""Citations of one row, and passages, that are looked at."""

SHORTEST = 12
"""Characters of a quote of fewer than three words: what is shorter stands in any document."""

_CITATIONS = (
    *("citations", "citation", "cited", "quotes", "references", "evidence", "cited_chunks"),
    *("cited_ids", "citation_ids", "cited_sources", "cited_passages", "sources"),
)
_SOURCES = (
    *("source", "document", "doc", "doc_id", "document_id", "file", "path", "filename", "title"),
)
_CHUNKS = ("chunk_id", "chunk", "passage_id", "passage", "id", "chunk_index", "ref")
_QUOTES = ("quote", "quoted", "text", "span", "snippet", "excerpt", "evidence", "content")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Citation:
    """One citation of a row; "" where it does not say. `retrieved` is None without a list."""

    row: Answered
    source: str
    chunk: str
    quote: str
    retrieved: bool | None
    found: bool | None
    """Whether the quote stands in the document or the passage; None where neither can be read."""


def citations(view: RepoView, row: Answered) -> tuple[Citation, ...]:
    """The citations of one row."""
    passages = list(_passages(row.row.data))
    named = {n for names, _ in passages for n in names}
    names = named | {n.partition("#")[0] for n in named}
    texts = " \n ".join(corpus.plain(t) for _, t in passages if t)
    made = []
    for source, chunk, quote in _given(row.row.data):
        where = source or _source_of(chunk, passages)
        is_there = _is_retrieved(source, chunk, names, len(passages))
        found = _holds(view, where, quote, texts)
        made.append(Citation(row, where, chunk, quote, is_there if passages else None, found))
    return tuple(made)


def is_long_enough(quote: str) -> bool:
    """Whether a quote is long enough to show where it comes from."""
    return len(_WORD.findall(quote[:200])) >= 3 or len(quote.strip()) >= SHORTEST


def _is_retrieved(source: str, chunk: str, names: set[str], passages: int) -> bool:
    """A passage is cited by its name or, where no name is a number, by its place in the list."""
    wanted = (chunk or source).strip("[] ").casefold()
    if wanted.isdecimal() and len(wanted) < 4 and not any(n.isdecimal() for n in names):
        return int(wanted) <= passages
    return wanted in names


def _holds(view: RepoView, source: str, quote: str, texts: str) -> bool | None:
    if not quote:
        return None
    if texts and corpus.plain(quote) in texts:
        return True
    found = corpus.holds(view, source, quote) if source else None
    return False if found is None and texts else found


def _given(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Source, chunk and quote of each citation of a row."""
    key = next((k for k in _CITATIONS if data.get(k)), "")
    for one in _listed(data.get(key)):
        if isinstance(one, dict):
            source, chunk, quote = (_first(one, keys) for keys in (_SOURCES, _CHUNKS, _QUOTES))
            if source or chunk or quote:
                yield source, chunk, quote
        elif isinstance(one, list):
            parts = [*map(str, one[:3]), "", "", ""]
            yield parts[0], parts[1], parts[2]
        elif said := str(one).strip():
            is_quote = key == "quotes" or said.count(" ") > 3
            yield ("", "", said) if is_quote else ("", said, "")


def _passages(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names and text of each passage that a row says it was given."""
    key = next((k for k in fields.PASSAGES if data.get(k)), "")
    for one in _listed(data.get(key)):
        if isinstance(one, dict):
            names = (_first(one, _CHUNKS), _first(one, _SOURCES))
            yield tuple(n.casefold() for n in names if n), _first(one, _QUOTES)
        elif isinstance(one, list):
            yield tuple(str(n).casefold()[:200] for n in one[:3]), ""
        else:
            said = str(one)
            yield ((), said) if said.count(" ") > 3 else ((said.strip().casefold(),), "")


def _listed(value: object) -> list[Any]:
    """A list, whatever it was written as: a cell of a table holds JSON or names with commas."""
    if isinstance(value, str):
        read = read_json(value) if value.lstrip().startswith("[") else None
        value = read.value if isinstance(read, Parsed) else re.split(r"[;,|]", value[:4000])
    return value[:MAX_CITATIONS] if isinstance(value, list) else []


def _first(one: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    found = (one.get(k) for k in keys)
    return next((str(v)[:20_000] for v in found if isinstance(v, str | int) and str(v)), "")


def _source_of(chunk: str, passages: list[tuple[tuple[str, ...], str]]) -> str:
    """The document of a chunk, as the list of passages pairs them."""
    named = next((names for names, _ in passages if chunk and chunk.casefold() in names), ())
    return next((n for n in named if n != chunk.casefold()), "")
