"""What the rows say, as tables for the README and as claims; no figure there is typed by hand.

Every mean and difference with a 95 % interval is one Claim, computed from result rows, with its n.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..desk import READERS, System
from ..settings import Settings
from .claims import COMMAND, HEADLINE_SPLIT, SAMPLE, Claim, grid, verdict
from .reliability import pass_all
from .rows import (
    SOLVED,
    Row,
    by_task,
    cost_per_solved,
    costs_by_task,
    figures,
    latency_ms,
    percentile,
    read,
    trials,
)
from .run import setting_of
from .statistics import Interval, amount_interval, compare, mean_interval
from .steps import counted
from .tasks import Task

SYSTEMS: tuple[System, ...] = ("baseline", "words", "clauses", "single", "model")
NAMES = {
    "baseline": "fixed workflow",
    "words": "more words",
    "clauses": "by clauses",
    "single": "single call",
    "model": "agent",
}
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
        _price(shown),
        _changes(shown),
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
        f"Tasks: {len(splits) - test} dev, {test} test. A task is solved if the shop "
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
    """pass^k: the chance that k runs of a task in a row are all solved, mean over the tasks."""
    most = max(row.trial for rows in runs.values() for row in rows)
    if most == 1:
        return Report("", ())
    found = {system: [*_always(rows)] for system, rows in runs.items()}
    cells = {
        NAMES[system]: [claim.cell() for claim in claims] + ["-"] * (most - len(claims))
        for system, claims in found.items()
    }
    table = grid(["System", *(f"pass^{k}" for k in range(1, most + 1))], cells)
    same = [NAMES[s] for s, rows in runs.items() if _never_varies(rows)]
    note = f"\n\nEach run of a task came out as the others: {', '.join(same)}." if same else ""
    return Report(table + note, tuple(claim for claims in found.values() for claim in claims))


def _always(rows: Sequence[Row]) -> Iterator[Claim]:
    """pass^1 to pass^k of one system, as far as each of its tasks has trials."""
    tried = [*trials(rows, SOLVED).values()]
    for k in range(1, min(map(len, tried)) + 1):
        each = [pass_all(k, sum(g == 1 for g in grades), len(grades)) for grades in tried]
        yield Claim(
            f"pass^{k} of {rows[0].system}, {rows[0].split} split",
            f"pass^{k}",
            sum(each) / len(each),
            len(each),
            mean_interval(each),
            f"evals/results/{rows[0].system}.jsonl",
        )


def _never_varies(rows: Sequence[Row]) -> bool:
    return all(len(set(grades)) == 1 for grades in trials(rows, SOLVED).values())


def _price(runs: Runs) -> Report:
    """What a run and a solved task cost, and how long a run takes."""
    claims = [claim for rows in runs.values() if (claim := _cost(rows))]
    cells = {NAMES[system]: [*_costs(rows), *_times(rows)] for system, rows in runs.items()}
    amounts = (f"{name} cost (USD)" for name in ("mean", "median", "p95", "max"))
    head = ["System", *amounts, "cost per solved task (USD)", "p50 ms", "p95 ms"]
    return Report(grid(head, cells), tuple(claims))


def _costs(rows: Sequence[Row]) -> list[str]:
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    if len(costs) < len(rows):
        return ["unknown"] * 5
    claim, solved = _cost(rows), cost_per_solved(rows)
    mean = _dollars(sum(costs) / len(costs))
    if claim:
        mean += f" {claim.bounds(_digits(claim.value))}"
    shares = (_dollars(percentile(costs, share)) for share in (0.5, 0.95, 1.0))
    return [mean, *shares, "none solved" if solved is None else _dollars(solved)]


def _times(rows: Sequence[Row]) -> list[str]:
    return [f"{latency_ms(rows, share):.0f}" for share in (0.5, 0.95)]


def _cost(rows: Sequence[Row]) -> Claim | None:
    """The mean cost of a run as a claim; None where all costs are the same."""
    costs = costs_by_task(rows)
    interval = amount_interval(costs)
    if interval is None:
        return None
    system, mean = rows[0].system, sum(costs) / len(costs)
    text = f"mean cost_usd of {system}, {rows[0].split} split"
    return Claim(text, "cost_usd", mean, len(costs), interval, f"evals/results/{system}.jsonl")


def _dollars(amount: float) -> str:
    return f"${amount:.{_digits(amount)}f}" if amount else "$0"


def _digits(amount: float) -> int:
    """Decimals that leave three digits of a cent or less."""
    return 4 if amount >= 0.01 else 6


def _changes(runs: Runs) -> Report:
    """Each reader minus the one before it on the same tasks."""
    free = [system for system in runs if system in READERS]
    lines, claims = [], []
    for before, after in pairwise(free):
        first, second = by_task(runs[before], SOLVED), by_task(runs[after], SOLVED)
        found = compare([first[t] for t in second], [second[t] for t in second])
        claims.append(
            Claim(
                f"{SOLVED} of {after} minus {before}, {runs[after][0].split} split, same tasks",
                f"{SOLVED} difference",
                found.difference,
                len(second),
                Interval(found.low, found.high, found.method),
                f"evals/results/{after}.jsonl",
            )
        )
        lines.append(f"- {after} minus {before}, solved: {verdict(len(second), found)}")
    return Report("\n".join(lines), tuple(claims))


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
    """The steps at which unsolved runs of each system broke first, over both splits."""
    broken = {s: [row.broke_at for row in rows if row.broke_at] for s, rows in runs.items()}
    commonest = counted([b for breaks in broken.values() for b in breaks])[:MOST_BREAKS]
    if not commonest:
        return ""
    each = {system: dict(counted(breaks)) for system, breaks in broken.items()}
    cells = {
        f"{b.before} -> {b.at}: {b.why}": [str(breaks.get(b, 0)) for breaks in each.values()]
        for b, _ in commonest
    }
    head = ["step and why", *(f"runs, {NAMES[system]}" for system in runs)]
    title = "The commonest places where unsolved runs break first, over both splits:"
    return f"{title}\n\n{grid(head, cells)}"
