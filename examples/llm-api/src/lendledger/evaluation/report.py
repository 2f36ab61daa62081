"""What the rows say, as tables for the README and as claims; no figure there is typed by hand.

Every mean and difference with a 95 % interval is one Claim, computed from result rows, with its n.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..settings import Settings
from .claims import COMMAND, HEADLINE_SPLIT, SAMPLE, Claim, grid, verdict
from .questions import Question
from .rows import CORRECT, Row, by_item, costs, figures, latency_ms, percentile, read
from .statistics import Interval, amount_interval, compare

BASELINE = "baseline"
NAMES = {BASELINE: "question patterns", "asking": "asking back", "likeness": "by likeness"}

Runs = Mapping[str, Sequence[Row]]  # system -> its rows


@dataclass(frozen=True)
class Report:
    """The text between the README's marks and the numbers it shows."""

    markdown: str
    claims: tuple[Claim, ...]


def load_runs(
    questions: Sequence[Question], settings: Settings
) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Rows on disk by system, and for each system left out what its rows are of instead."""
    wanted = {(question.id, question.fingerprint) for question in questions}
    runs: dict[str, list[Row]] = {}
    stale: dict[str, str] = {}
    for system in (*NAMES, *settings.models):
        rows = read(settings.results / f"{system}.jsonl")
        if rows and {(row.id, row.item) for row in rows} != wanted:
            stale[system] = "other questions"
        elif rows:
            runs[system] = rows
    return runs, stale


def build(runs: Runs) -> Report:
    """The report on the test split, or on dev as long as no question is in test."""
    everything = next(iter(runs.values()))
    test = {s: [row for row in rows if row.split == HEADLINE_SPLIT] for s, rows in runs.items()}
    shown = test if any(test.values()) else runs
    parts = [
        Report(_introduction(everything), ()),
        _graded(shown),
        _price(shown),
        _differences(shown),
        _slices(shown),
    ]
    markdown = "\n\n".join(part.markdown for part in parts if part.markdown)
    return Report(markdown, tuple(claim for part in parts for claim in part.claims))


def _introduction(rows: Sequence[Row]) -> str:
    shipped = any(row.origin == SAMPLE for row in rows)
    heading = "Template reference run, not my result" if shipped else "Results"
    test = sum(row.split == HEADLINE_SPLIT for row in rows)
    split = HEADLINE_SPLIT if test else "dev"
    return (
        f"## {heading}\n\n"
        f"Questions: {len(rows) - test} dev, {test} test. An answer is correct if it tells every "
        "figure and name that the question's SQL gives today; where something is missing it has to "
        "ask, and what is not in the ledger it has to decline. Tool precision: queries that read "
        "only the tables of the truth. "
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


def _name(system: str) -> str:
    return f"{NAMES.get(system, system)} (`{system}`)"


def _graded(runs: Runs) -> Report:
    found = {system: _claims(rows) for system, rows in runs.items()}
    metrics = list(dict.fromkeys(m for claims in found.values() for m in claims))
    cells = {
        _name(system): [f"{claims[m].cell()}, n = {claims[m].n}" for m in metrics]
        for system, claims in found.items()
    }
    claims = [claim for by_metric in found.values() for claim in by_metric.values()]
    return Report(grid(["System", *(m.replace("_", " ") for m in metrics)], cells), tuple(claims))


def _price(runs: Runs) -> Report:
    """What an answer costs and how long it takes, to its first piece of text and to its end."""
    cells = {_name(system): [_dollars(rows), *_times(rows)] for system, rows in runs.items()}
    head = ["System", "mean cost (USD)", "p50 ms", "p95 ms", "first text, p50 ms", "p95 ms"]
    claims = [claim for rows in runs.values() if (claim := _cost(rows))]
    return Report(grid(head, cells), tuple(claims))


def _cost(rows: Sequence[Row]) -> Claim | None:
    """The mean cost of an answer as a claim; None where all costs are the same."""
    spent = costs(rows)
    interval = amount_interval(spent)
    if interval is None:
        return None
    system, mean = rows[0].system, sum(spent) / len(spent)
    text = f"mean cost_usd of {system}, {rows[0].split} split"
    return Claim(text, "cost_usd", mean, len(spent), interval, f"evals/results/{system}.jsonl")


def _dollars(rows: Sequence[Row]) -> str:
    spent = costs(rows)
    if not spent:
        return "unknown"
    claim = _cost(rows)
    mean = sum(spent) / len(spent)
    return f"${mean:.6f} {claim.bounds(6)}" if claim else f"${mean:g}"


def _times(rows: Sequence[Row]) -> list[str]:
    first = [row.first_text_ms for row in rows if row.first_text_ms is not None]
    streamed = [f"{percentile(first, share):.0f}" if first else "-" for share in (0.5, 0.95)]
    return [f"{latency_ms(rows, share):.0f}" for share in (0.5, 0.95)] + streamed


def _differences(runs: Runs) -> Report:
    """Each system minus each one before it, on the same questions."""
    lines, claims = [], []
    for before, after in combinations(runs, 2):
        first, second = by_item(runs[before], CORRECT), by_item(runs[after], CORRECT)
        found = compare([first[q] for q in second], [second[q] for q in second])
        claims.append(
            Claim(
                f"{CORRECT} of {after} minus {before}, {runs[after][0].split} split, same items",
                f"{CORRECT} difference",
                found.difference,
                len(second),
                Interval(found.low, found.high, found.method),
                f"evals/results/{after}.jsonl",
            )
        )
        lines.append(f"- {after} minus {before}, correct: {verdict(len(second), found)}")
    if not lines:
        return Report("Not measured yet, because they need a key: the models.", ())
    return Report("\n".join(lines), tuple(claims))


def _slices(runs: Runs) -> Report:
    cells: dict[str, list[str]] = {}
    claims: list[Claim] = []
    for name in dict.fromkeys(row.slice for rows in runs.values() for row in rows):
        line = []
        for rows in runs.values():
            claim = _claims([row for row in rows if row.slice == name], f", slice {name}")[CORRECT]
            line.append(claim.cell())
            claims.append(claim)
        n = len({row.id for rows in runs.values() for row in rows if row.slice == name})
        cells[f"{name} (n = {n})"] = line
    head = ["Kind of question", *(f"correct, {NAMES.get(s, s)}" for s in runs)]
    return Report(grid(head, cells), tuple(claims))
