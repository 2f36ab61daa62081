"""The shop's policy: what happens with a return, from what the message says.

Invariant: the decision follows from the other fields alone, first rule that fits (data/policy.md),
so every label can be checked, and a prompt may leave the decision to this function.
"""

from .record import UNKNOWN

WEEKS_4 = 30  # days in which the shop takes an article back or replaces it
WARRANTY = 730  # days in which a defect is repaired
NOT_REPAIRED = ("food", "cosmetics")


def decide(item: str, problem: str, days: int | str, opened: str) -> str:
    """refund, exchange, repair, refuse or ask."""
    if problem == UNKNOWN:
        return "ask"
    if item == "food" and problem == "not_wanted":
        return "refuse"
    if isinstance(days, str):
        return "ask"
    if problem == "not_wanted":
        return _unwanted(item, days, opened)
    if days <= WEEKS_4:
        return "exchange"
    repaired = problem == "defective" and days <= WARRANTY and item not in NOT_REPAIRED
    return "repair" if repaired else "refuse"


def _unwanted(item: str, days: int, opened: str) -> str:
    if days > WEEKS_4:
        return "refuse"
    if opened == UNKNOWN:
        return "ask"
    if opened == "no":
        return "refund"
    return "refuse" if item == "cosmetics" else "exchange"
