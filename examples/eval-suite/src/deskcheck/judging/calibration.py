"""How far a judge agrees with people, on labels that it has not seen.

"Positive" is pass. TPR: of what people pass, the share the judge passes. TNR: of what people fail,
the share it fails. Raw agreement flatters where most replies pass; Cohen's kappa takes out what
chance gives (Educational and Psychological Measurement 20, 1960).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..evaluation.statistics import Interval, wilson

USABLE = 0.8  # below this in either rate a verdict is not evidence; 0.9 is what to aim at
GOOD = 0.9

Pair = tuple[str, str | None]  # a person's verdict, the judge's


@dataclass(frozen=True)
class Rate:
    """A share of `n` with its 95 % interval; None where n is 0."""

    value: float | None
    n: int
    interval: Interval | None


@dataclass(frozen=True)
class Calibration:
    """`ungraded` labels got no usable verdict; they count as wrong in neither rate but are told."""

    tpr: Rate
    tnr: Rate
    agreement: Rate
    kappa: float | None
    ungraded: int

    @property
    def usable(self) -> bool:
        """Whether both rates are at least USABLE."""
        return all(r.value is not None and r.value >= USABLE for r in (self.tpr, self.tnr))


def calibrate(pairs: Sequence[Pair]) -> Calibration:
    """Agreement of a judge with people over labels of one split."""
    graded = [(person, judge) for person, judge in pairs if judge is not None]
    return Calibration(
        tpr=_rate([judge == "pass" for person, judge in graded if person == "pass"]),
        tnr=_rate([judge == "fail" for person, judge in graded if person == "fail"]),
        agreement=_rate([person == judge for person, judge in graded]),
        kappa=kappa(graded),
        ungraded=len(pairs) - len(graded),
    )


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa; None where there are no pairs or both always say the same one thing."""
    n = len(pairs)
    if not n:
        return None
    observed = sum(a == b for a, b in pairs) / n
    first, second = ([p[side] == "pass" for p in pairs] for side in (0, 1))
    yes = sum(first) * sum(second) / n**2
    no = (n - sum(first)) * (n - sum(second)) / n**2
    chance = yes + no
    return None if chance == 1 else (observed - chance) / (1 - chance)


def _rate(hits: Sequence[bool]) -> Rate:
    if not hits:
        return Rate(None, 0, None)
    return Rate(sum(hits) / len(hits), len(hits), wilson(sum(hits), len(hits)))
