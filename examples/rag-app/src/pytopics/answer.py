"""Answers a question from retrieved passages: by quoting them (baseline) or by a model (checked).

Invariant: an answer that is shown has at least one citation that was verified against a passage
retrieved for this question. Whatever cannot be shown like that is a refusal.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from . import retrieval
from .baseline import extract
from .citations import supported, verify
from .errors import ProviderUnreachable
from .generation import Draft, UnusableReply, draft, load_prompt
from .index import Index
from .llm.client import BudgetExceeded, Completion, OnText, Spend
from .result import Result, Usage
from .retrieval import Hit
from .settings import Settings
from .trace import Trace

System = Literal["baseline", "model"]
MORE = "A model answers more: .env.example."


def answer(
    question: str,
    index: Index,
    settings: Settings,
    system: System,
    trace: Trace,
    *,
    spend: Spend | None = None,
    fall_back: bool = True,
    on_text: OnText | None = None,
) -> Result:
    """The answer of one system; `detail["passages"]` are the passages it was given, best first.

    With `fall_back` a provider that stays unreachable or sends nothing usable gives the baseline's
    answer as "degraded", and a spent budget is a status. An evaluation goes without: there
    ProviderUnreachable and BudgetExceeded are raised and an unusable reply is "failed".

    With `on_text` the model's reply is streamed to it before any check: good for telling that
    the model writes, never for showing what. Only the result is checked.
    """
    hits = retrieval.search(index, question, settings.k, settings.retriever, settings.roles)
    passages = [{"source": hit.source, "chunk_id": hit.chunk_id} for hit in hits]
    trace.event("retrieval", query=question, retriever=settings.retriever, passages=passages)
    if system == "baseline":
        result = quoted(question, hits, settings)
        if result.status == "refused":
            result = replace(result, message=f"{result.message} {MORE}")
    else:
        spend = spend or Spend(settings.llm.budget_usd)
        result = written(question, hits, settings, trace, spend, fall_back, on_text)
    trace.event("final", status=result.status, answer=result.answer, message=result.message)
    return replace(
        result,
        trace=trace.path.relative_to(settings.root).as_posix(),
        detail={"passages": passages, **result.detail},
    )


def quoted(question: str, hits: Sequence[Hit], settings: Settings) -> Result:
    """The baseline's answer: sentences of the passages, or a refusal below its threshold."""
    found = extract(question, hits, settings)
    detail = {"score": round(found.score, 4)}
    if not found.citations:
        return Result("refused", _unfit(found.score, hits, settings), detail=detail)
    return Result("answered", "", found.answer, found.citations, detail=detail)


def _unfit(score: float, hits: Sequence[Hit], settings: Settings) -> str:
    """Why the baseline declines: its own score, which says little about the documents."""
    place = f" The answer may still be in {hits[0].source}." if hits else ""
    return (
        "No sentence fits the question well enough "
        f"(score {score:.2f}, needed {settings.answer_threshold:.2f}).{place} "
        "Try the document's own words."
    )


def written(
    question: str,
    hits: Sequence[Hit],
    settings: Settings,
    trace: Trace,
    spend: Spend,
    fall_back: bool,
    on_text: OnText | None = None,
) -> Result:
    """The model's answer after every check, with tokens and cost of all calls it took."""
    prompt = load_prompt(settings.root)
    calls: list[Completion] = []
    if not hits:
        return _billed(refused(hits), calls, prompt.name)
    try:
        claim = draft(question, hits, settings, prompt, trace, spend, calls, on_text)
        result = checked(claim, hits)
    except BudgetExceeded as error:
        if not fall_back:
            raise
        result = Result("budget_exceeded", f"{error.message}; {error.hint}")
    except ProviderUnreachable as error:
        if not fall_back:
            raise
        result = _degraded(question, hits, settings, error.message)
    except UnusableReply as error:
        unusable = Result("failed", f"{error.message}. {error.hint}".strip())
        result = _degraded(question, hits, settings, error.message) if fall_back else unusable
    return _billed(result, calls, prompt.name)


def checked(claim: Draft, hits: Sequence[Hit]) -> Result:
    """The part of a draft that the passages carry; a refusal if that is nothing."""
    if not claim.found:
        return refused(hits, "The model declined to answer." if claim.declined else "")
    citations = verify(claim.citations, hits)
    text = supported(claim.answer, citations)
    if not text:
        return refused(hits, "The model's answer was held back: no passage carries it.")
    notes = []
    if dropped := len(claim.citations) - len(citations):
        notes.append(f"{dropped} citation(s) did not hold and were left out.")
    if len(text.split()) < len(claim.answer.split()):
        notes.append("Sentences that no citation carries were left out.")
    return Result("answered", " ".join(notes), text, citations)


def refused(hits: Sequence[Hit], reason: str = "") -> Result:
    """No answer and no citation, but a place to look."""
    reason = reason or "The documents do not seem to hold the answer."
    place = f" The nearest document is {hits[0].source}." if hits else ""
    return Result("refused", f"{reason}{place} Try other words, or ask somebody who would know.")


def _degraded(question: str, hits: Sequence[Hit], settings: Settings, reason: str) -> Result:
    fallen_back = quoted(question, hits, settings)
    message = f"No answer from the model ({reason}); this is the baseline's. {fallen_back.message}"
    return replace(fallen_back, status="degraded", message=message.strip())


def _billed(result: Result, calls: Sequence[Completion], prompt: str) -> Result:
    costs = [call.cost_usd for call in calls]
    known = [cost for cost in costs if cost is not None]
    unknown = "" if len(known) == len(costs) else " What the model cost is unknown."
    return replace(
        result,
        system="model",
        message=(result.message + unknown).strip(),
        usage=sum((call.reply.usage for call in calls), Usage()),
        cost_usd=None if unknown else sum(known),
        steps=len(calls),
        detail={**result.detail, "prompt": prompt, "model": calls[-1].reply.model if calls else ""},
    )
