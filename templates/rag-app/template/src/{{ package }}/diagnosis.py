"""Walks one labelled question through every stage and names the first one that broke.

Invariant: each stage is judged by what the program really did with the question, in the order in
which it does it: parse, chunk, lexical, dense, fused, context, answer, citation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .answer import System, answer
from .errors import UsageError
from .evaluation.golden import Label, Question, carriers, label_ranks
from .evaluation.metrics import citation_precision, has_facts
from .index import Index
from .labelling import check_quote, is_whole
from .result import Result
from .retrieval import Hit, search
from .settings import Retriever, Settings
from .trace import Trace

Ranks = tuple[int | None, ...]


@dataclass(frozen=True)
class Stage:
    """What was seen at one stage; `ok` is None where there is nothing to judge."""

    stage: str
    ok: bool | None
    value: str
    note: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """`first_broken` and `experiment` are "" if the question came out right."""

    question: Question
    stages: tuple[Stage, ...]
    first_broken: str
    experiment: str


@dataclass(frozen=True)
class _Walk:
    """Everything that was observed: per label its carriers and its rank in each list."""

    question: Question
    settings: Settings
    problems: tuple[str, ...]
    cut: tuple[Label, ...]
    hidden: tuple[str, ...]
    carriers: tuple[frozenset[str], ...]
    lexical: Ranks
    dense: Ranks
    fused: Ranks
    context: Ranks
    best: Hit | None
    result: Result


def diagnose(
    question: Question, index: Index, settings: Settings, system: System, trace: Trace
) -> Diagnosis:
    """Run the question once and judge every stage; with "model" this costs what one answer costs."""
    walk = _observe(question, index, settings, answer(question.question, index, settings, system, trace))
    stages = _stages(walk) if question.relevant else _stages_of_unanswerable(walk)
    broken = _first_broken(stages)
    experiment = _EXPERIMENTS[broken](walk) if broken else ""
    return Diagnosis(question, tuple(stages), broken, experiment)
