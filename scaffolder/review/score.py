"""Points, level, gate and the next mends, from the items alone.

Invariant: what is inherited, unverified, waived or not applicable neither earns nor costs; the
level is named for the weakest dimension, never a mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from scaffolder.review.model import Item, Mend, Status, Tally
from scaffolder.review.rubric import WEIGHTS, Level

ENOUGH = 6
"""Verifiable points that a dimension needs to set the level."""

MENDS = 3
_MOST = 12
"""Open items of a dimension among which the cheapest set is looked for: 4,095 sets at most."""

_EARNED = {Status.PASS: 1.0, Status.PARTIAL: 0.5, Status.FAIL: 0.0, Status.NOT_STARTED: 0.0}
OPEN = (Status.FAIL, Status.PARTIAL, Status.NOT_STARTED)
"""What is still to be done; a must among them shuts the gate."""

_MAY_WAIT_FOR = ("key", "model")


@dataclass(frozen=True)
class Grade:
    """The level and the dimension that it is named for; `why` says what set it."""

    level: str
    weakest: str
    why: str


@dataclass(frozen=True)
class Plan:
    """What to mend: up to three of the `needed` mends that lead to the level `reaches`."""

    reaches: str
    needed: int
    mends: tuple[Mend, ...]


def points(item: Item) -> float:
    """Points that the item earns."""
    return 0.0 if item.inherited else WEIGHTS[item.check.weight] * _EARNED.get(item.status, 0.0)


def verifiable(item: Item) -> float:
    """Points that the item could have earned as things stand."""
    counts = item.status in _EARNED and not item.inherited
    return float(WEIGHTS[item.check.weight]) if counts else 0.0


def tally(items: Iterable[Item]) -> Tally:
    """The sum over some items."""
    listed = list(items)
    return Tally(
        sum(map(points, listed)),
        sum(map(verifiable, listed)),
        sum(i.status is Status.UNVERIFIED for i in listed),
    )


def by_dimension(items: Sequence[Item], names: Iterable[str]) -> Mapping[str, Tally]:
    """A tally for each of the dimensions `names`."""
    return {name: tally(i for i in items if i.check.dimension == name) for name in names}


def grade(items: Sequence[Item], names: Sequence[str], levels: Sequence[Level]) -> Grade:
    """The level of the lowest dimension that has enough points; see house rules in docs/review.md.

    `levels` are in rising order; the last needs every must, and a dimension that is more than half
    unverified holds the level at the second.
    """
    tallies = by_dimension(items, names)
    shares = {n: t.points / t.verifiable for n, t in tallies.items() if t.verifiable >= ENOUGH}
    if not shares:
        return Grade(levels[0].name, names[0], "too little could be verified")
    weakest = min(shares, key=lambda n: shares[n])
    rank = next((k for k, lv in enumerate(levels) if shares[weakest] < lv.below), len(levels) - 1)
    dark = next((n for n in names if _mostly_unverified(items, n)), None)
    if dark and rank > 1:
        return Grade(levels[1].name, dark, "more than half of it is unverified")
    if rank == len(levels) - 1 and blockers(items):
        return Grade(levels[rank - 1].name, weakest, "a must is open")
    return Grade(levels[rank].name, weakest, _counted(tallies[weakest]))


def _counted(tally: Tally) -> str:
    return f"{tally.points:g} of its {tally.verifiable:g} points"


def blockers(items: Iterable[Item]) -> tuple[str, ...]:
    """The musts that keep the gate shut."""
    return tuple(i.check.id for i in items if i.check.weight == "must" and _shuts(i))


def plan(items: Sequence[Item], names: Sequence[str], levels: Sequence[Level]) -> Plan:
    """The cheapest mends that raise the level, the least minutes a point first.

    Each dimension below the bound of the level is lifted over it by its cheapest open items. Where
    no mend can do that, because what is missing is unverified, the plan reaches no level and holds
    the cheapest mends of the weakest dimension.
    """
    now = grade(items, names, levels)
    rank = [level.name for level in levels].index(now.level)
    needed = _needed(items, names, levels, rank)
    mended = {i.check.id for i in needed}
    after = [replace(i, status=Status.PASS) if i.check.id in mended else i for i in items]
    if needed and grade(after, names, levels).level != now.level:
        return Plan(levels[rank + 1].name, len(needed), _mends(needed))
    return Plan("", 0, _mends([i for i in _open(items) if i.check.dimension == now.weakest]))


def _needed(
    items: Sequence[Item], names: Sequence[str], levels: Sequence[Level], rank: int
) -> list[Item]:
    """Items to mend for the level above `rank`: for each dimension, and every must for the last."""
    if rank + 1 >= len(levels):
        return []
    found = [
        i
        for name, t in by_dimension(items, names).items()
        for i in _lift(items, name, t, levels[rank])
    ]
    if rank + 2 == len(levels):
        musts = set(blockers(items))
        found += [i for i in _open(items) if i.check.id in musts and i not in found]
    return found


def _lift(items: Sequence[Item], name: str, has: Tally, bound: Level) -> Sequence[Item]:
    """The cheapest open items that bring a dimension to the bound of the level it is held at."""
    missing = bound.below * has.verifiable - has.points
    if has.verifiable < ENOUGH or missing <= 0:
        return []
    usable = sorted((i for i in _open(items) if i.check.dimension == name), key=_cost)[:_MOST]
    sets = (c for size in range(1, len(usable) + 1) for c in combinations(usable, size))
    enough = (c for c in sets if sum(map(_gain, c)) >= missing)
    return min(enough, key=lambda c: sum(i.check.effort for i in c), default=())


def _open(items: Iterable[Item]) -> list[Item]:
    return [i for i in items if i.status in OPEN]


def _gain(item: Item) -> float:
    return verifiable(item) - points(item)


def _cost(item: Item) -> tuple[float, str]:
    return item.check.effort / _gain(item), item.check.id


def _mends(items: Sequence[Item]) -> tuple[Mend, ...]:
    cheapest = sorted(items, key=_cost)[:MENDS]
    return tuple(Mend(i.check.id, i.check.fix, i.check.effort, _gain(i)) for i in cheapest)


def _shuts(item: Item) -> bool:
    if item.status is Status.UNVERIFIED:
        return item.waits_for not in _MAY_WAIT_FOR
    return item.status in OPEN


def _mostly_unverified(items: Sequence[Item], name: str) -> bool:
    counted = [i for i in items if i.check.dimension == name and i.status not in _APART]
    return sum(i.status is Status.UNVERIFIED for i in counted) * 2 > len(counted)


_APART = (Status.NOT_APPLICABLE, Status.WAIVED)
