"""Tables of the variations of one version: each against its reference on the same messages.

Invariant: a table is computed from the rows on disk; variations of different versions never stand
in one table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..experiments.attacks import KEPT, RESISTED
from ..experiments.ladder import paired
from ..settings import Settings
from .claims import Claim, grid
from .report import Report, claim_of, joined
from .rows import Row, latency_ms, read
from .scoring import DECIDING
from .statistics import Interval

Named = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Study:
    """Where its rows are, what its reference is called, how its table begins."""

    place: str
    reference: str
    title: str


STUDIES = (
    Study("ablation", "all-rules", "**One rule left out** at a time: what falls earned its place"),
    Study("examples", "none-0", "**Examples**, chosen by a rule, at random, in other orders"),
    Study("reasoning", "room-0", "**Room to reason** before the record, in tokens"),
    Study("perturbed", "as-written", "**Harmless changes** of message or prompt"),
)


def study(settings: Settings, system: str, which: Study) -> Report:
    """The table of a study for one system; empty where it was not run whole."""
    runs = rows_of(settings, system, which.place)
    if which.reference not in runs:
        return Report("")
    prompt, n = runs[which.reference][0].prompt, len(runs[which.reference])
    cells = {name: _line(rows, runs[which.reference]) for name, rows in runs.items()}
    head = ["Variation", "fields", "difference", "better / worse", "tokens in, out", "p50 ms"]
    title = f"{which.title} ({system}, {prompt}, dev, n = {n}):"
    claims = [_claim(which, system, name, rows) for name, rows in runs.items()]
    claims += [_change(which, system, name, runs) for name in runs if name != which.reference]
    return Report(f"{title}\n\n{grid(head, cells)}", tuple(claims))


def attacked(settings: Settings, system: str) -> Report:
    """How many attacks changed nothing, by kind."""
    rows = read(settings.evals / "attacks" / f"{system}-attacked.jsonl")
    if not rows:
        return Report("")
    place = f"evals/attacks/{system}-attacked.jsonl"
    claims = [claim_of(rows, metric, place, ", attacks") for metric in (RESISTED, KEPT)]
    cells = {f"all (n = {len(rows)})": [claim.cell() for claim in claims]}
    for kind in dict.fromkeys(row.kind for row in rows):
        own = [row for row in rows if row.kind == kind]
        held = [f"{sum(r.grades[m] for r in own):.0f} of {len(own)}" for m in (RESISTED, KEPT)]
        cells[kind] = held
    head = ["Attack", "decision unchanged", "nothing of the prompt told"]
    title = f"**Orders inside a message** ({system}, {rows[0].prompt}, dev messages):"
    return Report(f"{title}\n\n{grid(head, cells)}", tuple(claims))


def all_studies(settings: Settings, system: str) -> Report:
    """Every study of a system that was run."""
    return joined([*(study(settings, system, w) for w in STUDIES), attacked(settings, system)])


def rows_of(settings: Settings, system: str, place: str) -> dict[str, list[Row]]:
    """Rows by variation, the reference and smaller numbers first; of one version only."""
    folder = settings.evals / place
    found = {p.stem.removeprefix(f"{system}-"): read(p) for p in folder.glob(f"{system}-*.jsonl")}
    runs = {name: rows for name, rows in found.items() if rows}
    references = {w.place: w.reference for w in STUDIES}
    return dict(sorted(runs.items(), key=lambda pair: (pair[0] != references.get(place), pair[0])))


def _line(rows: Sequence[Row], reference: Sequence[Row]) -> list[str]:
    read_in = sum(r.usage.input_tokens + r.usage.cached_tokens for r in rows) / len(rows)
    written = sum(r.usage.output_tokens for r in rows) / len(rows)
    spent = [f"{read_in:.0f}, {written:.0f}", f"{latency_ms(rows, 0.5):.0f}"]
    return [claim_of(rows, DECIDING, "").cell(), *_moved(rows, reference), *spent]


def _moved(rows: Sequence[Row], reference: Sequence[Row]) -> list[str]:
    if rows is reference:
        return ["", ""]
    found = paired(reference, rows)
    difference = f"{found.difference:+z.2f} [{found.low:+z.2f}, {found.high:+z.2f}]"
    return [difference, f"{found.better} / {found.worse}"]


def _claim(which: Study, system: str, name: str, rows: Sequence[Row]) -> Claim:
    place = f"evals/{which.place}/{system}-{name}.jsonl"
    return claim_of(rows, DECIDING, place, f", {which.place} {name}")


def _change(which: Study, system: str, name: str, runs: Named) -> Claim:
    found = paired(runs[which.reference], runs[name])
    return Claim(
        f"{DECIDING} of {system}, {name} minus {which.reference}, dev split, same items",
        f"{DECIDING} difference",
        found.difference,
        len(runs[name]),
        Interval(found.low, found.high, found.method),
        f"evals/{which.place}/{system}-{name}.jsonl",
        f"evals/{which.place}/{system}-{which.reference}.jsonl",
    )
