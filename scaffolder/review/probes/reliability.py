"""How often every try at a task succeeds: enough trials, pass^k as its rows give it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from scaffolder.review.agentwork import runs
from scaffolder.review.agentwork.runs import AGENT, Run
from scaffolder.review.model import Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.readme.frontpage import front
from scaffolder.review.results import intervals
from scaffolder.review.view import RepoView

TRIALS = 4
"""Trials of each task (rubric, AGT-06)."""

_TOLD = re.compile(
    r"pass\s?(?:\^|\u2227|hat[-_ ]?|\*\*|<sup>)\s?([1-9]\d?)\b(?:</sup>)?[^\d|%]{0,40}"
    r"(?:(\d{1,3}(?:\.\d{1,2})?)\s?%|([01](?:\.\d{1,4})))",
    re.IGNORECASE,
)
_HEAD = re.compile(r"pass\s?(?:\^|\u2227|hat[-_ ]?|\*\*|<sup>)\s?([1-9]\d?)", re.IGNORECASE)
_CELL = re.compile(r"\s{0,4}(?:(\d{1,3}(?:\.\d{1,2})?)\s?%|([01](?:\.\d{1,4})?))(?![\d.])")
_VERIFY = "Run the agent at every task at least four times and commit a row for each trial."


def repeated(view: RepoView) -> Reading:
    """Each task was tried at least four times by the agent."""
    found = runs.of_kind(view, AGENT)
    if not found:
        return _waits(view)
    by_task = runs.trials(found)
    if not by_task:
        return no(
            "The agent's rows do not say whether a task was solved.", runs.spot(view, found[0])
        )
    least = min(map(len, by_task.values()))
    told = f"{count(len(by_task), 'task')} with at least {count(least, 'trial')} each"
    if _are_copies(found):
        reason = (
            "The trials of a task are one row over and over, to the millisecond: none is a trial."
        )
        return no(reason, *runs.spots(view, found, 2))
    if least < TRIALS:
        return partial(f"{told}; {TRIALS} are asked for.", *runs.spots(view, found, 2))
    each = [runs.pass_hat({t: v}, TRIALS) or 0.0 for t, v in by_task.items()]
    low, high = intervals.bootstrap(each)
    whole = f"pass^{TRIALS} is {intervals.mean(each):.2f} [{low:.2f}, {high:.2f}]"
    return yes(f"{told}: {whole} over tasks.", *runs.spots(view, found, 2))


def pass_hat_told(view: RepoView) -> Reading:
    """The README gives pass^1 and pass^k, and the rows give the same."""
    found = runs.of_kind(view, AGENT)
    if not found:
        return _waits(view)
    given = list(_told(view))
    if not given:
        return no("The README gives no pass^k.", *runs.spots(view, found, 1))
    systems = _by_system(view)
    wrong = [(k, v, e) for k, v, half, e in given if not _holds(systems, k, v, half)]
    if wrong:
        k, value, evidence = wrong[0]
        now = runs.pass_hat(runs.trials(found), k)
        is_now = (
            f"give {now:.3f}" if now is not None else f"have fewer than {k} trials of each task"
        )
        reason = f"The README says pass^{k} is {value:.3g}, and the agent's rows {is_now}."
        return no(reason, evidence, runs.spot(view, found[0]))
    most = max(k for k, *_ in given)
    places = [e for *_, e in given]
    if most < TRIALS:
        return partial(f"The README gives pass^k up to {most}; {TRIALS} is asked for.", *places[:2])
    return yes(f"The README gives pass^1 to pass^{most} as the rows have it.", *places[:3])


def _waits(view: RepoView) -> Reading:
    every = runs.runs(view)
    if not every:
        return no("No rows of runs were found.")
    reason = "The rows of runs are of no model: how often an agent succeeds each time is not known."
    return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")


def _are_copies(found: Sequence[Run]) -> bool:
    """Whether every later trial of a task has the time of its first, as copied rows do."""
    by_task: dict[str, list[float]] = {}
    for run in found:
        if run.latency:
            by_task.setdefault(f"{run.system} {run.task}", []).append(run.latency)
    several = [v for v in by_task.values() if len(v) > 1]
    return len(several) > 2 and all(len(set(v)) == 1 for v in several)


def _by_system(view: RepoView) -> list[Mapping[str, Sequence[float]]]:
    """Trials of each system, on the held-out split and on all tasks."""
    systems = sorted({r.system for r in runs.runs(view)})
    listed = [[r for r in runs.runs(view) if r.system == s] for s in systems]
    found: list[Mapping[str, Sequence[float]]] = [runs.trials(some) for some in listed]
    for some in listed:
        every: dict[str, list[float]] = {}
        for run in some:
            if run.solved is not None:
                every.setdefault(run.task, []).append(run.solved)
        found.append(every)
    return found


def _holds(
    systems: Sequence[Mapping[str, Sequence[float]]], k: int, value: float, half: float
) -> bool:
    now = [v for s in systems if (v := runs.pass_hat(s, k)) is not None]
    return any(abs(v - value) <= half for v in now)


def _told(view: RepoView) -> Iterator[tuple[int, float, float, Evidence]]:
    """k, its value 0 to 1, half of its last digit, and where the README says so."""
    one = front(view)
    if one is None:
        return
    for number, line in one.document.prose():
        for match in _TOLD.finditer(line):
            yield (int(match[1]), *_value(match[2], match[3]), view.quote(one.path, number))
    for table in one.document.tables:
        for number, cells in table.rows:
            for column, cell in enumerate(cells):
                head = table.header[column] if column < len(table.header) else ""
                named = _HEAD.search(head) or (column and _HEAD.search(cells[0]))
                value = _CELL.match(cell) if column else None
                if named and value:
                    yield (int(named[1]), *_value(value[1], value[2]), view.quote(one.path, number))


def _value(percent: str | None, share: str | None) -> tuple[float, float]:
    written = percent or share or "0"
    digits = len(written.partition(".")[2])
    scale = 100.0 if percent else 1.0
    return float(written) / scale, (0.5 * 10.0**-digits + 1e-9) / scale
