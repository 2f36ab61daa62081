"""Rows of runs: one run of one system at one task, what it did, whether the task was solved.

Invariant: what a row says of itself is taken from it and from nothing else; a row of a planted
instruction or of an injected fault is no run at a task.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.agentwork.actions import Action, actions
from scaffolder.review.answering.planted import is_place
from scaffolder.review.answering.refusals import answer_of, truth
from scaffolder.review.golden import fields
from scaffolder.review.model import Evidence
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row, model_of, number
from scaffolder.review.view import RepoView

AGENT, SINGLE, WORKFLOW = "agent", "single call", "workflow"
_SINGLE = re.compile(
    r"single|one[-_ ]?(?:shot|call)|zero[-_ ]?shot|direct|plain[-_ ]?(?:llm|model)", re.I
)
_WORKFLOW = re.compile(
    r"baseline|work[-_ ]?flow|chain|fixed|rules?|script|pipeline|determin|no[-_ ]?(?:llm|model)",
    re.IGNORECASE,
)
_SOLVED = (
    *("solved", "task_success", "success", "passed", "pass", "resolved", "reward", "correct"),
    *("end_state", "completed", "is_success", "goal_reached", "score"),
)
_COST = ("cost_usd", "cost", "usd", "price_usd", "total_cost", "total_cost_usd")
_STEPS = ("steps", "n_steps", "num_steps", "turns", "n_turns", "iterations", "tool_calls_count")
_TIME = (("latency_ms", 1.0), ("duration_ms", 1.0), ("latency_s", 1e3), ("seconds", 1e3))
_TOKENS = ("output_tokens", "completion_tokens", "total_tokens", "tokens")
_TASK = ("task_id", *fields.ID, "task")


@dataclass(frozen=True)
class Run:
    """A run; `solved` is 0 to 1, `cost` dollars, `latency` milliseconds; None where not said."""

    row: Row
    task: str
    system: str
    kind: str
    is_model: bool
    solved: float | None
    status: str
    answer: str
    actions: tuple[Action, ...]
    steps: int | None
    cost: float | None
    latency: float | None


def runs(view: RepoView) -> tuple[Run, ...]:
    """Every run of the result files."""
    return view.once(_runs)


def of_kind(view: RepoView, kind: str) -> tuple[Run, ...]:
    """The runs of the agent, of the single call, or of the fixed workflow."""
    found = tuple(r for r in runs(view) if r.kind == kind)
    return tuple(r for r in found if r.is_model) if kind != WORKFLOW else found


def by_model(view: RepoView) -> tuple[Run, ...]:
    """The runs that a model made."""
    return tuple(r for r in runs(view) if r.is_model)


def spot(view: RepoView, run: Run) -> Evidence:
    """Where a run's row stands."""
    return view.quote(run.row.path, run.row.line)


def spots(view: RepoView, some: Sequence[Run], most: int = 3) -> list[Evidence]:
    """Where the first of some runs stand."""
    return [spot(view, r) for r in some[:most]]


def trials(some: Sequence[Run]) -> Mapping[str, list[float]]:
    """By task, whether each of its trials solved it: graded runs only, those of `test` if any."""
    graded = [r for r in some if r.solved is not None]
    held = [r for r in graded if r.row.text("split") == "test"] or graded
    found: dict[str, list[float]] = defaultdict(list)
    for run in held:
        found[run.task].append(run.solved or 0.0)
    return found


def solved(value: float | None) -> bool:
    """Whether a grade counts as solved: a task is solved whole or not."""
    return value is not None and value >= 1 - 1e-9


def pass_hat(by_task: Mapping[str, Sequence[float]], k: int) -> float | None:
    """pass^k: the chance that k tries at a task all solve it, C(c, k) / C(n, k), mean over tasks.

    Yao et al., tau-bench (arXiv 2406.12045), section 5. None where a task has fewer than k trials.
    """
    if not by_task or min(map(len, by_task.values())) < k:
        return None
    each = [math.comb(sum(map(solved, t)), k) / math.comb(len(t), k) for t in by_task.values()]
    return math.fsum(each) / len(each)


def _runs(view: RepoView) -> tuple[Run, ...]:
    return tuple(run for path in resultrows.result_files(view) for run in _of_file(view, path))


def _of_file(view: RepoView, path: str) -> Iterator[Run]:
    if is_place(path):
        return
    for row in resultrows.rows(view, path):
        if _is_run(row):
            yield _run(row)


def _is_run(row: Row) -> bool:
    if (
        "fault" in row.data
        or "followed" in row.data
        or "forbidden" in row.data
        or not _task_of(row)
    ):
        return False
    acted = any(isinstance(row.data.get(k), list) for k in ("actions", "trajectory", "tool_calls"))
    counted = any(k in row.data for k in ("trial", "trial_id", "attempt", "run_index", *_STEPS))
    return acted or counted


def _task_of(row: Row) -> str:
    return next((row.text(k) for k in _TASK if row.text(k)), "")[:200]


def _run(row: Row) -> Run:
    system = row.system
    by = _by_model(row)
    kind = SINGLE if _SINGLE.search(system) else WORKFLOW if _WORKFLOW.search(system) else AGENT
    done = actions(row.data)
    return Run(
        row=row,
        task=_task_of(row),
        system=system,
        kind=kind,
        is_model=by if kind != AGENT else by or _says_model(row),
        solved=_solved(row),
        status=row.text("status").lower(),
        answer=answer_of(row.data),
        actions=done,
        steps=_steps(row, done),
        cost=next((v for k in _COST if (v := number(row.data.get(k))) is not None), None),
        latency=next((v * f for k, f in _TIME if (v := number(row.data.get(k))) is not None), None),
    )


def _by_model(row: Row) -> bool:
    """A model's name, its tokens, or a price beside a row say that a model made it."""
    usage = row.data.get("usage")
    spent = {**row.data, **usage} if isinstance(usage, dict) else row.data
    return bool(model_of(row)) or any((number(spent.get(k)) or 0) > 0 for k in (*_TOKENS, *_COST))


def _says_model(row: Row) -> bool:
    """A row of an agent that says nothing of a model; one that says it has none is made by code."""
    return "model" not in row.data and "usage" not in row.data


def _solved(row: Row) -> float | None:
    for key in _SOLVED:
        for table in (row.data.get("grades"), row.data.get("scores"), row.data):
            value = table.get(key) if isinstance(table, dict) else None
            said = truth(value) if isinstance(value, bool | str) else None
            found = float(said) if said is not None else number(value)
            if found is not None and 0 <= found <= 1:
                return found
    return None


def _steps(row: Row, done: Sequence[Action]) -> int | None:
    for key in _STEPS:
        value = row.data.get(key)
        if isinstance(value, list):
            return len(value)
        if (found := number(value)) is not None:
            return int(found)
    return len(done) if done else None
