"""Metrics of a ranking against the set of what is relevant; ids, best first, each at most once.

All are 0 for an empty ranking. Relevance is yes or no. They agree with `ir-measures` (tests).
Formulas: Manning, Raghavan, Schuetze, Introduction to Information Retrieval (2008), ch. 8; nDCG:
Jarvelin, Kekalainen, ACM TOIS 20 (2002).
"""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet


def recall_at(k: int, ranked: Sequence[str], relevant: AbstractSet[str]) -> float:
    """The share of the relevant ids among the first k."""
    return _hits(ranked[:k], relevant) / len(relevant)


def precision_at(k: int, ranked: Sequence[str], relevant: AbstractSet[str]) -> float:
    """The share of relevant ids among k places; places that are not filled count."""
    return _hits(ranked[:k], relevant) / k


def reciprocal_rank(ranked: Sequence[str], relevant: AbstractSet[str]) -> float:
    """1 / rank of the first relevant id; its mean over queries is MRR."""
    return next((1 / rank for rank, name in enumerate(ranked, 1) if name in relevant), 0.0)


def average_precision(ranked: Sequence[str], relevant: AbstractSet[str]) -> float:
    """The mean of the precision at each relevant id, 0 for those not found; its mean is MAP."""
    hits, total = 0, 0.0
    for rank, name in enumerate(ranked, 1):
        if name in relevant:
            hits += 1
            total += hits / rank
    return total / len(relevant)


def ndcg_at(k: int, ranked: Sequence[str], relevant: AbstractSet[str]) -> float:
    """Gain 1 for each relevant id, discounted by log2(rank + 1), over that of the best order."""
    gain = sum(_discount(rank) for rank, name in enumerate(ranked[:k], 1) if name in relevant)
    best = sum(_discount(rank) for rank in range(1, min(k, len(relevant)) + 1))
    return gain / best


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)


def _hits(ranked: Sequence[str], relevant: AbstractSet[str]) -> int:
    return sum(name in relevant for name in ranked)
