"""The one mistake that hurts: a bicycle that must not be ridden, and the card does not say so.

Invariant: `stop_found` is over the messages labelled `stop` alone and `false_alarm` over all
others, so that neither can be bought with the other unseen.
"""

from collections.abc import Mapping, Sequence

from .claims import Claim, grid, verdict
from .report import BASELINE, Report, Runs
from .rows import Row, by_item
from .scoring import FALSE_ALARM, STOP_FOUND
from .statistics import Interval, compare, mean_interval

METRICS = (STOP_FOUND, FALSE_ALARM)
TRIED = "cautious"


def report_of(runs: Runs) -> Report:
    """How many dangers each system finds, how often it cries, and what the second look brings."""
    if not all(by_item(rows, metric) for rows in runs.values() for metric in METRICS):
        return Report("")  # without a danger, or with nothing else, there is no share to tell
    found = {system: _claims(rows) for system, rows in runs.items()}
    lines = {system: [claim.cell() for claim in claims] for system, claims in found.items()}
    sizes = [claim.n for claim in next(iter(found.values()))]
    head = [f"{metric} (n = {n})" for metric, n in zip(METRICS, sizes, strict=True)]
    table = grid(["Must not be ridden", *head], lines)
    sentences, differences = _second_look(runs)
    every = tuple(claim for claims in found.values() for claim in claims)
    return Report("\n\n".join([table, *sentences]), (*every, *differences))


def missed(rows: Sequence[Row]) -> list[Row]:
    """The rows that let somebody ride on."""
    return [row for row in rows if row.grades.get(STOP_FOUND) == 0]


def _claims(rows: Sequence[Row]) -> list[Claim]:
    return [_claim(rows, metric, by_item(rows, metric)) for metric in METRICS]


def _claim(rows: Sequence[Row], metric: str, graded: Mapping[str, float]) -> Claim:
    values = list(graded.values())
    system = rows[0].system
    return Claim(
        f"{metric} of {system}, {rows[0].split} split",
        metric,
        sum(values) / len(values),
        len(values),
        mean_interval(values),
        f"evals/results/{system}.jsonl",
    )


def _second_look(runs: Runs) -> tuple[list[str], list[Claim]]:
    """Rules with and without the counts, on the same messages; nothing where one is missing."""
    if not {BASELINE, TRIED} <= runs.keys():
        return [], []
    made = [_difference(runs, metric) for metric in METRICS]
    return ["\n".join(sentence for sentence, _ in made)], [claim for _, claim in made]


def _difference(runs: Runs, metric: str) -> tuple[str, Claim]:
    before, after = by_item(runs[BASELINE], metric), by_item(runs[TRIED], metric)
    found = compare(list(before.values()), [after[name] for name in before])
    claim = Claim(
        f"{metric} of {TRIED} minus {BASELINE}, test split, same messages",
        f"{metric} difference",
        found.difference,
        len(before),
        Interval(found.low, found.high, found.method),
        f"evals/results/{TRIED}.jsonl",
    )
    return f"- {TRIED} minus {BASELINE}, {metric}: {verdict(len(before), found)}", claim
