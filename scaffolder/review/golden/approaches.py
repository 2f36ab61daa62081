"""The ways to search that were measured, told apart by their names, and the one that ships.

Invariant: a way is one of KINDS or unknown; what ships is read from configuration or code outside
of the evaluation, never from what a document says.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from scaffolder.review.golden import cuts, serving
from scaffolder.review.golden.questions import asked
from scaffolder.review.golden.rankings import by_system, grades_a_search
from scaffolder.review.model import Evidence
from scaffolder.review.project import settings
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

KINDS: Mapping[str, re.Pattern[str]] = {
    "rewrite": re.compile(r"rewrit|hyde|multi.?query|expan[ds]|decompos|step.?back", re.I),
    "rerank": re.compile(r"re.?rank|cross.?encoder|colbert|(?<![a-z])ce(?![a-z])", re.I),
    "hybrid": re.compile(r"hybrid|rrf|fusion|ensemble|fused|combined", re.I),
    "lexical": re.compile(
        r"lexical|bm25|keyword|full.?text|tf.?idf|minsearch|sparse|splade|(?<![a-z])fts\d?(?![a-z])"
        r"|(?<![a-z])text(?:_?search)?(?![a-z])|elastic|whoosh|grep",
        re.I,
    ),
    "dense": re.compile(
        r"dense|vector|embed|semantic|cosine|(?<![a-z])(?:knn|ann|mmr)(?![a-z])|faiss|chroma"
        r"|qdrant|similarity|pgvector|sentence.?transformer",
        re.I,
    ),
}
"""The ways to search of the rubric, RAG-04, what is built on others first."""

_SETTING = re.compile(
    r"(?<![A-Za-z])(?:retriever|(?:retrieval|search)_?(?:mode|strategy|method|type)?|strategy|approach"
    r"|mode|method)(?:_[a-z]{1,20})?[\"']?\s{0,3}(?::\s{0,3}str\s{0,3})?[:=]\s{0,3}[\"']?"
    r"(?P<name>[A-Za-z][\w+-]{2,40})[\"']?\s{0,5}(?:[,#)}]|$)",
    re.IGNORECASE,
)
_SEARCHES = re.compile(r"search|retriev|rank|fusion|rrf|query", re.IGNORECASE)
_MOST = 60
"""Settings that are looked at."""


@dataclass(frozen=True)
class Approach:
    """A system that searched labelled questions; its rows hold ranks or a grade of retrieval."""

    name: str
    kind: str
    rows: tuple[Row, ...]
    copied: str
    """What it found, all questions together; "" where the rows do not say."""


@dataclass(frozen=True)
class Shipped:
    """The way to search that the system is set to."""

    name: str
    kind: str
    evidence: Evidence


def kind(name: str) -> str:
    """The way to search that a name tells; "" where it tells none."""
    return next((k for k, pattern in KINDS.items() if pattern.search(name[:200])), "")


def approaches(view: RepoView) -> tuple[Approach, ...]:
    """The systems that were measured question by question, on the asked questions if there are.

    Rows of a sweep over other sizes of chunks are left out where two ways were measured without.
    """
    return view.once(_serving)


def distance(view: RepoView, approach: Approach) -> int:
    """How far from what ships: 0 names no size of chunks, 1 the configured one, 2 another."""
    size = cuts.size(cuts.of_text(approach.name))
    return 0 if not size else 1 if size in view.once(cuts.configured) else 2


def shipped(view: RepoView) -> tuple[Shipped, ...]:
    """What the configuration, and after it the code, searches with; () where neither says it.

    Several where the code is put together of several; the first is the likeliest.
    """
    return view.once(_shipped)


def _serving(view: RepoView) -> tuple[Approach, ...]:
    found = _approaches(view)
    for most in (0, 1):
        near = tuple(a for a in found if distance(view, a) <= most)
        if len({a.kind for a in near} - {""}) > 1:
            return near
    return found


def _approaches(view: RepoView) -> tuple[Approach, ...]:
    ranked = by_system(view)
    if ranked:
        return tuple(
            Approach(name, kind(name), _once(r.graded for r in some), str([r.found for r in some]))
            for name, some in ranked.items()
        )
    ids, found = {q.id for q in asked(view)}, dict[str, list[Row]]()
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path):
            mine = row.id and (row.id in ids or not ids)
            if mine and grades_a_search(row):
                found.setdefault(row.system, []).append(row)
    return tuple(Approach(n, kind(n), _once(rows), "") for n, rows in found.items())


def _once(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The first row of each question and split: a second run of the same is no second question."""
    kept: dict[tuple[str, str], Row] = {}
    for row in rows:
        kept.setdefault((row.id, row.text("split")), row)
    return tuple(kept.values())


def _shipped(view: RepoView) -> tuple[Shipped, ...]:
    said = _of_template(view)
    return (said,) if said else (*islice(_set(view), _MOST), *_called(view))


def _of_template(view: RepoView) -> Shipped | None:
    """As `[retrieval]` of config.toml says it, the reranker on top."""
    found = settings.table(view, "retrieval")
    name, reranker = found.get("retriever"), found.get("reranker")
    key = "reranker" if isinstance(reranker, str) and reranker else "retriever"
    if not isinstance(name, str) or not kind(name):
        return None
    place = settings.place(view, key)
    if key == "reranker":
        return Shipped(f"{name} with {reranker}", "rerank", place)
    return Shipped(name, kind(name), place)


def _set(view: RepoView) -> Iterator[Shipped]:
    """Settings of configuration files first, then defaults in the code that serves."""
    for path, number, line in serving.lines(view):
        if "chunk" in path.lower() or _compares(path):
            continue
        match = _SETTING.search(line) if ":" in line or "=" in line else None
        if match and kind(match["name"]):
            yield Shipped(match["name"], kind(match["name"]), view.quote(path, number))


def _compares(path: str) -> bool:
    """A script tries one way after another, as an evaluation does."""
    return serving.evaluates(path) or "scripts/" in path.lower()


def _called(view: RepoView) -> tuple[Shipped, ...]:
    """The ways that the serving code calls by name, what is built on others first."""
    found: dict[str, Shipped] = {}
    for file in view.code:
        if file.notebook or _compares(file.path):
            continue
        for call in file.calls:
            last = call.name.rpartition(".")[2]
            if _SEARCHES.search(last) and kind(last):
                place = view.quote(file.path, call.line)
                found.setdefault(kind(last), Shipped(last, kind(last), place))
    return tuple(found[k] for k in KINDS if k in found)
