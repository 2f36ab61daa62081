"""What the rows say, as tables for the README and as claims; no figure there is typed by hand.

Every mean and difference with a 95 % interval is one Claim, computed from result rows, with its n.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scipy.stats import norm

from ..items import Item, version_of
from ..judging.calibration import calibrate
from ..judging.correction import correct
from ..judging.panel import Checked
from ..settings import Settings
from .claims import COMMAND, HEADLINE_SPLIT, SAMPLE, Claim, grid, verdict
from .power import items_needed, items_needed_of
from .registry import Metric, headline
from .reliability import mean_pass_all, spread
from .rows import Figure, Row, by_item, figures, slim, stream
from .statistics import Interval, Paired, compare

Runs = Mapping[str, Sequence[Row]]  # system -> its rows, the dullest first
FEWEST = 5  # items below which a slice is not called the worst


@dataclass(frozen=True)
class Report:
    """The text between the README's marks and the numbers it shows."""

    markdown: str
    claims: tuple[Claim, ...]


def load_runs(
    items: Sequence[Item], settings: Settings, whole: bool = False
) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Rows on disk by system, and for each system left out what its rows are of instead.

    The texts of the rows come with them only if they are wanted `whole`.
    """
    version, runs, stale = version_of(items), {}, {}
    for name, spec in settings.systems.items():
        found = stream(settings.results / f"{name}.jsonl")
        rows = list(found if whole else map(slim, found))
        if not rows:
            continue
        if {row.version for row in rows} != {version}:
            stale[name] = "other items"
        elif not rows[0].setting.startswith(f"{spec.kind} v{spec.version} "):
            stale[name] = f"another version ({rows[0].setting})"
        else:
            runs[name] = rows
    order = [*settings.measured, *(name for name in runs if name not in settings.measured)]
    return {name: runs[name] for name in order if name in runs}, stale


def build(runs: Runs, metrics: list[Metric], checked: Sequence[Checked] = ()) -> Report:
    """The report on the test split, or on dev as long as no item is in test."""
    everything = next(iter(runs.values()))
    test = {s: [row for row in rows if row.split == HEADLINE_SPLIT] for s, rows in runs.items()}
    shown = test if any(test.values()) else runs
    shown = {system: rows for system, rows in shown.items() if rows}
    parts = [
        Report(_introduction(everything), ()),
        _table(shown, [metric.name for metric in metrics]),
        _comparisons(shown, headline(metrics)),
        _worst(shown, headline(metrics)),
        _repeats(shown, headline(metrics)),
        _judged(shown, metrics, checked),
    ]
    markdown = "\n\n".join(part.markdown for part in parts if part.markdown)
    return Report(markdown, tuple(claim for part in parts for claim in part.claims))


def worst_slice(rows: Sequence[Row], metric: str) -> Figure | None:
    """The figure of the slice with the lowest mean, its name as `system`; None without slices."""
    found = []
    for name in dict.fromkeys(row.slice for row in rows):
        own = [row for row in rows if row.slice == name]
        found += [
            Figure(name, f.metric, f.value, f.n, f.interval)
            for f in figures(own)
            if f.metric == metric and f.n >= FEWEST
        ]
    return min(found, key=lambda figure: figure.value, default=None)


def paired(first: Sequence[Row], second: Sequence[Row], metric: str) -> Paired | None:
    """`second` minus `first` over the items that both have; None without such an item."""
    before, after = by_item(first, metric), by_item(second, metric)
    common = [item for item in before if item in after]
    if not common:
        return None
    return compare([before[item] for item in common], [after[item] for item in common])


def needed(found: Paired, n: int) -> str:
    """How many items a difference as large as the one seen takes; "" if it is clear or none.

    For pass or fail the flips decide; for grades between, the spread that the interval tells of.
    """
    if found.clear or not found.difference:
        return ""
    flipping = (found.better + found.worse) / n
    flips = abs(found.better - found.worse) / n
    if abs(abs(found.difference) - flips) < 1e-9:
        items = items_needed(found.difference, flipping)
    else:
        deviation = (found.high - found.low) / (2 * norm.ppf(0.975)) * math.sqrt(n)
        items = items_needed_of(found.difference, deviation)
    return f" A difference of this size takes about {items} items."


def _introduction(rows: Sequence[Row]) -> str:
    shipped = any(row.origin == SAMPLE for row in rows)
    heading = "Template reference run, not my result" if shipped else "Results"
    ids = {row.id: row.split for row in rows}
    test = sum(split == HEADLINE_SPLIT for split in ids.values())
    split = HEADLINE_SPLIT if test else "dev"
    return (
        f"## {heading}\n\n"
        f"{len(ids)} items, version `{rows[0].version}`: {len(ids) - test} dev, {test} test. "
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


def _table(runs: Runs, metrics: Sequence[str]) -> Report:
    found = {system: _claims(rows) for system, rows in runs.items()}
    present = [m for m in metrics if any(m in claims for claims in found.values())]
    cells = {
        system: [_cell(claims.get(metric)) for metric in present]
        for system, claims in found.items()
    }
    claims = [claims[m] for claims in found.values() for m in present if m in claims]
    names = [metric.replace("_", " ") for metric in present]
    return Report(grid(["System", *names], cells), tuple(claims))


def _cell(claim: Claim | None) -> str:
    return f"{claim.cell()}, n = {claim.n}" if claim else "-"


def _comparisons(runs: Runs, metrics: Sequence[str]) -> Report:
    """Each system minus the one before it, on the same items."""
    lines, claims = [], []
    names = list(runs)
    for other, subject in pairwise(names):
        for metric in metrics:
            found = paired(runs[other], runs[subject], metric)
            if found is None:
                continue
            n = len(by_item(runs[subject], metric))
            claims.append(_difference(subject, other, metric, runs[subject], found, n))
            label = metric.replace("_", " ")
            words = f"{verdict(n, found)}{needed(found, n)}"
            lines.append(f"- {subject} minus {other}, {label}: {words}")
    many = "comparison" if len(lines) == 1 else "comparisons"
    head = f"{len(lines)} {many}; of twenty without any difference one would look clear.\n\n"
    return Report(head + "\n".join(lines) if lines else "", tuple(claims))


def _difference(
    subject: str, other: str, metric: str, rows: Sequence[Row], found: Paired, n: int
) -> Claim:
    return Claim(
        f"{metric} of {subject} minus {other}, {rows[0].split} split, same items",
        f"{metric} difference",
        found.difference,
        n,
        Interval(found.low, found.high, found.method),
        f"evals/results/{subject}.jsonl",
    )


def _worst(runs: Runs, metrics: Sequence[str]) -> Report:
    """The worst slice beside the mean, for the last system and each headline metric."""
    system, rows = list(runs.items())[-1]
    lines, claims = [], []
    for metric in metrics:
        worst = worst_slice(rows, metric)
        if worst is None:
            continue
        own = [row for row in rows if row.slice == worst.system]
        claim = _claims(own, f", slice {worst.system}")[metric]
        mean = _claims(rows)[metric]
        label = metric.replace("_", " ")
        lines.append(
            f"- Worst slice of {system}, {label}: {worst.system} {claim.cell()}, n = {claim.n}; "
            f"the mean is {mean.value:.2f}, n = {mean.n}."
        )
        claims.append(claim)
    sizes = Counter({row.id: row.slice for row in rows}.values())
    if min(sizes.values()) < FEWEST:
        lines.append("- Slices of fewer than five items are not looked at for the worst.")
    return Report("\n".join(lines), tuple(claims))


def _repeats(runs: Runs, metrics: Sequence[str]) -> Report:
    """How far trials differ; nothing where each item was asked once."""
    repeated = {s: rows for s, rows in runs.items() if max(row.trial for row in rows) > 1}
    steady = [system for system, rows in repeated.items() if never_varies(rows)]
    lines = [
        _repeat(rows, metric)
        for system, rows in repeated.items()
        for metric in metrics
        if system not in steady
    ]
    if steady:
        trials = max(row.trial for system in steady for row in repeated[system])
        lines.append(f"- All {trials} trials of each item gave the same: {', '.join(steady)}.")
    return Report("\n".join(filter(None, lines)), ())


def never_varies(rows: Sequence[Row]) -> bool:
    """Whether every trial of an item got the grades of its first."""
    first = {row.id: row.grades for row in rows if row.trial == 1}
    return all(row.grades == first.get(row.id) for row in rows)


def _repeat(rows: Sequence[Row], metric: str) -> str:
    grades: dict[str, list[float]] = {}
    for row in rows:
        if metric in row.grades:
            grades.setdefault(row.id, []).append(row.grades[metric])
    trials = max(map(len, grades.values()), default=0)
    whole = {item: values for item, values in grades.items() if len(values) == trials}
    if trials < 2:
        return ""
    found = spread([*zip(*whole.values(), strict=True)])
    means = ", ".join(f"{mean:.2f}" for mean in found.means)
    return (
        f"- {rows[0].system}, {metric.replace('_', ' ')}, {trials} trials: means {means}, "
        f"between-run deviation {found.deviation or 0:.3f}; pass^{trials} "
        f"{mean_pass_all(trials, whole):.2f}."
    )


def _judged(runs: Runs, metrics: Sequence[Metric], checked: Sequence[Checked]) -> Report:
    """The judge's rates on labels it has not seen, and pass rates corrected for its errors."""
    lines = []
    for metric in (m.name for m in metrics if m.grader == "judge"):
        own = [c for c in checked if c.metric == metric and c.split == HEADLINE_SPLIT]
        found = calibrate([(c.label, c.verdict) for c in own])
        if found.tpr.value is None or found.tnr.value is None:
            continue
        name = metric.replace("_", " ")
        lines.append(
            f"- Judge `{own[0].judge}` of {name} on {len(own)} test labels: TPR "
            f"{found.tpr.value:.2f} (n = {found.tpr.n}), TNR {found.tnr.value:.2f} "
            f"(n = {found.tnr.n}), kappa {found.kappa or 0:.2f}"
            + ("." if found.usable else "; below 0.80 its verdicts are not evidence.")
        )
        if not found.usable:
            continue
        hits = [(round(r.value * r.n), r.n) for r in (found.tpr, found.tnr) if r.value is not None]
        for system, rows in runs.items():
            grades = by_item(rows, metric).values()
            if grades:
                rate = correct(round(sum(grades)), len(grades), hits[0], hits[1])
                lines.append(
                    f"- {name} of {system}: {rate.raw:.2f} as judged, {rate.value:.2f} "
                    f"[{rate.interval.low:.2f}, {rate.interval.high:.2f}] corrected for the "
                    f"judge's errors, n = {rate.n}."
                )
    return Report("\n".join(lines), ())
