"""The true pass rate behind a judge's, from how often the judge is wrong.

(raw + TNR - 1) / (TPR + TNR - 1): Rogan, Gladen, American Journal of Epidemiology 107 (1978). The
interval carries both sources of doubt, the rows that were judged and the labels of the calibration.
"""

from dataclasses import dataclass

import numpy as np

from ..evaluation.statistics import LEVEL, SEED, Interval

RESAMPLES = 10_000


@dataclass(frozen=True)
class Corrected:
    """`raw` is the share the judge passed, `value` the corrected share, both of `n` rows."""

    raw: float
    value: float
    n: int
    interval: Interval


def correct(
    passed: int, n: int, true_pass: tuple[int, int], true_fail: tuple[int, int]
) -> Corrected:
    """`true_pass` is (judged pass, labelled pass), `true_fail` (judged fail, labelled fail).

    Raises ValueError for a judge no better than chance, TPR + TNR <= 1: it says nothing.
    """
    tpr, tnr = true_pass[0] / true_pass[1], true_fail[0] / true_fail[1]
    if tpr + tnr <= 1:
        raise ValueError(f"TPR {tpr:.2f} and TNR {tnr:.2f} are no better than chance")
    rng = np.random.default_rng(SEED)
    raws = rng.binomial(n, _shrunk(passed, n), RESAMPLES) / n
    tprs = rng.binomial(true_pass[1], _shrunk(*true_pass), RESAMPLES) / true_pass[1]
    tnrs = rng.binomial(true_fail[1], _shrunk(*true_fail), RESAMPLES) / true_fail[1]
    usable = tprs + tnrs > 1
    values = np.clip((raws + tnrs - 1)[usable] / (tprs + tnrs - 1)[usable], 0, 1)
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = min(1.0, max(0.0, (passed / n + tnr - 1) / (tpr + tnr - 1)))
    # The clipped estimate at 0 or 1 may lie outside of the resampled quantiles by a hair.
    bounds = Interval(min(float(low), value), max(float(high), value), "parametric bootstrap")
    return Corrected(passed / n, value, n, bounds)


def _shrunk(hits: int, n: int) -> float:
    """A rate of 1 from few is not certain: half a miss is added, and half a hit."""
    return (hits + 0.5) / (n + 1)
