"""What the fields of a labelled question are called, in whatever form it is written.

Invariant: a value is taken as text or as a list of texts and bounded; a field that names what was
found is never taken for what should be.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Fields = Mapping[str, Any]

ID = ("id", "qid", "question_id", "query_id", "case_id", "item_id", "task_id")
QUESTION = (
    *("question", "query", "q", "user_input", "user_question", "question_text", "query_text"),
    *("pregunta", "frage", "pergunta", "问题", "input"),
)
SPLIT = ("split", "set", "partition", "fold")
SLICE = (
    *("slice", "category", "question_type", "query_type", "case_type", "type", "kind"),
    *("tags", "tag", "scenario", "group", "difficulty"),
)
ORIGIN = ("origin", "author", "created_by", "method", "provenance")
CORPUS = ("corpus",)
PASSAGES = (
    *("ranked", "retrieved", "retrieved_ids", "retrieved_chunks", "retrieved_docs", "hits"),
    *("retrieved_contexts", "contexts", "context", "passages", "chunks", "documents"),
)
"""Fields in which a row of a run says which passages it was given, the most telling first."""

_FACTS = (
    *("facts", "expected_facts", "required_facts", "must_include", "must_contain", "keywords"),
    *("expected_keywords", "expected_answer", "reference_answer", "gold_answer", "reference"),
    *("ground_truth_answer", "correct_answer", "answer", "ideal", "expected_output", "expected"),
)
_ANSWERABLE = ("answerable", "is_answerable", "in_corpus", "has_answer")
_EITHER = "ground_truth"
"""An answer for RAGAS, the id of a document in course projects: its value decides."""

_KEY = re.compile(
    r"(?P<wanted>(?:relevant|gold|golden|expected|required|reference|positive|target|correct|true"
    r"|supporting|ground_?truth|original)_)?"
    r"(?P<what>(?:source_?|parent_?)?(?:docs?|documents?|chunks?|passages?|files?|filename)|sources?"
    r"|contexts?|ctxs?|pages?|article|(?:parent_?)?section|record|entry)?"
    r"(?P<id>(?:^|_)?(?:ids?|idx|index|names?|titles?|keys?|paths?|urls?|uris?|numbers?))?",
)
_ONLY_WITH_MORE = {"section", "record", "entry", "context", "contexts", "ctx", "ctxs"}
_BARE = {"relevant", "gold", "golden", "positives", "positive", "qrels", "relevance_judgments"}
_IDS = ("id", "idx", "index", "ids")
_CHUNK = ("chunk", "passage", "ctx", "context", "section")
_QUOTES = ("quote", "text", "passage", "snippet", "content", "span", "evidence")
_MOST = 50
"""Labels of one question, and characters of a field name, that are looked at."""

_LONGEST = 4000


@dataclass(frozen=True)
class Label:
    """What should be found: a document, its exact words, or the id of a chunk; "" if not said."""

    source: str
    quote: str = ""
    chunk: str = ""


def text(row: Fields, keys: tuple[str, ...]) -> str:
    """The first of some fields that has a value, as text; "" where none has."""
    return next((said for key in keys if (said := _said(row.get(key)))), "")


def question(row: Fields) -> str:
    """The question itself; "" where the row asks nothing."""
    found = next((t for k in QUESTION if (t := _asked(row.get(k)))), "")
    return " ".join(found[:_LONGEST].split())


def _asked(value: object) -> str:
    """A text; of a table of inputs (a message, its channel) the longest."""
    texts = value.values() if isinstance(value, dict) else (value,)
    return max((t for t in texts if isinstance(t, str) and t.strip()), key=len, default="")


def labels(row: Fields) -> tuple[Label, ...]:
    """The documents or passages that should be found."""
    found = [one for key, value in _label_fields(row) for one in _labels(key, value)]
    wholes = [one for one in found if one.source]
    parts = [one for one in found if not one.source]
    if len(wholes) == 1 and parts:  # one document and its chunk, named in two fields
        return tuple(Label(wholes[0].source, p.quote or wholes[0].quote, p.chunk) for p in parts)
    return tuple(dict.fromkeys(wholes or parts))[:_MOST]


def facts(row: Fields) -> tuple[tuple[str, ...], ...]:
    """What a right answer must say: groups of wordings, one of each."""
    value = next((row[k] for k in _FACTS if row.get(k)), None)
    if value is None and not _is_id(row.get(_EITHER)):
        value = row.get(_EITHER)
    if isinstance(value, dict):
        value = next((value[k] for k in _FACTS if value.get(k)), None)
    listed = value if isinstance(value, list) else [value]
    groups = (g if isinstance(g, list) else [g] for g in listed[:_MOST])
    return tuple(t for g in groups if (t := tuple(filter(None, map(_said, g[:_MOST])))))


def answerable(row: Fields) -> bool | None:
    """Whether a row without labels says that the corpus answers it; None where it says nothing."""
    for key in _ANSWERABLE:
        said = _said(row.get(key)).lower()
        if said:
            return said not in ("false", "0", "0.0", "no")
    empty = (value in ([], {}, "", None) for key, value in _label_fields(row) if _is_wanted(key))
    return False if any(empty) else None


def _label_fields(row: Fields) -> Iterator[tuple[str, object]]:
    for key, value in row.items():
        name = _name(key)
        if _is_wanted(name) or _is_place(name) or (name == _EITHER and _is_id(value)):
            yield name, value
        elif name == "expected" and isinstance(value, dict):
            yield from _label_fields(value)


@lru_cache(maxsize=4096)
def _name(key: str) -> str:
    """`relevantDocIds`, `Relevant Doc IDs` and `relevant_doc_ids` are one."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key[:_MOST])
    return spaced.strip().replace(" ", "_").replace("-", "_").lower()


@lru_cache(maxsize=4096)
def _is_wanted(name: str) -> bool:
    """Whether a field names what should be found by saying so."""
    match = _KEY.fullmatch(name)
    if match is None or not match["wanted"]:
        return name in _BARE
    return bool(match["what"]) or name.rpartition("_")[2] in _IDS


@lru_cache(maxsize=4096)
def _is_place(name: str) -> bool:
    """Whether a field names a document or chunk; a bare `context` is what was found, if any."""
    match = _KEY.fullmatch(name)
    return bool(match and match["what"] and name not in _ONLY_WITH_MORE)


def _labels(key: str, value: object) -> Iterator[Label]:
    is_chunk = any(word in key for word in _CHUNK)
    if isinstance(value, dict) and not _is_object(value):  # qrels: document -> grade
        value = [k for k, grade in value.items() if grade not in (0, "0", False)]
    for one in (value if isinstance(value, list) else [value])[:_MOST]:
        if isinstance(one, dict):
            yield from _object(one)
        elif said := _said(one):
            if " " in said and is_chunk:
                yield Label("", said)
            else:
                yield Label("", "", said) if is_chunk else Label(said)


def _object(value: Fields) -> Iterator[Label]:
    named = {_name(k): _said(v) for k, v in value.items() if isinstance(k, str)}
    words = next((named[k] for k in _QUOTES if named.get(k)), "")
    places = {k: v for k, v in named.items() if v and k not in _QUOTES and _is_place(k)}
    chunk = next((v for k, v in places.items() if any(w in k for w in _CHUNK)), "")
    source = next((v for k, v in places.items() if not any(w in k for w in _CHUNK)), "")
    source = source or ("" if chunk else named.get("id", ""))
    if source or words or chunk:
        yield Label(source, words, chunk)


def _is_object(value: Fields) -> bool:
    return any(not isinstance(v, int | float) for v in value.values())


def _is_id(value: object) -> bool:
    """Whether a value is an id or a list of such, and no sentence."""
    listed = value if isinstance(value, list) else [value]
    said = [_said(v) for v in listed[:_MOST]]
    return any(said) and all(s and len(s) <= 80 and " " not in s for s in said)


def _said(value: object) -> str:
    if isinstance(value, list):
        return " ".join(filter(None, (_said(v) for v in value[:5] if not isinstance(v, list))))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[:_LONGEST].strip() if isinstance(value, str | int | float) else ""
