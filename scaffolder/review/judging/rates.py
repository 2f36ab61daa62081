"""How far a judge can be trusted: both of its rates on labels, and a rate corrected for them.

Invariant: positive is a pass; what the judge left without a verdict is counted apart, and neither
right nor wrong.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scaffolder.review.results import intervals


@dataclass(frozen=True)
class Rates:
    """Counts of label and verdict; `ungraded` labels have no verdict that could be read."""

    pass_pass: int
    pass_fail: int
    fail_fail: int
    fail_pass: int
    ungraded: int = 0

    @property
    def passes(self) -> int:
        return self.pass_pass + self.pass_fail

    @property
    def fails(self) -> int:
        return self.fail_fail + self.fail_pass

    @property
    def n(self) -> int:
        return self.passes + self.fails

    @property
    def tpr(self) -> float:
        """Share of the labelled passes that the judge passes; not a number without any."""
        return self.pass_pass / self.passes if self.passes else math.nan

    @property
    def tnr(self) -> float:
        """Share of the labelled fails that the judge fails; not a number without any."""
        return self.fail_fail / self.fails if self.fails else math.nan

    @property
    def kappa(self) -> float:
        """Agreement beyond chance; Cohen, Educ. Psychol. Meas. 20 (1960)."""
        if not self.n:
            return math.nan
        judged = self.pass_pass + self.fail_pass
        chance = (self.passes * judged + self.fails * (self.n - judged)) / self.n**2
        agreed = (self.pass_pass + self.fail_fail) / self.n
        return (agreed - chance) / (1 - chance) if chance < 1 else math.nan

    @property
    def told(self) -> str:
        """Both rates with n and their 95 % intervals (Wilson 1927)."""
        parts = (("TPR", self.pass_pass, self.passes), ("TNR", self.fail_fail, self.fails))
        return " and ".join(_told(*part) for part in parts)


def _told(name: str, right: int, of: int) -> str:
    if not of:
        return f"no {name}"
    low, high = intervals.wilson(right, of)
    return f"{name} {right / of:.2f} [{low:.2f}, {high:.2f}] (n = {of})"


def rates(pairs: Iterable[tuple[bool, bool | None]]) -> Rates:
    """Counts over pairs of label and verdict, None for no verdict."""
    found = list(pairs)
    kinds = ((True, True), (True, False), (False, False), (False, True))
    unread = sum(verdict is None for _, verdict in found)
    true_pass, false_fail, true_fail, false_pass = (found.count(kind) for kind in kinds)
    return Rates(true_pass, false_fail, true_fail, false_pass, unread)


def corrected(raw: float, tpr: float, tnr: float) -> float | None:
    """(raw + TNR - 1) / (TPR + TNR - 1), within 0 and 1; None for a judge no better than chance.

    Rogan and Gladen, Am. J. Epidemiol. 107 (1978).
    """
    better = tpr + tnr - 1
    if not better > 0:
        return None
    return min(1.0, max(0.0, (raw + tnr - 1) / better))


def corrected_interval(
    judged: Sequence[float], of: Rates, seed: int = intervals.SEED
) -> tuple[float, float] | None:
    """95 % bootstrap of the corrected rate: items and both kinds of labels are drawn again."""
    draw = random.Random(seed)
    found = []
    for _ in range(intervals.RESAMPLES):
        raw = _again(draw, sum(judged) / len(judged), len(judged))
        rate = corrected(raw, _again(draw, of.tpr, of.passes), _again(draw, of.tnr, of.fails))
        found += [rate] if rate is not None else []
    found.sort()
    return (found[int(0.025 * len(found))], found[int(0.975 * len(found))]) if found else None


def _again(draw: random.Random, rate: float, n: int) -> float:
    """A rate of n that is drawn again: the normal limit of the binomial, kept within 0 and 1."""
    return min(1.0, max(0.0, draw.gauss(rate, math.sqrt(rate * (1 - rate) / n))))
