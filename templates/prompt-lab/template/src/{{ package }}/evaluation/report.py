"""What the rows say, as tables for the README and as claims; no figure there is typed by hand.

Every mean and difference with a 95 % interval is one Claim, computed from result rows, with its n.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..experiments.ladder import Rung, paired
from ..items import Item
from ..record import FIELDS
from ..settings import Settings
from ..systems import SYSTEMS
from .claims import COMMAND, SAMPLE, Claim, grid, verdict
from .rows import Row, figures, latency_ms, read
from .scoring import DECIDING, EXACT, MAIN
from .statistics import Interval

BASELINE = "baseline"
SETS = {"test": "Locked test set", "dev": "Dev set, where prompts are chosen"}

Runs = Mapping[str, Sequence[Row]]  # system -> its rows


@dataclass(frozen=True)
class Report:
    """Markdown and the numbers it shows."""

    markdown: str
    claims: tuple[Claim, ...] = ()


def joined(parts: Sequence[Report]) -> Report:
    """The parts one below the other; empty ones are left out."""
    markdown = "\n\n".join(part.markdown for part in parts if part.markdown)
    return Report(markdown, tuple(claim for part in parts for claim in part.claims))


def load_runs(items: Sequence[Item], settings: Settings) -> tuple[dict[str, list[Row]], list[str]]:
    """Test rows on disk by system, and the systems whose rows are of other messages."""
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


def on_test(runs: Runs) -> Report:
    """The systems beside each other on the test set."""
    rows = next(iter(runs.values()))
    parts = [Report(_introduction(rows)), _graded(runs, MAIN), _graded(runs, FIELDS)]
    return joined([*parts, _price(runs), _differences(runs)])


def slices(runs: Runs) -> Report:
    """Exact by kind of message: where a mean hides a weak spot."""
    cells: dict[str, list[str]] = {}
    claims: list[Claim] = []
    for name in dict.fromkeys(row.slice for rows in runs.values() for row in rows):
        own = {s: [row for row in rows if row.slice == name] for s, rows in runs.items()}
        line = {s: claim_of(rows, EXACT, _place(s), f", slice {name}") for s, rows in own.items()}
        claims += line.values()
        n = len(next(iter(own.values())))
        cells[f"{name} (n = {n})"] = [claim.cell() for claim in line.values()]
    head = ["Kind of message", *(f"exact, {s}" for s in runs)]
    return Report(grid(head, cells), tuple(claims))


def ladder(rungs: Sequence[Rung], system: str, chosen: str) -> Report:
    """The climb on dev: what each version gave, the step to it, and what it was aimed at."""
    if not rungs:
        return Report("")
    cells, claims = {}, []
    for rung in rungs:
        place, label = f"evals/dev/{system}-{rung.version.short}.jsonl", _named(rung, chosen)
        part = f", {rung.version.short}"
        own = [claim_of(rung.rows, metric, place, part) for metric in (EXACT, DECIDING)]
        shown = [claim.cell() for claim in own]
        cells[label] = [*shown, _step(rung), rung.version.aims, rung.aimed, _size(rung.rows)]
        claims += own
        claims += [_stepped(rung, rungs, system)] if rung.step else []
    head = ["Version", "exact", "fields", "step", "aimed at", "failures there", "tokens, p50 ms"]
    n = len(rungs[0].rows)
    lines = [f"**The climb of {system}** on dev, n = {n}, 95 % intervals; the winner in bold:", ""]
    lines += [grid(head, cells)]
    if len(rungs) > 1:
        lines += ["", _whole_climb(rungs)]
    return Report("\n".join(lines), tuple(claims))


def claim_of(rows: Sequence[Row], metric: str, place: str, part: str = "") -> Claim:
    """The mean of one grade as a claim; `place` is the file of the rows."""
    found = next(figure for figure in figures(rows) if figure.metric == metric)
    text = f"{metric} of {rows[0].system}, {rows[0].split} split{part}"
    return Claim(text, metric, found.value, found.n, found.interval, place)


def _stepped(rung: Rung, rungs: Sequence[Rung], system: str) -> Claim:
    """The step to a rung, which is not the first, as a claim."""
    before = rungs[rungs.index(rung) - 1]
    found = paired(before.rows, rung.rows)
    names = f"{rung.version.short} minus {before.version.short}"
    return Claim(
        f"{DECIDING} of {system}, {names}, dev split, same items",
        f"{DECIDING} difference",
        found.difference,
        len(rung.rows),
        Interval(found.low, found.high, found.method),
        f"evals/dev/{system}-{rung.version.short}.jsonl",
        f"evals/dev/{system}-{before.version.short}.jsonl",
    )


def _named(rung: Rung, chosen: str) -> str:
    return f"**{rung.version.short}**" if rung.version.short == chosen else rung.version.short


def _step(rung: Rung) -> str:
    found = rung.step
    if found is None:
        return ""
    clear = "clear" if found.clear else "not clear"
    return f"{found.difference:+z.2f} [{found.low:+z.2f}, {found.high:+z.2f}], {clear}"


def _whole_climb(rungs: Sequence[Rung]) -> str:
    first, last = rungs[0], rungs[-1]
    found = paired(first.rows, last.rows)
    names = f"{last.version.short} minus {first.version.short}"
    return f"- {names}, {DECIDING}: {verdict(len(last.rows), found)}"


def _size(rows: Sequence[Row]) -> str:
    read_in = sum(row.usage.input_tokens + row.usage.cached_tokens for row in rows)
    return f"{read_in / len(rows):.0f}, {latency_ms(rows, 0.5):.0f}"


def _introduction(rows: Sequence[Row]) -> str:
    shipped = any(row.origin == SAMPLE for row in rows)
    heading = "Template reference run, not my result" if shipped else "Results"
    return (
        f"## {heading}\n\n"
        f"{SETS[rows[0].split]}: {len(rows)} messages, the same for every system. `exact`: the "
        "whole record is right; `valid`: the reply is a record and nothing else; `fields`: share "
        "of the six fields that are right. Means with 95 % intervals. "
        f"Written by `{COMMAND}` from the rows in `evals/`."
    )


def _place(system: str) -> str:
    return f"evals/results/{system}.jsonl"


def _graded(runs: Runs, metrics: Sequence[str]) -> Report:
    found = {s: [claim_of(rows, m, _place(s)) for m in metrics] for s, rows in runs.items()}
    cells = {_with_prompt(runs[s]): [c.cell() for c in claims] for s, claims in found.items()}
    claims = tuple(claim for each in found.values() for claim in each)
    return Report(grid(["System", *metrics], cells), claims)


def _with_prompt(rows: Sequence[Row]) -> str:
    return f"{rows[0].system}, {rows[0].prompt}" if rows[0].prompt else rows[0].system


def _price(runs: Runs) -> Report:
    cells = {s: [_tokens(rows), _dollars(rows), *_times(rows)] for s, rows in runs.items()}
    head = ["System", "tokens in / cached / out", "mean cost (USD)", "p50 ms", "p95 ms"]
    return Report(grid(head, cells))


def _tokens(rows: Sequence[Row]) -> str:
    kinds = ("input_tokens", "cached_tokens", "output_tokens")
    return " / ".join(f"{sum(getattr(r.usage, k) for r in rows) / len(rows):.0f}" for k in kinds)


def _dollars(rows: Sequence[Row]) -> str:
    if rows[0].system == "local":
        return "its machine"
    known = [row.cost_usd for row in rows if row.cost_usd is not None]
    return f"${sum(known) / len(known):.6f}" if len(known) == len(rows) else "unknown"


def _times(rows: Sequence[Row]) -> list[str]:
    return [f"{latency_ms(rows, share):.0f}" for share in (0.5, 0.95)]


def _differences(runs: Runs) -> Report:
    """Each pair of systems on the same messages."""
    names = list(runs)
    lines, claims = [], []
    for place, before in enumerate(names):
        for after in names[place + 1 :]:
            found = paired(runs[before], runs[after], EXACT)
            n = len(runs[after])
            lines.append(f"- {after} minus {before}, {EXACT}: {verdict(n, found)}")
            claims.append(_against(before, after, runs))
    if absent := [system for system in SYSTEMS if system not in runs]:
        lines.append(f"\nNot measured yet: {', '.join(absent)}.")
    return Report("\n".join(lines).strip(), tuple(claims))


def _against(before: str, after: str, runs: Runs) -> Claim:
    found = paired(runs[before], runs[after], EXACT)
    return Claim(
        f"{EXACT} of {after} minus {before}, {runs[after][0].split} split, same items",
        f"{EXACT} difference",
        found.difference,
        len(runs[after]),
        Interval(found.low, found.high, found.method),
        _place(after),
    )
