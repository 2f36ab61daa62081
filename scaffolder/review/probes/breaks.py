"""Where runs break: each failed run with its first wrong step, counted, and shown to a reader."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.agentwork import runs, tasks
from scaffolder.review.agentwork.runs import Run
from scaffolder.review.model import Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.readme.frontpage import page
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

LABELLED = 0.8
"""Share of the failed runs that carry a label."""

_LABEL = ("broke_at", "first_failure", "failed_at", "break", "failure_step", "first_error")
_FROM = ("from", "before", "from_state", "from_step", "previous", "after", "last_ok")
_TO = ("to", "to_state", "to_step", "failed", "at", "tool", "state")
_WHY = ("why", "reason", "label", "kind", "cause", "error", "category")
_NO_CALL = re.compile(r"irrelevan|no[-_ ]?(?:action|tool|call)|off[-_ ]?topic|nothing", re.I)
_MISSING = re.compile(r"missing|ambig|underspec|clarif|incomplete|vague", re.IGNORECASE)
_SEVERAL = re.compile(r"parallel|multi|two[-_ ]?step|several|chain|sequen|compound", re.IGNORECASE)
_Pair = tuple[str, str]
_KINDS = {
    "no call fits": _NO_CALL,
    "something is missing": _MISSING,
    "several calls are needed": _SEVERAL,
}
_NUMBER = re.compile(r"\s{0,3}(\d{1,6})\b(?![.%])")
_ARROW = re.compile(r"->|\u2192|=>|\sto\s")
_STATE = re.compile(r"[\w.-]{2,60}")


@dataclass(frozen=True)
class _Told:
    """A line of a table: how often runs broke from one step to another, and why; "" if not said."""

    pair: _Pair
    why: str
    times: int
    evidence: Evidence


def labelled(view: RepoView) -> Reading:
    """Each failed run says at which step it first went wrong, and why."""
    failed = _failed(view)
    if not failed:
        return _none_failed(view)
    named = [r for r in failed if _label(r)]
    told = f"{len(named):,} of {count(len(failed), 'failed run')} say where they first went wrong"
    if len(named) < LABELLED * len(failed):
        lacks = [r for r in failed if not _label(r)]
        reading = partial if named else no
        return reading(f"{told}.", *runs.spots(view, lacks, 2))
    if not any(_why(r) for r in named):
        return partial(f"{told}, and none says why.", *runs.spots(view, named, 2))
    return yes(f"{told}.", *runs.spots(view, named, 2))


def matrix_shown(view: RepoView) -> Reading:
    """A table counts the first breaks from one step to the next, as the rows have them."""
    if not _failed(view):
        return _none_failed(view)
    failed = [r for r in _failed(view) if _label(r)]
    if not failed:
        return no("No failed run names the step at which it went wrong.")
    counted = _counted(failed)
    for where, told in _tables(view, failed):
        wrong = [t for t in told if not any(c[t.pair, t.why] == t.times for c in counted)]
        if wrong:
            now = counted[-1][wrong[0].pair, wrong[0].why]
            named = clean(" to ".join(wrong[0].pair), 80)
            said = f"The table counts {wrong[0].times} breaks from {named}"
            return no(f"{said}, and the rows have {now}.", wrong[0].evidence)
        top = max(told, key=lambda t: t.times)
        named = clean(" to ".join(top.pair), 80)
        return yes(f"A table counts the breaks; the most are from {named}, {top.times:,}.", where)
    reason = "Failed runs are labelled, and no table shows a reader between which steps they break."
    return partial(reason, *runs.spots(view, failed, 2))


def call_kinds(view: RepoView) -> Reading:
    """Tasks where no call fits, where something is missing, and that need several calls."""
    found = tasks.tasks(view)
    if not found:
        return no("No tasks were found, so no kinds of them.")
    by_kind = {k: [t for t in found if p.search(t.slice[:80])] for k, p in _KINDS.items()}
    missing = [kind for kind, some in by_kind.items() if not some]
    told = ", ".join(f"{kind} {len(some):,}" for kind, some in by_kind.items())
    places = [e for some in by_kind.values() for e in tasks.spots(view, some, 1)]
    if missing:
        return partial(f"Tasks by kind: {told}.", *(places or tasks.spots(view, found, 1)))
    return yes(f"Tasks by kind: {told}.", *places)


def _failed(view: RepoView) -> list[Run]:
    return [r for r in runs.runs(view) if r.solved is not None and not runs.solved(r.solved)]


def _none_failed(view: RepoView) -> Reading:
    graded = [r for r in runs.runs(view) if r.solved is not None]
    if not graded:
        return no("No rows of runs say which tasks failed.")
    reason = "No run failed, so nothing breaks that could be counted: the tasks may be too easy."
    verify = "Add tasks that the agent does not solve every time, and label where they break."
    return unknown(reason, verify, *runs.spots(view, graded, 2))


def _label(run: Run) -> _Pair | None:
    """From which step to which a run first went wrong."""
    for key in _LABEL:
        value = run.row.data.get(key)
        if isinstance(value, dict):
            first, second = _first(value, _FROM), _first(value, _TO)
            if second:
                return first or "start", second
        if isinstance(value, str) and value.strip():
            before, arrow, after = value.partition("->")
            return (before.strip(), after.strip()) if arrow else ("", value.strip()[:60])
    flat = run.row.text("from_state") or run.row.text("from_step"), run.row.text("to_state")
    return flat if all(flat) else None


def _first(held: Mapping[str, object], keys: Sequence[str]) -> str:
    return next((str(held[k])[:60] for k in keys if isinstance(held.get(k), str | int)), "")


def _why(run: Run) -> str:
    """Why a run first went wrong; "" where its row does not say."""
    value = next((run.row.data[k] for k in _LABEL if k in run.row.data), None)
    held: Mapping[str, object] = value if isinstance(value, dict) else run.row.data
    said = (held.get(k) for k in (*_WHY, "failure_reason"))
    return next((v.strip() for v in said if isinstance(v, str) and v.strip()), "")[:100]


def _counted(failed: Sequence[Run]) -> list[Counter[tuple[_Pair, str]]]:
    """First breaks of each system, of its held-out tasks, and of all at the end.

    Each is counted twice: by its reason, and under "" whatever the reason.
    """
    groups: dict[str, Counter[tuple[_Pair, str]]] = {}
    for run in failed:
        label = _label(run)
        if label is not None:
            for name in (run.system, f"{run.system} {run.row.text('split')}", ""):
                counter = groups.setdefault(name, Counter())
                counter.update({(label, ""): 1, (label, _why(run) or " "): 1})
    return [*(c for name, c in groups.items() if name), groups.get("", Counter())]


def _tables(view: RepoView, failed: Sequence[Run]) -> Iterator[tuple[Evidence, list[_Told]]]:
    """Tables that count by from and to: of pairs in rows, or with a column for each step."""
    known = {label for r in failed if (label := _label(r))}
    states = {s for pair in known for s in pair}
    reasons = {w for r in failed if (w := _why(r))}
    for path in view.find("*.md")[:100]:
        for table in page(view, path).document.tables:
            told: dict[tuple[_Pair, str], _Told] = {}
            header = _raw(view, path, table.line)
            for number, _ in table.rows:
                cells = _raw(view, path, number)
                why = next((c for c in cells if c in reasons), "")
                for pair, times in _cells(header, cells, states):
                    before = told[pair, why].times if (pair, why) in told else 0
                    said = _Told(pair, why, before + times, view.quote(path, number))
                    told[pair, why] = said
            if any(pair in known for pair, _ in told):
                yield view.quote(path, table.line), list(told.values())


def _raw(view: RepoView, path: str, line: int) -> list[str]:
    """The cells of a line with the signs that names and arrows are written with."""
    text = view.lines(path)[line - 1] if line <= len(view.lines(path)) else ""
    return [c.strip("`* \t") for c in text.strip().strip("|").split("|")]


def _cells(
    header: Sequence[str], cells: Sequence[str], states: set[str]
) -> Iterator[tuple[_Pair, int]]:
    arrow = _pair(cells[0]) if cells else None
    names = [_state(c, states) for c in cells]
    given = [(n, m) for n, c in enumerate(cells) if (m := _NUMBER.match(c))]
    found = [n for n in names if n]
    if arrow and given:
        yield arrow, int(given[0][1][1])
    elif len(found) == 2 and given:
        yield (found[0], found[1]), int(given[0][1][1])
    elif len(cells) > 1 and names[0]:
        heads = [_state(h, states) for h in header]
        for at, match in given:
            if at < len(heads) and heads[at] and int(match[1]):
                yield (names[0], heads[at]), int(match[1])


def _pair(cell: str) -> _Pair | None:
    """Both steps of `get_order -> refund_order`; None where a cell is no such pair."""
    arrow = _ARROW.search(cell[:200])
    if arrow is None:
        return None
    before = _STATE.findall(cell[: arrow.start()])
    after = _STATE.findall(cell[arrow.end() : 200])
    return (before[-1], after[0]) if before and after else None


def _state(cell: str, states: set[str]) -> str:
    """The step that a cell names; "" for none."""
    return next((m[0] for m in _STATE.finditer(cell[:200]) if m[0] in states), "")
