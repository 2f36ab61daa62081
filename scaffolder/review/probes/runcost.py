"""What a run of an agent costs, what a solved task costs, and the cap that stops a dear run."""

import re
from collections.abc import Iterator, Mapping, Sequence

from scaffolder.review.agentwork import bounds, loop, runs
from scaffolder.review.agentwork.runs import Run
from scaffolder.review.model import Answer, Evidence, Reading, no, partial, unknown, yes
from scaffolder.review.probes import spending
from scaffolder.review.readme.frontpage import front
from scaffolder.review.results import intervals
from scaffolder.review.results.resultrows import number
from scaffolder.review.view import RepoView

_FIGURES: Mapping[str, re.Pattern[str]] = {
    "the median": re.compile(r"\b(?:median|p50)\b", re.IGNORECASE),
    "p95": re.compile(r"\bp95\b", re.IGNORECASE),
    "the maximum": re.compile(r"\bmax(?:imum)?\b|\bdearest\b", re.IGNORECASE),
    "a solved task": re.compile(
        r"(?:per|a|each|for one) (?:solved|successful|resolved)|(?:per|a) success\b|solved task",
        re.IGNORECASE,
    ),
}
_COST = re.compile(r"\$|\busd\b|\bcosts?\b|\bcents?\b|\u20ac|\beur\b", re.IGNORECASE)
_MONEY = re.compile(r"[$\u20ac]?\s?(?<![\w.])(\d{1,6}(?:\.\d{1,6})?)(?![\w%])")
_CLAUSE = re.compile(r"[,;:(]\s|\.\s|\sand\s")
_P95 = re.compile(r"\bp\d{2}\b", re.IGNORECASE)
_VERIFY = "Run the agent at every task with a model and commit the rows with what each run cost."


def told_from_rows(view: RepoView) -> Reading:
    """Median, p95 and maximum a run, and the cost of a solved task, as the rows give them."""
    rows = runs.runs(view)
    if not any(r.cost is not None for r in rows):
        return no("No rows of runs say what a run cost.", *runs.spots(view, rows, 1))
    paid = [r for r in runs.by_model(view) if r.cost]
    if not paid:
        reason = "Every run of the rows was free: no model made one of them."
        return unknown(reason, _VERIFY, *runs.spots(view, rows, 2), waits_for="model")
    now = [_figures(some) for some in _groups(paid)]
    given = list(_given(view))
    places = runs.spots(view, paid, 1)
    wrong = [g for g in given if not any(_holds(g, figures) for figures in now)]
    if wrong:
        name, value, _, evidence = wrong[0]
        reason = f"The README says {name} is {value:g}, and the rows give {now[-1][name]:.4g} USD."
        return no(reason, evidence, *places)
    missing = [name for name in _FIGURES if name not in {g[0] for g in given}]
    if missing:
        reason = f"The README does not say what {', '.join(missing)} of the runs cost."
        return partial(reason, *places, *(g[3] for g in given[:2]))
    said = ", ".join(f"{name} {now[-1][name]:.4g}" for name in _FIGURES)
    return yes(f"In USD: {said}, as the README says.", *places, *(g[3] for g in given[:2]))


def capped(view: RepoView) -> Reading:
    """A run is stopped at a sum of money, and no row is above it by more than one call."""
    kept = bounds.bounds(view).get("money")
    if kept is None:
        where = [loop.spot(view, x) for x in loop.loops(view)[:1]]
        return no("Nothing in the loop compares what a run has cost with a sum.", *where)
    set_at = bounds.configured(view, "money")
    if set_at is None:
        return partial("Money is compared, and no setting says how much a run may cost.", kept)
    cap = _amount(set_at)
    over = [r for r in runs.by_model(view) if cap and r.cost and r.cost > 1.5 * cap]
    if over:
        reason = f"A run cost {over[0].cost:.4g}, well over the cap of {cap:g}."
        return no(reason, runs.spot(view, over[0]), set_at)
    return yes("A run is stopped at a sum of money.", kept, set_at)


def per_run(view: RepoView) -> Reading:
    """Money is kept for each run; tokens for each run are partial."""
    rows = [r for r in runs.runs(view) if r.cost is not None]
    computed = spending.cost_tracked(view)
    if computed.answer is Answer.YES:
        return yes("What a run costs is computed in money.", *computed.evidence[:3])
    paid = [r for r in rows if r.cost]
    if paid:
        return yes("Rows of runs say what each cost.", *runs.spots(view, paid, 2))
    counted = [r for r in runs.runs(view) if _tokens(r)]
    if counted or computed.answer is Answer.PARTIAL:
        places = runs.spots(view, counted, 2) or list(computed.evidence[:2])
        return partial("Tokens are kept for a run, and no money.", *places)
    return no("Nothing says what a run costs.", *computed.evidence[:1])


def _tokens(run: Run) -> bool:
    usage = run.row.data.get("usage")
    held = usage if isinstance(usage, dict) else run.row.data
    return any("token" in str(k) and (number(v) or 0) > 0 for k, v in held.items())


def _groups(paid: Sequence[Run]) -> list[list[Run]]:
    """The runs of each system, of its held-out tasks, and of the agent at the end."""
    found: dict[str, list[Run]] = {}
    for run in paid:
        for name in (run.system, f"{run.system} {run.row.text('split')}"):
            found.setdefault(name, []).append(run)
    agent = [r for r in paid if r.kind == runs.AGENT]
    return [*found.values(), agent or list(paid)]


def _figures(some: Sequence[Run]) -> dict[str, float]:
    costs = [r.cost or 0.0 for r in some]
    won = sum(runs.solved(r.solved) for r in some)
    return {
        "the median": intervals.percentiles(costs, 0.5)[1],
        "p95": intervals.percentiles(costs, 0.95)[1],
        "the maximum": max(costs),
        "a solved task": sum(costs) / won if won else float("inf"),
        "the median, by rank": intervals.percentiles(costs, 0.5)[0],
        "p95, by rank": intervals.percentiles(costs, 0.95)[0],
    }


def _holds(given: tuple[str, float, float, Evidence], figures: Mapping[str, float]) -> bool:
    name, value, half, _ = given
    both = [figures[n] for n in (name, f"{name}, by rank") if n in figures]
    return any(abs(v * scale - value) <= half for v in both for scale in (1.0, 100.0, 1000.0))


def _given(view: RepoView) -> Iterator[tuple[str, float, float, Evidence]]:
    """Figures of cost in the README: what it is, the value, half of its last digit, where."""
    one = front(view)
    if one is None:
        return
    for number_, line in one.document.prose():
        if _COST.search(line) and not _is_of_settings(line):
            yield from ((*f, view.quote(one.path, number_)) for f in _in_line(line))
    for table in one.document.tables:
        for line_number, cells in table.rows:
            for column, cell in enumerate(cells[1:], 1):
                head = table.header[column] if column < len(table.header) else ""
                context = f"{head} {cells[0]}"
                if _COST.search(f"{context} {cell} {' '.join(table.header[:1])}"):
                    found = _in_cell(context, cell)
                    yield from ((*f, view.quote(one.path, line_number)) for f in found)


def _in_cell(context: str, cell: str) -> Iterator[tuple[str, float, float]]:
    """The amounts of a cell by the names in its header, in their order: "p50 / p95"."""
    named = [(m.start(), name) for name, p in _FIGURES.items() if (m := p.search(context))]
    values = [m for part in cell.split("/")[:6] if (m := _MONEY.search(part))]
    if len(named) == len(values):
        pairs = zip(sorted(named), values, strict=True)
        yield from ((name, *_value(m[1])) for (_, name), m in pairs)


def _is_of_settings(line: str) -> bool:
    return bool(re.search(r"\bcap(?:ped)?\b|\blimit|\bbudget", line, re.IGNORECASE))


def _in_line(line: str) -> Iterator[tuple[str, float, float]]:
    """The amount of each clause that names one figure: "$0.02 in the median, p95 $0.04"."""
    for clause in _CLAUSE.split(line[:4000]):
        named = [name for name, pattern in _FIGURES.items() if pattern.search(clause)]
        values = [m for m in _MONEY.finditer(_P95.sub("", clause)) if m]
        if len(named) == len(values) == 1:
            yield (named[0], *_value(values[0][1]))


def _value(written: str) -> tuple[float, float]:
    digits = len(written.partition(".")[2])
    return float(written), 0.5 * 10.0**-digits + 1e-9


def _amount(found: Evidence) -> float | None:
    value = re.search(r"[:=]\s{0,3}\"?(\d{1,6}(?:\.\d{1,6})?)", found.text)
    return float(value[1]) if value else None
