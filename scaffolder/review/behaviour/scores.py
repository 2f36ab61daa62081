"""The grades that an evaluation wrote into its rows, item by item.

Invariant: only rows that this very run wrote count; what a row does not grade is not there.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour.bench import Bench, Trial
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import Break, ControlFailed, NotApplicable, Outcome
from scaffolder.review.results import resultrows

Key = tuple[str, str, str]
"""File, system, metric."""

Scores = Mapping[Key, Mapping[str, float]]
"""The grade of each item, by its id and split."""

LEAST = 0.05
"""A mean below this has nowhere to fall to."""

FALLEN = 0.6
"""A grade that rests on what was broken keeps less than this part: with the results of other
questions a recall near k/N is left, far below it; noise of some dozen items does not reach it."""

FEWEST = 6
FAR = 7
"""Items below which nothing is exchanged, and how far at most: neighbours are often alike."""

_RETRIEVAL = re.compile(r"recall|mrr|ndcg|\bhit|\bmap\b|precision@", re.I)
_ASIDE = re.compile(
    r"latenc|cost|usd|token|second|_ms$|time|abstain|abstention|refus|declin|length|size|steps",
    re.I,
)


@dataclass(frozen=True)
class Evaluated:
    """An evaluation that was run: how it ended, what it wrote."""

    outcome: Outcome
    scores: Scores


def control(bench: Bench) -> Evaluated:
    """The evaluation without a fault, once; ControlFailed where it wrote no grades."""

    def make() -> Evaluated:
        with benches.trial(bench) as trial:
            words = command(bench.declared, "eval")
            done = benches.worked(trial, benches.run(trial, words, seconds=benches.LONG))
            found = of(trial, done)
        if not found:
            seen = done.evidence("no rows with grades under [paths] results were written")
            raise ControlFailed("the evaluation wrote no rows with grades", seen)
        return Evaluated(done, found)

    return benches.once(bench, "eval with scores", make)


def lag(bench: Bench) -> Mapping[str, int]:
    """How far apart results are exchanged; NotApplicable where there are too few items to."""
    items = max(len(values) for values in control(bench).scores.values())
    if items < FEWEST:
        raise NotApplicable(f"{items} items are too few to exchange their results")
    return {"lag": min(FAR, items // 3)}


def broken(bench: Bench, how: str, target: str, args: Mapping[str, int]) -> Evaluated:
    """The evaluation with one function of the project misbehaving."""
    with benches.trial(bench) as trial:
        words = command(bench.declared, "eval")
        each = Break(target, how, args)
        done = benches.run(trial, words, breaks=[each], seconds=benches.LONG)
        return Evaluated(done, of(trial, done))


def of(trial: Trial, done: Outcome) -> Scores:
    """The grades in the rows that a command wrote in the copy."""
    place = trial.bench.declared.paths.get("results", "").strip("/")
    found: dict[Key, dict[str, float]] = defaultdict(dict)
    for path in done.written:
        if path.endswith(".jsonl") and path.startswith(f"{place}/" if place else ""):
            for row in resultrows.of_text(path, benches.read(trial, path) or ""):
                _add(found, row)
    return found


def means(scores: Scores, retrieval: bool | None = None) -> Mapping[Key, float]:
    """The mean of every metric that could fall; those of retrieval, those of answers, or all."""
    found = {key: fmean(values.values()) for key, values in scores.items() if values}
    return {
        key: mean
        for key, mean in found.items()
        if mean >= LEAST and retrieval in (None, bool(_RETRIEVAL.search(key[2])))
    }


def standing(before: Mapping[Key, float], after: Scores) -> list[Key]:
    """The metrics that did not fall: they do not rest on what was broken."""
    now = {key: fmean(values.values()) for key, values in after.items() if values}
    return [key for key, mean in before.items() if now.get(key, 0.0) > FALLEN * mean]


def _add(found: dict[Key, dict[str, float]], row: resultrows.Row) -> None:
    for metric in resultrows.grades(row):
        value = resultrows.grade(row, metric)
        if value is not None and not _ASIDE.search(metric):
            item = f"{row.id} {row.text('split')}".strip()
            found[(row.path, row.system, metric)][item] = value
