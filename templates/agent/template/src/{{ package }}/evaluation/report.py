"""What the rows say, as tables for the README and as claims; no figure there is typed by hand.

Every mean and difference with a 95 % interval is one Claim, computed from result rows, with its n.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..desk import System
from ..settings import Settings
from .claims import COMMAND, HEADLINE_SPLIT, SAMPLE, Claim, grid, verdict
from .reliability import mean_pass_all
from .rows import (
    SOLVED,
    Row,
    by_task,
    cost_per_solved,
    figures,
    latency_ms,
    nearest_rank,
    read,
    trials,
)
from .run import setting_of
from .statistics import Interval, amount_interval, compare
from .steps import counted
from .tasks import Task

SYSTEMS: tuple[System, ...] = ("baseline", "single", "model")
NAMES = {"baseline": "fixed workflow", "single": "single call", "model": "agent"}
MOST_BREAKS = 8

Runs = Mapping[str, Sequence[Row]]  # system -> its rows


@dataclass(frozen=True)
class Report:
    """The text between the README's marks and the numbers it shows."""

    markdown: str
    claims: tuple[Claim, ...]


def load_runs(
    tasks: Sequence[Task], settings: Settings
) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Rows on disk by system, and for each system left out what its rows are of instead."""
    wanted = {(task.id, task.fingerprint) for task in tasks}
    runs: dict[str, list[Row]] = {}
    stale: dict[str, str] = {}
    for system in SYSTEMS:
        rows = read(settings.results / f"{system}.jsonl")
        if not rows:
            continue
        if {(row.id, row.task) for row in rows} != wanted:
            stale[system] = "other tasks"
        elif {row.setting for row in rows} != {setting_of(system, settings)}:
            stale[system] = f"another setting ({rows[0].setting})"
        else:
            runs[system] = rows
    return runs, stale


def build(runs: Runs) -> Report:
    """The report on the test split, or on dev as long as no task is in test."""
    everything = next(iter(runs.values()))
    test = {s: [row for row in rows if row.split == HEADLINE_SPLIT] for s, rows in runs.items()}
    shown = test if any(test.values()) else runs
    parts = [
        Report(_introduction(everything), ()),
        _solved(shown),
        _reliable(shown),
        _needed(shown),
        _slices(shown),
        Report(_breaks(runs), ()),
    ]
    markdown = "\n\n".join(part.markdown for part in parts if part.markdown)
    return Report(markdown, tuple(claim for part in parts for claim in part.claims))


def _introduction(rows: Sequence[Row]) -> str:
    shipped = any(row.origin == SAMPLE for row in rows)
    heading = "Template reference run, not my result" if shipped else "Results"
    splits = {row.id: row.split for row in rows}
    test = sum(split == HEADLINE_SPLIT for split in splits.values())
    split = HEADLINE_SPLIT if test else "dev"
    return (
        f"## {heading}\n\n"
        f"{len(splits)} tasks: {len(splits) - test} dev, {test} test. A task is solved if the shop "
        "ends as it should, nothing else changed, what had to be said was said and nothing untrue. "
        f"Figures are means on the {split} split with 95 % intervals. "
        f"Written by `{COMMAND}` from the rows in `evals/results/`."
    )


def _claims(rows: Sequence[Row], part: str = "") -> dict[str, Claim]:
    return {
        f.metric: Claim(
            f"{f.metric} of {f.system}, {rows[0].split} split{part}",
            f.metric,
            f.value,
            f.n,
            f.interval,
            f"evals/results/{f.system}.jsonl",
        )
        for f in figures(rows)
    }


def _solved(runs: Runs) -> Report:
    found = {system: _claims(rows) for system, rows in runs.items()}
    metrics = list(dict.fromkeys(m for claims in found.values() for m in claims))
    cells = {
        f"{NAMES[system]} (`{system}`)": [f"{claims[m].cell()}, n = {claims[m].n}" for m in metrics]
        for system, claims in found.items()
    }
    names = ["solved (pass@1)", *(m.replace("_", " ") for m in metrics if m != SOLVED)]
    claims = [claim for by_metric in found.values() for claim in by_metric.values()]
    return Report(grid(["System", *names], cells), tuple(claims))


def _reliable(runs: Runs) -> Report:
    """pass^k over the trials, what a run costs, and how long it takes."""
    most = max(row.trial for rows in runs.values() for row in rows)
    cells = {}
    claims: list[Claim] = []
    for system, rows in runs.items():
        grades = trials(rows, SOLVED)
        own = max(row.trial for row in rows)
        always = [
            f"{mean_pass_all(k, grades):.2f}" if k <= own else "-" for k in range(1, most + 1)
        ]
        cost, seconds = _amount(rows, claims)
        solved = cost_per_solved(rows)
        per_solved = "unknown" if solved is None else f"{solved:.4f}"
        cells[NAMES[system]] = [*always, cost, per_solved, seconds]
    ks = [f"pass^{k}" for k in range(1, most + 1)]
    head = ["System", *ks, "$ a run, median / p95 / max", "$ a solved task", "ms, p50 / p95"]
    return Report(grid(head, cells), tuple(claims))


def _amount(rows: Sequence[Row], claims: list[Claim]) -> tuple[str, str]:
    """The cells of cost and time; a cost that varies is also a claim."""
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    times = f"{latency_ms(rows, 0.5):.0f} / {latency_ms(rows, 0.95):.0f}"
    if not costs:
        return "unknown", times
    mean, interval = sum(costs) / len(costs), amount_interval(costs)
    if interval:
        text = f"mean cost_usd of {rows[0].system}, {rows[0].split} split"
        place = f"evals/results/{rows[0].system}.jsonl"
        claims.append(Claim(text, "cost_usd", mean, len(costs), interval, place))
    spread = (nearest_rank(costs, share) for share in (0.5, 0.95, 1.0))
    return " / ".join(f"{value:.4f}" for value in spread), times


def _needed(runs: Runs) -> Report:
    """Whether the agent was needed: it minus the others on the same tasks."""
    if "model" not in runs:
        missing = [NAMES[s] for s in SYSTEMS if s not in runs]
        if not missing:
            return Report("", ())
        return Report(f"Not measured yet, because they need a key: {', '.join(missing)}.", ())
    lines, claims = [], []
    agent = by_task(runs["model"], SOLVED)
    for other in (system for system in runs if system != "model"):
        theirs = by_task(runs[other], SOLVED)
        common = [task for task in agent if task in theirs]
        found = compare([theirs[t] for t in common], [agent[t] for t in common])
        claims.append(
            Claim(
                f"{SOLVED} of model minus {other}, {runs['model'][0].split} split, same tasks",
                f"{SOLVED} difference",
                found.difference,
                len(common),
                Interval(found.low, found.high, found.method),
                "evals/results/model.jsonl",
            )
        )
        lines.append(f"- agent minus {NAMES[other]}: {verdict(len(common), found)}")
    return Report("\n".join(lines), tuple(claims))


def _slices(runs: Runs) -> Report:
    cells: dict[str, list[str]] = {}
    claims: list[Claim] = []
    for name in dict.fromkeys(row.slice for rows in runs.values() for row in rows):
        line = []
        for rows in runs.values():
            own = [row for row in rows if row.slice == name]
            claim = _claims(own, f", slice {name}").get(SOLVED) if own else None
            line.append(claim.cell() if claim else "-")
            claims += [claim] if claim else []
        n = len({row.id for rows in runs.values() for row in rows if row.slice == name})
        cells[f"{name} (n = {n})"] = line
    head = ["Kind of task", *(f"solved, {NAMES[system]}" for system in runs)]
    return Report(grid(head, cells), tuple(claims))


def _breaks(runs: Runs) -> str:
    """The steps at which the runs of the last system broke, over both splits."""
    system, rows = list(runs.items())[-1]
    broken = [row.broke_at for row in rows if row.broke_at]
    if not broken:
        return ""
    cells = {f"{b.before} -> {b.at}": [b.why, str(n)] for b, n in counted(broken)[:MOST_BREAKS]}
    return f"Where runs of the {NAMES[system]} break first, {len(broken)} runs:\n\n" + grid(
        ["step", "why", "runs"], cells
    )
