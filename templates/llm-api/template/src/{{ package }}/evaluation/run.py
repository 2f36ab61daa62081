"""Asks a system every question and grades what comes; one row per question.

Invariant: rows are in the order of the questions, each from a conversation of its own.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

from ..assistant import System, answer, database_of
from ..errors import ProviderUnreachable
from ..llm.client import Spend
from ..prompting import load_prompt
from ..result import Result
from ..settings import Settings
from ..trace import Trace
from .judging import grades
from .questions import Question, Truth, truth_of
from .rows import Row
from .stamp import Stamp, stamp_of

LONGEST_ANSWER = 1000


def name_of(system: System, settings: Settings) -> str:
    """What the rows of a system are called: a model goes by its provider."""
    return system if system == "baseline" else settings.llm.provider


def measure(
    questions: Sequence[Question], system: System, settings: Settings, trace: Trace
) -> list[Row]:
    """Rows of one system; each question has the budget of one run.

    Raises ProviderUnreachable: questions that nobody answered are no result.
    """
    stamp = stamp_of(settings.root, settings.measured_on)
    database = database_of(settings)
    truths = [truth_of(question, database) for question in questions]
    return [
        _row(question, truth, system, settings, trace, stamp)
        for question, truth in zip(questions, truths, strict=True)
    ]


def attempt(
    question: Question, truth: Truth, system: System, settings: Settings, trace: Trace
) -> tuple[Result, dict[str, float], float]:
    """One answer: result, grades, milliseconds."""
    started = time.perf_counter()
    spend = Spend(settings.llm.budget_usd)
    result = answer(
        question.question, settings, system, trace, spend=spend, on_text=lambda piece: None
    )
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    return result, grades(question, truth, result), milliseconds


def setting_of(system: System, settings: Settings) -> str:
    """What a system is set to, as in "anthropic claude-haiku-5-5 assistant@1 1f0c5a2b".

    The fingerprint at its end changes with anything beside the questions that can change a row.
    """
    shown = [name_of(system, settings)]
    if system == "model":
        shown += [settings.llm.model, load_prompt(prompt_of(settings)).name]
    names = ("seed", "most_rows", "most_query_seconds", "most_result_chars", "most_turns")
    behind = [getattr(settings, name) for name in (*names, "most_tokens", "max_output_tokens")]
    tables = {name: sorted(columns) for name, columns in settings.tables.items()}
    text = prompt_of(settings).read_text(encoding="utf-8") if system == "model" else ""
    content = json.dumps([shown, behind, tables, text], sort_keys=True)
    return " ".join([*shown, hashlib.sha256(content.encode()).hexdigest()[:8]])


def prompt_of(settings: Settings) -> Path:
    """The file of the model's prompt."""
    return settings.root / "prompts" / "assistant.md"


def _row(
    question: Question,
    truth: Truth,
    system: System,
    settings: Settings,
    trace: Trace,
    stamp: Stamp,
) -> Row:
    result, graded, milliseconds = attempt(question, truth, system, settings, trace)
    if result.detail["unreachable"]:
        raise ProviderUnreachable(result.message, "run eval again when it answers")
    first = result.detail["first_text_s"]
    return Row(
        id=question.id,
        split=question.split,
        slice=question.slice,
        origin=question.origin,
        system=name_of(system, settings),
        item=question.fingerprint,
        status=result.status,
        answer=(result.answer or result.message)[:LONGEST_ANSWER],
        grades=graded,
        actions=tuple(result.detail["actions"]),
        steps=result.steps,
        repairs=result.detail["repairs"],
        attempts=result.detail["attempts"],
        latency_ms=milliseconds,
        first_text_ms=None if first is None else round(first * 1000, 1),
        usage=result.usage,
        cost_usd=result.cost_usd,
        commit=stamp.commit,
        tree=stamp.tree,
        setting=setting_of(system, settings),
        prompt=result.detail["prompt"],
        model=result.detail["model"],
    )
