"""What a search found for a labelled question, and at which ranks what it should find stands.

Invariant: ranks are worked out from the list of what was found, or, where only the row knows which
chunk carries a quote, held against that list; a list of an unknown question is no ranking.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from scaffolder.review.golden import fields
from scaffolder.review.golden.questions import Label, Question, labelled
from scaffolder.review.parse import Parsed, read_json
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

MAX_FOUND = 1000
"""Passages of one list that are looked at."""

ROUNDED = 0.006
"""How far a written grade may lie from ours: files round to two decimals."""

_LISTS = (
    *("ranked", "ranking", "retrieved", "retrieved_ids", "retrieved_docs", "retrieved_doc_ids"),
    *("retrieved_chunks", "retrieved_chunk_ids", "retrieved_documents", "retrieved_sources"),
    *("retrieved_document_ids", "retrieved_passages", "hits", "top_k", "top_ids", "doc_ids"),
    *("chunk_ids", "results", "search_results", "ranked_ids", "found"),
)
_ITEM = re.compile(r"[^\s,;|'\"\[\]()]{1,200}")
_METRIC = re.compile(
    r"(?P<name>recall|mrr|reciprocal_?rank|ndcg|hit_?rate|hit)(?:[@_ ]?(?:at_?)?(?P<k>\d{1,3}))?",
    re.IGNORECASE,
)
_NAMES = {"mrr": "mrr", "reciprocalrank": "mrr", "ndcg": "ndcg", "recall": "recall"}


@dataclass(frozen=True)
class Ranking:
    """What one system found for one question: (source, chunk) in order; 1-based label ranks.

    `fault` says how the row contradicts its question, its list or its own grades; "" where it fits.
    """

    row: Row
    question: Question
    found: tuple[tuple[str, str], ...]
    ranks: tuple[int | None, ...]
    fault: str

    @cached_property
    def graded(self) -> Row:
        """The row with the ranks, from which `resultrows.grade` takes recall, MRR and nDCG."""
        return replace(self.row, data={**self.row.data, "label_ranks": list(self.ranks)})


def rankings(view: RepoView) -> tuple[Ranking, ...]:
    """The rankings of the asked questions that have labels, in the order of the result files."""
    return view.once(_rankings)


def by_system(view: RepoView) -> Mapping[str, tuple[Ranking, ...]]:
    """The rankings of each system. One that answers counts only where none merely searches."""
    found: dict[str, list[Ranking]] = {}
    for one in rankings(view):
        found.setdefault(one.row.system, []).append(one)
    searches = {n: some for n, some in found.items() if not any(_answers(r.row) for r in some)}
    return {name: tuple(listed) for name, listed in (searches or found).items()}


def _answers(row: Row) -> bool:
    return bool(row.data.get("answer") or row.data.get("status"))


def retrieval_metric(name: str) -> tuple[str, int | None] | None:
    """`hit_rate_5` and `Recall@5` as ("hit", 5) and ("recall", 5); None for what is no such."""
    match = _METRIC.fullmatch(name.strip())
    if match is None:
        return None
    known = _NAMES.get(resultrows.plain(match["name"]), "hit")
    return known, int(match["k"]) if match["k"] else None


def grades_a_search(row: Row) -> bool:
    """Whether a row holds a metric of retrieval."""
    return any(map(retrieval_metric, resultrows.grades(row)))


def _rankings(view: RepoView) -> tuple[Ranking, ...]:
    asked = labelled(view)
    by_id = {q.id: q for q in asked}
    by_text = {q.text.casefold(): q for q in asked}
    found = []
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path):
            said = fields.question(row.data).casefold()
            question = by_id.get(row.id) or by_text.get(said) or by_text.get(row.id.casefold())
            one = _ranking(row, question) if question else None
            found += [one] if one else []
    return tuple(found)


def _ranking(row: Row, question: Question) -> Ranking | None:
    listed = next((row.data[k] for k in _LISTS if row.data.get(k)), None)
    found = tuple(_items(listed))
    stated = row.data.get("label_ranks")
    if not found and not isinstance(stated, list):
        return None
    if isinstance(stated, list):
        ranks = tuple(r if type(r) is int else None for r in stated[:MAX_FOUND])
        fault = _list_fault(ranks, question, found)
    else:
        ranks, fault = tuple(_rank(label, found) for label in question.labels), ""
    one = Ranking(row, question, found, ranks, fault)
    return one if fault else replace(one, fault=_grade_fault(one))


def _items(listed: object) -> Iterator[tuple[str, str]]:
    if isinstance(listed, str):
        read = read_json(listed.replace("'", '"')) if listed.startswith("[") else None
        listed = read.value if isinstance(read, Parsed) else _ITEM.findall(listed)
    for item in listed[:MAX_FOUND] if isinstance(listed, list) else ():
        match item:
            case [str(source), str(chunk), *_]:
                yield source, chunk
            case dict():
                yield _of_object(item)
            case str() | int() | float():
                name = fields.text({"x": item}, ("x",))
                yield name, name


def _of_object(item: Mapping[str, object]) -> tuple[str, str]:
    flat = {**item, **inner} if isinstance(inner := item.get("metadata"), dict) else item
    chunk = fields.text(flat, ("chunk_id", "passage_id", "chunk", "chunk_index", "id", "_id"))
    source = fields.text(
        flat, ("source", "doc_id", "document_id", "document", "file", "filename", "path", "title")
    )
    return source or chunk, chunk


def _rank(label: Label, found: Sequence[tuple[str, str]]) -> int | None:
    return next((n for n, one in enumerate(found, 1) if _is(label, *one)), None)


def _is(label: Label, source: str, chunk: str) -> bool:
    if label.chunk:
        return chunk == label.chunk
    places = (source, chunk, source.partition("#")[0], chunk.partition("#")[0])
    return bool(label.source) and label.source in places


def _list_fault(
    ranks: Sequence[int | None], question: Question, found: Sequence[tuple[str, str]]
) -> str:
    if len(ranks) != len(question.labels):
        return f"it ranks {len(ranks)} labels, and its question has {len(question.labels)}"
    for rank, label in zip(ranks, question.labels, strict=True):
        if rank is None or not found:
            continue
        there = found[rank - 1] if 0 < rank <= len(found) else ("", "")
        if label.source and there[0] != label.source:
            return f"{clean(label.source, 60)} is said to stand at rank {rank}, and does not"
    return ""


def _grade_fault(one: Ranking) -> str:
    """A grade that the ranks do not give.

    Where we worked the ranks out ourselves, by documents, or where a hit is meant, a lower grade is
    no fault: its author may ask for more than we do.
    """
    strict = isinstance(one.row.data.get("label_ranks"), list)
    for name in resultrows.grades(one.row):
        metric = retrieval_metric(name)
        if metric is None or (stated := _stated(one.row, name)) is None:
            continue
        k = metric[1] or max(len(one.found), 1)
        ours = resultrows.from_ranks(one.graded, f"{metric[0]}@{k}")
        if ours is None or abs(ours - stated) <= ROUNDED:
            continue
        if stated > ours or (strict and metric[0] != "hit"):
            return f"its {clean(name, 30)} is {stated:g}, and its ranks give {ours:.3g}"
    return ""


def _stated(row: Row, name: str) -> float | None:
    """A grade as written: `resultrows.grade` would take it from the ranks."""
    unranked = {k: v for k, v in row.data.items() if k != "label_ranks"}
    return resultrows.grade(replace(row, data=unranked), name)
