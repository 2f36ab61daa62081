"""Walks one labelled question through every stage and names the first one that broke.

Invariant: each stage is judged by what the program really did with the question, in the order in
which it does it: parse, chunk, lexical, dense, fused, context, answer, citation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from . import retrieval
from .answer import System, answer
from .documents import EVERYONE
from .errors import UsageError
from .evaluation.golden import Label, Question, carriers, label_ranks
from .evaluation.metrics import citation_precision, has_facts
from .experiments import Walk, experiment_for
from .index import Index
from .labelling import check_quote, is_whole
from .result import Result
from .settings import Settings
from .trace import Trace

OUTCOMES = ("context", "answer", "citation")
RANKINGS = ("lexical", "dense", "fused")


@dataclass(frozen=True)
class Stage:
    """What was seen at one stage; `ok` is None where there is nothing to judge."""

    stage: str
    ok: bool | None
    value: str
    note: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """`result` is the answer; `first_broken` and `experiment` are "" if it came out right."""

    question: Question
    stages: tuple[Stage, ...]
    first_broken: str
    experiment: str
    result: Result


def diagnose(
    question: Question, index: Index, settings: Settings, system: System, trace: Trace
) -> Diagnosis:
    """Answer the question once and judge every stage; "model" costs what one answer costs.

    Raises what `answer` raises.
    """
    walk = _observe(question, index, settings, system, trace)
    stages = _stages(walk) if question.relevant else _stages_without_labels(walk)
    broken = first_broken(stages)
    return Diagnosis(question, stages, broken, experiment_for(broken, walk), walk.result)


def first_broken(stages: Sequence[Stage]) -> str:
    """The first stage that is not ok, or "" if context, answer and citation are.

    A list that missed the passage broke nothing if the passage reached the context all the same.
    """
    ok = {stage.stage: stage.ok for stage in stages}
    if all(ok[name] is not False for name in OUTCOMES):
        return ""
    harmless = RANKINGS if ok["context"] else ()
    return next(s.stage for s in stages if s.ok is False and s.stage not in harmless)


def _observe(
    question: Question, index: Index, settings: Settings, system: System, trace: Trace
) -> Walk:
    result = answer(question.question, index, settings, system, trace)
    chunks = {label: index.chunks(label.source) for label in question.relevant}
    found = [carriers(label, chunks[label]) for label in question.relevant]
    allowed = sorted({EVERYONE, *settings.roles})
    depth = settings.candidates
    lists = {
        "lexical": retrieval.lexical(index, question.question, allowed, depth),
        "dense": retrieval.dense(index, question.question, allowed, depth),
    }
    orders = {name: [chunk_id for chunk_id, _ in ranking] for name, ranking in lists.items()}
    orders["fused"] = list(retrieval.fuse(lists, settings.rrf_k))
    orders["context"] = [passage["chunk_id"] for passage in result.detail["passages"]]
    tops = {name: ranking[0] for name, ranking in lists.items() if ranking}
    sources = {i: c.source for i, c in index.by_id([top for top, _ in tops.values()]).items()}
    return Walk(
        question=question,
        settings=settings,
        problems=tuple(filter(None, (_problem(index, label) for label in question.relevant))),
        lost=tuple(x for x, ids in zip(question.relevant, found, strict=True) if not ids),
        cut=tuple(label for label in question.relevant if not is_whole(label, chunks[label])),
        hidden=tuple(_hidden(index, ids, allowed) for ids in found if _hidden(index, ids, allowed)),
        relevant=frozenset[str]().union(*found),
        ranks={name: label_ranks(found, order) for name, order in orders.items()},
        nearest={name: f"{sources[top]}, score {score:.2f}" for name, (top, score) in tops.items()},
        result=result,
    )


def _problem(index: Index, label: Label) -> str:
    try:
        check_quote(index, label)
    except UsageError as error:
        return error.message
    return ""


def _hidden(index: Index, chunk_ids: frozenset[str], allowed: Sequence[str]) -> str:
    """The access label that keeps all these chunks from the reader, or ""."""
    labels = {chunk.access for chunk in index.by_id(list(chunk_ids)).values()}
    return min(labels) if labels and labels.isdisjoint(allowed) else ""


def _stages(walk: Walk) -> tuple[Stage, ...]:
    return (
        _parse(walk),
        _chunk(walk),
        _ranking(walk, "lexical"),
        _ranking(walk, "dense"),
        _fused(walk),
        _context(walk),
        _answer(walk),
        _citation(walk),
    )


def _stages_without_labels(walk: Walk) -> tuple[Stage, ...]:
    """For a question that the corpus does not answer: the only right outcome is a refusal."""
    nothing = "nothing to find"
    refused = walk.result.status == "refused"
    note = "" if refused else "the documents do not hold an answer"
    return (
        Stage("parse", None, nothing),
        Stage("chunk", None, nothing),
        Stage("lexical", None, nothing, f"nearest: {walk.nearest.get('lexical', 'no passage')}"),
        Stage("dense", None, nothing, f"nearest: {walk.nearest.get('dense', 'no passage')}"),
        Stage("fused", None, nothing),
        Stage("context", None, nothing),
        Stage("answer", refused, walk.result.status, _joined(_score(walk), note)),
        Stage("citation", None, nothing),
    )


def _parse(walk: Walk) -> Stage:
    n = len(walk.question.relevant)
    value = f"{n - len(walk.problems)} of {n} quotes in the document"
    return Stage("parse", not walk.problems, value, "; ".join(walk.problems))


def _chunk(walk: Walk) -> Stage:
    n = len(walk.question.relevant)
    if walk.hidden:
        return Stage("chunk", False, "not readable", f"access label {', '.join(walk.hidden)}")
    if walk.lost:
        return Stage("chunk", False, "not in the index", f"{walk.lost[0].source}")
    value = f"{n - len(walk.cut)} of {n} quotes whole in a chunk"
    return Stage("chunk", not walk.cut, value, "cut by a boundary" if walk.cut else "")


def _ranking(walk: Walk, name: str) -> Stage:
    value = _shown(walk.ranks[name], f"not among the first {walk.settings.candidates}")
    if walk.settings.retriever not in (name, "hybrid"):
        return Stage(name, None, value, f"not used: retriever is {walk.settings.retriever}")
    return Stage(name, None not in walk.ranks[name], value)


def _fused(walk: Walk) -> Stage:
    if walk.settings.retriever != "hybrid":
        return Stage("fused", None, "-", f"not used: retriever is {walk.settings.retriever}")
    ranks, k = walk.ranks["fused"], walk.settings.k
    within = all(rank is not None and rank <= k for rank in ranks)
    return Stage("fused", within, _shown(ranks, "in no list"), f"k is {k}")


def _context(walk: Walk) -> Stage:
    ranks = walk.ranks["context"]
    count = len(walk.result.detail["passages"])
    return Stage("context", None not in ranks, _shown(ranks, f"not among the {count} passages"))


def _answer(walk: Walk) -> Stage:
    result = walk.result
    right = has_facts(result.answer, walk.question.facts)
    given = result.status == "answered"
    facts = _facts_seen(walk, right) if given else ""
    return Stage("answer", given and right, result.status, _joined(facts, _score(walk)))


def _facts_seen(walk: Walk, right: bool) -> str:
    if not walk.question.facts:
        return "no fact labelled, so the wording was not judged"
    return "facts in it" if right else "a fact is missing"


def _citation(walk: Walk) -> Stage:
    citations = walk.result.citations
    if not citations:
        return Stage("citation", None, "none", "no answer, so nothing is cited")
    precision = citation_precision(citations, walk.relevant)
    on_label = round(precision * len(citations))
    value = f"{on_label} of {len(citations)} on a labelled passage"
    return Stage("citation", on_label > 0, value, ", ".join(sorted({c.source for c in citations})))


def _score(walk: Walk) -> str:
    score = walk.result.detail.get("score")
    threshold = walk.settings.answer_threshold
    return "" if score is None else f"score {score:.2f}, threshold {threshold:g}"


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _shown(ranks: Sequence[int | None], missing: str) -> str:
    return ", ".join(missing if rank is None else f"rank {rank}" for rank in ranks)
