"""Agent, single call and fixed workflow on the same tasks: success, money and time of each."""

import re
from collections.abc import Mapping, Sequence

from scaffolder.review.agentwork import runs
from scaffolder.review.agentwork.runs import AGENT, SINGLE, WORKFLOW, Run
from scaffolder.review.model import Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.readme.written import written
from scaffolder.review.results import intervals
from scaffolder.review.view import RepoView

FEWEST = 10
"""Shared tasks below which a difference says nothing."""

_AGENT = re.compile(r"\bagents?\b", re.IGNORECASE)
_OTHER = re.compile(r"workflow|single[- ]call|baseline|one call|fixed|chain", re.IGNORECASE)
_WHY = re.compile(
    r"because|since\b|reason|needed|worth|needs?\b|instead|ship|keep|chose|enough|therefore", re.I
)
_VERIFY = (
    "Run the agent and the single call with a model on the same tasks as the workflow, and commit "
    "the rows of all three."
)


def compared(view: RepoView) -> Reading:
    """Rows of all three on the same tasks, each with success, cost and time."""
    by_kind = _graded(view)
    if not any(by_kind.values()):
        return no("No rows of runs say whether a task was solved.")
    if not by_kind[AGENT]:
        return _without_agent(view, by_kind)
    places = [runs.spot(view, some[0]) for some in by_kind.values() if some]
    missing = [f"a {kind}" for kind in (SINGLE, WORKFLOW) if not by_kind[kind]]
    if missing:
        return partial(f"The agent was run, and not {' or '.join(missing)}.", *places)
    shared = _shared(by_kind)
    if len(shared) < FEWEST:
        reason = f"The three share {count(len(shared), 'graded task')}; {FEWEST} are asked for."
        return partial(reason, *places)
    bare = [k for k, some in by_kind.items() if not all(r.latency is not None for r in some)]
    unpaid = [k for k in (AGENT, SINGLE) if not any(r.cost for r in by_kind[k])]
    if bare or unpaid:
        lacks = f"time of {', '.join(bare)}" if bare else f"cost of {', '.join(unpaid)}"
        return partial(f"All three are there, and the rows lack the {lacks}.", *places)
    return yes(f"{_told(by_kind, shared)}", *places)


def need_shown(view: RepoView) -> Reading:
    """The agent solves more than both others, or a document says why it is needed all the same."""
    by_kind = _graded(view)
    if not any(by_kind.values()):
        return no("No rows of runs say whether a task was solved.")
    others = [k for k in (SINGLE, WORKFLOW) if by_kind[k]]
    if not by_kind[AGENT] or not others:
        return _without_agent(view, by_kind) if not by_kind[AGENT] else _alone(view, by_kind)
    differences = {k: _difference(by_kind, k) for k in others}
    places = [runs.spot(view, by_kind[k][0]) for k in (AGENT, *others)]
    told = "; ".join(f"agent minus {k} {_interval(d)}" for k, d in differences.items() if d)
    if all(d and intervals.bootstrap(d)[0] > 0 for d in differences.values()):
        return yes(f"The agent solves more: {told}.", *places)
    why = _said(view)
    if why:
        return yes(f"{told}; a document says what follows.", *why, *places[:2])
    reason = f"The agent is not clearly better ({told}), and no document says why it is needed."
    return no(reason, *places)


def _without_agent(view: RepoView, by_kind: Mapping[str, Sequence[Run]]) -> Reading:
    some = next(s for s in by_kind.values() if s)
    reason = "Only systems without a model were run: what an agent adds is not known."
    if by_kind[SINGLE]:
        reason = "No agent was run beside the single call and the workflow."
    elif len({r.task for r in some}) < FEWEST:
        return no(f"The workflow was run on fewer than {FEWEST} tasks.", runs.spot(view, some[0]))
    return unknown(reason, _VERIFY, *runs.spots(view, some, 2), waits_for="model")


def _alone(view: RepoView, by_kind: Mapping[str, Sequence[Run]]) -> Reading:
    reason = "The agent's rows stand alone: neither a single call nor a workflow is beside them."
    return no(reason, *runs.spots(view, by_kind[AGENT], 2))


def _graded(view: RepoView) -> dict[str, tuple[Run, ...]]:
    kinds = (AGENT, SINGLE, WORKFLOW)
    found = {k: tuple(r for r in runs.of_kind(view, k) if r.solved is not None) for k in kinds}
    return {k: _held_out(some) for k, some in found.items()}


def _held_out(some: tuple[Run, ...]) -> tuple[Run, ...]:
    return tuple(r for r in some if r.row.text("split") == "test") or some


def _shared(by_kind: Mapping[str, Sequence[Run]]) -> set[str]:
    return set.intersection(*({r.task for r in some} for some in by_kind.values()))


def _rates(some: Sequence[Run]) -> dict[str, float]:
    """The share of solved trials of each task."""
    return {t: intervals.mean([float(runs.solved(v)) for v in vs]) for t, vs in _by_task(some)}


def _by_task(some: Sequence[Run]) -> list[tuple[str, list[float | None]]]:
    found: dict[str, list[float | None]] = {}
    for run in some:
        found.setdefault(run.task, []).append(run.solved)
    return list(found.items())


def _difference(by_kind: Mapping[str, Sequence[Run]], other: str) -> list[float]:
    mine, theirs = _rates(by_kind[AGENT]), _rates(by_kind[other])
    return [mine[t] - theirs[t] for t in mine if t in theirs]


def _interval(differences: Sequence[float]) -> str:
    low, high = intervals.bootstrap(differences)
    return f"{intervals.mean(differences):+.2f} [{low:+.2f}, {high:+.2f}]"


def _told(by_kind: Mapping[str, Sequence[Run]], shared: set[str]) -> str:
    parts = []
    for kind, some in by_kind.items():
        won = sum(runs.solved(r.solved) for r in some)
        cost = sum(r.cost or 0.0 for r in some)
        p95 = intervals.percentiles([r.latency or 0.0 for r in some], 0.95)[0]
        each = f"{cost / won:.4f} USD a success" if won else "no success"
        parts.append(f"{kind} {won / len(some):.0%}, {each}, p95 {p95:,.0f} ms")
    return f"On {count(len(shared), 'shared task')}: {'; '.join(parts)}."


def _said(view: RepoView) -> list[Evidence]:
    """A line of the author's that sets the agent beside the others, with a reason near it."""
    for page, lines in written(view):
        for at, (number, text) in enumerate(lines):
            near = " ".join(t for _, t in lines[at : at + 3])
            if _AGENT.search(text) and _OTHER.search(near) and _WHY.search(near):
                return [view.quote(page.path, number)]
    return []
