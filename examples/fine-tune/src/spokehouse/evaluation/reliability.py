"""What repeats say: whether one try succeeds, whether all do, and how far runs differ.

n trials of an item of which c passed; both estimators are unbiased and averaged over items.
pass@k: Chen et al. 2021 (arXiv 2107.03374), eq. 1. pass^k: Yao et al. 2024 (arXiv 2406.12045).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean, stdev

PASSED = 1.0


@dataclass(frozen=True)
class Spread:
    """The mean of each run and the standard deviation between them; None with one run."""

    means: tuple[float, ...]
    deviation: float | None


def pass_at(k: int, passed: int, trials: int) -> float:
    """The chance that at least one of k tries passes; ValueError if there are fewer trials."""
    _check(k, passed, trials)
    return 1 - comb(trials - passed, k) / comb(trials, k)


def pass_all(k: int, passed: int, trials: int) -> float:
    """pass^k, the chance that k tries in a row all pass; ValueError if there are fewer trials."""
    _check(k, passed, trials)
    return comb(passed, k) / comb(trials, k)


def mean_pass_all(k: int, grades: Mapping[str, Sequence[float]]) -> float:
    """pass^k over items; `grades` are the trials of each, and only a grade of 1 has passed."""
    counts = [(sum(g >= PASSED for g in trials), len(trials)) for trials in grades.values()]
    return fmean(pass_all(k, passed, n) for passed, n in counts)


def spread(runs: Sequence[Sequence[float]]) -> Spread:
    """How far the means of runs over the same items lie apart."""
    means = tuple(fmean(run) for run in runs)
    return Spread(means, stdev(means) if len(means) > 1 else None)


def _check(k: int, passed: int, trials: int) -> None:
    if not 1 <= k <= trials or not 0 <= passed <= trials:
        raise ValueError(f"no pass rate of {k} from {passed} of {trials} trials")
