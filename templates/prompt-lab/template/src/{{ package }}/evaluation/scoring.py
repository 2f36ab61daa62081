"""Grades of one answer, from code alone: whole record, form, each field.

Invariant: every grade is 0 or 1 but `fields`, which is the share of the six that are right.
"""

from ..record import FIELDS, Record

EXACT, VALID, SHARE = "exact", "valid", "fields"
MAIN = (EXACT, VALID, SHARE)
DECIDING = SHARE  # what versions are compared by: to tell them apart by exact takes more messages


def grades(found: Record | None, expected: Record) -> dict[str, float]:
    """A reply that is no record has no field right, not even one that could be guessed from it."""
    right = {f: float(found is not None and _same(found, expected, f)) for f in FIELDS}
    share = sum(right.values()) / len(right)
    return {EXACT: float(found == expected), VALID: float(found is not None), SHARE: share, **right}


def wrong_fields(found: Record | None, expected: Record) -> list[str]:
    """Each field that differs, as in "trade: heating, expected plumbing"."""
    if found is None:
        return []
    differing = [field for field in FIELDS if not _same(found, expected, field)]
    return [f"{f}: {getattr(found, f)}, expected {getattr(expected, f)}" for f in differing]


def _same(found: Record, expected: Record, field: str) -> bool:
    return bool(getattr(found, field) == getattr(expected, field))
