"""What the rows say, as tables for the README and as claims; no figure there is typed by hand.

Every mean and difference with a 95 % interval is one Claim, computed from result rows, with its n.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..items import Item
from ..record import FIELDS
from ..settings import Settings
from ..systems import SYSTEMS
from .claims import COMMAND, SAMPLE, Claim, grid, verdict
from .rows import Row, by_item, costs, figures, latency_ms, read
from .scoring import EXACT, MAIN
from .statistics import Interval, amount_interval, compare

BASELINE, REFERENCE, TUNED = "baseline", "best-prompt", "tuned"
MOST_NAMED = 20
SETS = {"test": "Locked test set", "dev": "Dev set, where prompts are chosen"}

Runs = Mapping[str, Sequence[Row]]  # system -> its rows
Cells = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Report:
    """Markdown and the numbers it shows."""

    markdown: str
    claims: tuple[Claim, ...] = ()


def load_runs(items: Sequence[Item], settings: Settings) -> tuple[dict[str, list[Row]], list[str]]:
    """Rows on disk by system, and the systems whose rows are of other messages."""
    wanted = {(item.id, item.fingerprint) for item in items}
    runs: dict[str, list[Row]] = {}
    stale: list[str] = []
    for system in SYSTEMS:
        rows = read(settings.results / f"{system}.jsonl")
        if rows and {(row.id, row.item) for row in rows} != wanted:
            stale.append(system)
        elif rows:
            runs[system] = rows
    return runs, stale


def build(runs: Runs, *more: Report) -> Report:
    """The report on one split; `more` is what other commands found."""
    parts = [
        Report(_introduction(next(iter(runs.values())))),
        _graded(runs, MAIN),
        _graded(runs, FIELDS),
        _price(runs),
        _differences(runs),
        _worse(runs),
        *more,
        _slices(runs),
    ]
    markdown = "\n\n".join(part.markdown for part in parts if part.markdown)
    return Report(markdown, tuple(claim for part in parts for claim in part.claims))


def _introduction(rows: Sequence[Row]) -> str:
    shipped = any(row.origin == SAMPLE for row in rows)
    heading = "Template reference run, not my result" if shipped else "Results"
    which = SETS[rows[0].split]
    return (
        f"## {heading}\n\n"
        f"{which}: {len(rows)} messages, the same for every system. `exact`: the whole "
        "record is right; `valid`: the reply is a record and nothing else; `fields`: share of the "
        "five fields that are right. Means with 95 % intervals. "
        f"Written by `{COMMAND}` from the rows in `evals/results/`."
    )


def claims_of(rows: Sequence[Row], part: str = "") -> dict[str, Claim]:
    """One claim for each grade of one system."""
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


def _graded(runs: Runs, metrics: Sequence[str]) -> Report:
    found = {system: claims_of(rows) for system, rows in runs.items()}
    cells = {s: [claims[m].cell() for m in metrics] for s, claims in found.items()}
    claims = [each[m] for each in found.values() for m in metrics]
    return Report(grid(["System", *metrics], cells), tuple(claims))


def _price(runs: Runs) -> Report:
    cells = {
        system: [_tokens(rows), _dollars(rows), *_times(rows)] for system, rows in runs.items()
    }
    claims = [claim for rows in runs.values() if (claim := _cost(rows))]
    head = ["System", "tokens in / out", "mean cost (USD)", "p50 ms", "p95 ms"]
    return Report(grid(head, cells), tuple(claims))


def _tokens(rows: Sequence[Row]) -> str:
    read_in = sum(row.usage.input_tokens + row.usage.cached_tokens for row in rows)
    written = sum(row.usage.output_tokens for row in rows)
    return f"{read_in / len(rows):.0f} / {written / len(rows):.0f}"


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
    if rows[0].system not in (BASELINE, "api"):
        return "machine: see `breakeven`"
    if not spent:
        return "unknown"
    claim = _cost(rows)
    mean = sum(spent) / len(spent)
    return f"${mean:.6f} {claim.bounds(6)}" if claim else f"${mean:g}"


def _times(rows: Sequence[Row]) -> list[str]:
    return [f"{latency_ms(rows, share):.0f}" for share in (0.5, 0.95)]


def _differences(runs: Runs) -> Report:
    """Each system minus the best prompt and minus the baseline, on the same messages."""
    pairs = [(a, b) for a in (BASELINE, REFERENCE) for b in runs if a in runs and a != b]
    pairs = [(a, b) for a, b in pairs if b != BASELINE]
    lines, claims = [], []
    for before, after in pairs:
        line, claim = _difference(before, after, runs)
        lines.append(line)
        claims.append(claim)
    absent = [system for system in SYSTEMS if system not in runs]
    if absent:
        lines.append(f"\nNot measured yet: {', '.join(absent)}.")
    return Report("\n".join(lines).strip(), tuple(claims))


def _difference(before: str, after: str, runs: Runs) -> tuple[str, Claim]:
    first, second = by_item(runs[before], EXACT), by_item(runs[after], EXACT)
    found = compare([first[q] for q in second], [second[q] for q in second])
    claim = Claim(
        f"{EXACT} of {after} minus {before}, {runs[after][0].split} split, same items",
        f"{EXACT} difference",
        found.difference,
        len(second),
        Interval(found.low, found.high, found.method),
        f"evals/results/{after}.jsonl",
    )
    return f"- {after} minus {before}, exact: {verdict(len(second), found)}", claim


def _worse(runs: Runs) -> Report:
    """Messages that the best other way had right and the tuned model has wrong."""
    others = [system for system in runs if system != TUNED]
    if TUNED not in runs or not others:
        return Report("")
    best = max(others, key=lambda system: sum(by_item(runs[system], EXACT).values()))
    before, after = by_item(runs[best], EXACT), by_item(runs[TUNED], EXACT)
    lost = [name for name in after if after[name] < before[name]]
    named = ", ".join(lost[:MOST_NAMED]) + (" ..." if len(lost) > MOST_NAMED else "")
    said = f"**What got worse:** {len(lost)} messages that {best} has right and tuned has wrong"
    return Report(f"{said}: {named}." if lost else f"{said}.")


def _slices(runs: Runs) -> Report:
    cells: dict[str, list[str]] = {}
    claims: list[Claim] = []
    for name in dict.fromkeys(row.slice for rows in runs.values() for row in rows):
        line = []
        for rows in runs.values():
            claim = claims_of([row for row in rows if row.slice == name], f", slice {name}")[EXACT]
            line.append(claim.cell())
            claims.append(claim)
        n = len({row.id for rows in runs.values() for row in rows if row.slice == name})
        cells[f"{name} (n = {n})"] = line
    return Report(grid(["Kind of message", *(f"exact, {s}" for s in runs)], cells), tuple(claims))
