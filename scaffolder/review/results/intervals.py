"""How sure a figure is: intervals and tests that the review computes itself.

Invariant: plain arithmetic over a bounded number of values; resampling is seeded, so that the same
rows give the same figures.
"""

import math
import random
from collections.abc import Mapping, Sequence

Z = 1.959963984540054
"""97.5 % quantile of the normal distribution, for intervals at 95 %."""

SEED = 20_240_229
RESAMPLES = 600
"""A bound then strays by about 3 % of the interval's width: sqrt(pq/B) over the normal density at
1.96; well inside what a comparison with somebody else's bootstrap has to allow."""

MAX_DRAWS = 200_000
"""Values drawn in one bootstrap; of more rows fewer resamples are made."""

MANY = 1_000
"""Values from which the mean is as good as normal, and no bootstrap is needed."""


def mean(values: Sequence[float]) -> float:
    """The mean of at least one value."""
    return math.fsum(values) / len(values)


def wilson(successes: int, n: int) -> tuple[float, float]:
    """95 % interval of a rate; E. B. Wilson, JASA 22 (1927), without continuity correction."""
    rate, spread = successes / n, Z * Z / n
    middle = (rate + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(rate * (1 - rate) / n + spread / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(values: Sequence[float]) -> tuple[float, float]:
    """95 % percentile bootstrap of the mean; Efron and Tibshirani (1993), ch. 13."""
    if len(values) > MANY:
        middle = mean(values)
        spread = math.fsum((v - middle) ** 2 for v in values) / (len(values) - 1)
        half = Z * math.sqrt(spread / len(values))
        return middle - half, middle + half
    n = len(values)
    drawn = random.Random(SEED).choices(values, k=n * _count(n))
    return _outer(sorted(sum(drawn[at : at + n]) / n for at in range(0, len(drawn), n)))


def cluster_bootstrap(groups: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    """As `bootstrap`, with whole groups resampled: items that share a source are no n apart."""
    return _percentiles(list(groups.values()))


def sign_test(differences: Sequence[float]) -> float:
    """Two-sided exact sign test; on yes/no grades McNemar's exact test (Psychometrika 12, 1947)."""
    better, worse = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    n = better + worse
    if n > 2_000:
        return math.erfc(abs(better - worse) / math.sqrt(2 * n))
    tail = sum(math.comb(n, k) for k in range(min(better, worse) + 1))
    return min(1.0, tail / (1 << n >> 1)) if n else 1.0


def percentiles(values: Sequence[float], share: float) -> tuple[float, float]:
    """A percentile in its two usual definitions: nearest rank, and linear between ranks."""
    ordered = sorted(values)
    nearest = ordered[max(0, math.ceil(share * len(ordered)) - 1)]
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return nearest, ordered[low] + (at - low) * (ordered[high] - ordered[low])


def _percentiles(groups: Sequence[Sequence[float]]) -> tuple[float, float]:
    sums, sizes = [math.fsum(g) for g in groups], [len(g) for g in groups]
    rng = random.Random(SEED)
    means = []
    for _ in range(_count(len(groups))):
        drawn = rng.choices(range(len(groups)), k=len(groups))
        means.append(math.fsum(sums[i] for i in drawn) / sum(sizes[i] for i in drawn))
    return _outer(sorted(means))


def _count(drawn: int) -> int:
    return max(100, min(RESAMPLES, MAX_DRAWS // drawn))


def _outer(means: Sequence[float]) -> tuple[float, float]:
    return means[int(0.025 * len(means))], means[min(len(means) - 1, int(0.975 * len(means)))]
