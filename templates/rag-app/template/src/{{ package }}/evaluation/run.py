"""Runs systems over the golden set and returns one row per question, in the order of the file.

Every system sees the same questions and the same index, so rows can be compared item by item.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .. import retrieval
from ..answer import System, answer
from ..generation import load_prompt
from ..index import Index
from ..llm.client import Spend
from ..settings import RETRIEVERS, Retriever, Settings
from ..trace import Trace
from . import metrics
from .golden import Question, label_ranks, targets
from .rows import Row
from .stamp import Stamp, stamp_of

ANSWERING: tuple[System, ...] = ("baseline", "model")
SYSTEMS: tuple[str, ...] = (*RETRIEVERS, *ANSWERING)


def measure_retriever(
    questions: Sequence[Question], index: Index, settings: Settings, retriever: Retriever
) -> list[Row]:
    """Rows of one retriever; it is asked for enough passages for every metric."""
    depth = max(settings.k, metrics.DEPTH)
    made = _made(stamp_of(settings.root, settings.measured_on), retriever, index, settings)
    _warm_up(questions, index, settings, retriever)
    rows = []
    for question in questions:
        labels = targets(question, index)
        started = time.perf_counter()
        hits = retrieval.search(index, question.question, depth, retriever, settings.roles)
        milliseconds = _since(started)
        ranks = label_ranks(labels, [hit.chunk_id for hit in hits])
        rows.append(
            Row(
                **_shared(question),
                system=retriever,
                ranked=tuple((hit.source, hit.chunk_id) for hit in hits),
                label_ranks=ranks,
                grades=metrics.retrieval_grades(ranks, settings.k),
                latency_ms=milliseconds,
                **made,
            )
        )
    return rows


def measure_answers(
    questions: Sequence[Question],
    index: Index,
    settings: Settings,
    system: System,
    trace: Trace,
) -> list[Row]:
    """Rows of one answering system; all its model calls share the budget of one run.

    Raises ProviderUnreachable and BudgetExceeded: a part of a run is not a result.
    """
    spend = Spend(settings.llm.budget_usd)
    made = _made(stamp_of(settings.root, settings.measured_on), system, index, settings)
    _warm_up(questions, index, settings, "hybrid")
    return [
        _answer_row(question, index, settings, system, trace, spend, made) for question in questions
    ]


def question_hash(question: Question) -> str:
    """Short fingerprint of the question with its labels and facts as they are now."""
    return _fingerprint(asdict(question))


def setting_of(system: str, index: Index, settings: Settings) -> str:
    """What a system is set to, as in "180/30 hybrid k=5 t=2.136 1f0c5a2b".

    The fingerprint at its end changes with anything that can change a row of this system: the
    corpus, how it is cut and embedded, retrieval, roles, and what the system answers by.
    """
    retriever = settings.retriever if system in ANSWERING else system
    shown = [f"{settings.chunk_words}/{settings.chunk_overlap}", retriever, f"k={settings.k}"]
    made = (index.manifest[key] for key in ("corpus_hash", "chunking", "embedding"))
    behind: list[object] = [*made, settings.candidates, settings.rrf_k]
    behind += [settings.reranker, settings.roles]
    if system == "baseline":
        shown.append(f"t={settings.answer_threshold:g}")
        behind += [settings.answer_threshold, settings.answer_sentences]
    if system == "model":
        prompt = load_prompt(settings.root)
        shown += [settings.llm.model, prompt.name]
        behind += [prompt.text, settings.max_output_tokens]
    return " ".join([*shown, _fingerprint([shown, behind])[:8]])


def _answer_row(
    question: Question,
    index: Index,
    settings: Settings,
    system: System,
    trace: Trace,
    spend: Spend,
    made: Mapping[str, Any],
) -> Row:
    labels = targets(question, index)
    started = time.perf_counter()
    result = answer(question.question, index, settings, system, trace, spend=spend, fall_back=False)
    milliseconds = _since(started)
    passages = tuple((p["source"], p["chunk_id"]) for p in result.detail["passages"])
    relevant = frozenset[str]().union(*labels)
    return Row(
        **_shared(question),
        system=system,
        ranked=passages,
        label_ranks=label_ranks(labels, [chunk_id for _, chunk_id in passages]),
        grades=metrics.answer_grades(
            result.status, result.answer, result.citations, question.facts, relevant
        ),
        latency_ms=milliseconds,
        **made,
        status=result.status,
        answer=result.answer,
        citations=result.citations,
        prompt=result.detail.get("prompt", ""),
        model=result.detail.get("model", ""),
        usage=result.usage,
        cost_usd=result.cost_usd,
    )


def _made(stamp: Stamp, system: str, index: Index, settings: Settings) -> dict[str, Any]:
    setting = setting_of(system, index, settings)
    return {"commit": stamp.commit, "tree": stamp.tree, "setting": setting}


def _shared(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "corpus": question.corpus,
        "split": question.split,
        "slice": question.slice,
        "origin": question.origin,
        "question": question_hash(question),
    }


def _warm_up(
    questions: Sequence[Question], index: Index, settings: Settings, retriever: Retriever
) -> None:
    """The first search loads the model and the vectors, which is no cost of a question."""
    for question in questions[:1]:
        retrieval.search(index, question.question, 1, retriever, settings.roles)


def _fingerprint(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
