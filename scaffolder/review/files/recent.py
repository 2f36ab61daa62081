"""What was read last, up to a size.

Invariant: what is kept never weighs more than the limit, however often it is asked for.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Values by key; those not asked for the longest go first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._kept: OrderedDict[object, tuple[V, int]] = OrderedDict()

    def get(self, key: object) -> V | None:
        """The value kept under `key`; None where there is none any more."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: object, value: V, weight: int) -> V:
        """Keeps `value`, if it is not heavier than all may be, and gives it back."""
        if weight <= self._limit and key not in self._kept:
            self._kept[key] = (value, weight)
            self._weight += weight
            while self._weight > self._limit:
                self._weight -= self._kept.popitem(last=False)[1][1]
        return value
