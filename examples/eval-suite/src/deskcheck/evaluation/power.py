"""How many items a difference takes, and which difference so many items can show.

Pass or fail on the same items: only those whose grade flips carry information (McNemar's test).
Formula of Connor, Biometrics 43 (1987), eq. 1, at a two-sided level of 5 % and a power of 80 %.
"""

import math

from scipy.stats import binomtest, norm

LEVEL = 0.05
POWER = 0.8


def items_needed(difference: float, flipping: float) -> int:
    """Items for a true difference of the rates, if the share `flipping` of the items changes.

    ValueError unless 0 < |difference| <= flipping <= 1: a difference is made of flips.
    """
    size = abs(difference)
    if not 0 < size <= flipping <= 1:
        raise ValueError(f"a difference of {difference} cannot come from a share of {flipping}")
    level, power = norm.ppf(1 - LEVEL / 2), norm.ppf(POWER)
    root = level * math.sqrt(flipping) + power * math.sqrt(flipping - size**2)
    return math.ceil(float(root / size) ** 2)


def items_needed_of(difference: float, deviation: float) -> int:
    """Items for a true mean difference of graded pairs with that standard deviation.

    The usual normal approximation, Machin et al., Sample Size Tables (2009), ch. 5.
    """
    level, power = norm.ppf(1 - LEVEL / 2), norm.ppf(POWER)
    return math.ceil(float((level + power) * deviation / difference) ** 2)


def smallest_difference(n: int, flipping: float) -> float | None:
    """The smallest true difference that `n` items are likely to show; None if there is none."""
    steps = [step / 1000 for step in range(1, round(flipping * 1000) + 1)]
    return next((d for d in steps if items_needed(d, max(flipping, d)) <= n), None)


def clean_sweep() -> int:
    """The fewest flips, all in one direction, that are clear at 5 %: six."""
    return next(n for n in range(1, 100) if binomtest(n, n).pvalue < LEVEL)
