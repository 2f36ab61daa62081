"""How sure a figure is: a 95 % interval for every mean and for every difference on the same items.

Resampling is seeded, so the same rows give the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, bootstrap

SEED = 20_240_229
RESAMPLES = 4_000
LEVEL = 0.95
MOST_DRAWN = 4_000_000  # values held at once, 32 MB, however many rows there are


@dataclass(frozen=True)
class Interval:
    """Bounds of a 95 % confidence interval and the method that made it."""

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class Paired:
    """System B minus system A on the same items; `p_value` is of the exact sign test."""

    difference: float
    low: float
    high: float
    method: str
    better: int
    worse: int
    p_value: float

    @property
    def clear(self) -> bool:
        """Whether both the interval and the sign test speak against "no difference"."""
        return (self.low > 0 or self.high < 0) and self.p_value <= 1 - LEVEL


def wilson(successes: int, n: int) -> Interval:
    """Interval of a rate; Wilson, JASA 22 (1927). It holds for small n and rates of 0 or 1."""
    bounds = binomtest(successes, n).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Interval(float(bounds.low), float(bounds.high), "Wilson")


def mean_interval(values: Sequence[float]) -> Interval:
    """Interval of the mean of at least one value: Wilson for yes/no grades, bootstrap for others.

    The percentile bootstrap (Efron and Tibshirani, 1993, ch. 13) needs two values that differ;
    with fewer the interval is everything that a grade can be, 0 to 1.
    """
    if set(values) <= {0.0, 1.0}:
        return wilson(round(sum(values)), len(values))
    return amount_interval(values) or Interval(0.0, 1.0, "too few values")


def amount_interval(values: Sequence[float]) -> Interval | None:
    """Interval of the mean of seconds or dollars; None without two values that differ."""
    return Interval(*_bootstrap(values), "bootstrap") if len(set(values)) > 1 else None


def compare(first: Sequence[float], second: Sequence[float]) -> Paired:
    """`second` minus `first`, grades from 0 to 1 of the same items in the same order.

    The sign test looks only at the items whose grade changed; on yes/no grades it is McNemar's
    exact test (Psychometrika 12, 1947). A bootstrap of equal differences would claim certainty:
    there the interval grants that as many other items differ as Wilson's bound for 0 of n.
    """
    differences = [b - a for a, b in zip(first, second, strict=True)]
    better = sum(d > 0 for d in differences)
    worse = sum(d < 0 for d in differences)
    p_value = float(binomtest(better, better + worse).pvalue) if better + worse else 1.0
    mean = sum(differences) / len(differences)
    if len(set(differences)) > 1:
        low, high = _bootstrap(differences)
        return Paired(mean, low, high, "paired bootstrap", better, worse, p_value)
    unseen = wilson(0, len(differences)).high
    low, high = (mean + unseen * (extreme - mean) for extreme in (-1, 1))
    return Paired(mean, low, high, "Wilson bound", better, worse, p_value)


def _bootstrap(values: Sequence[float]) -> tuple[float, float]:
    found = bootstrap(
        (np.asarray(values),),
        np.mean,
        n_resamples=RESAMPLES,
        batch=max(1, MOST_DRAWN // len(values)),
        confidence_level=LEVEL,
        method="percentile",
        rng=SEED,
    ).confidence_interval
    return float(found.low), float(found.high)
