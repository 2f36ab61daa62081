"""What the README says of the training: curve, controls, seeds, parity.

Invariant: from committed rows alone, so that anyone can recompute it without torch.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import UsageError
from ..evaluation.report import Report
from ..settings import Settings
from . import controls, curve

SEED = "another seed"


def report_of(settings: Settings) -> Report:
    """Tables and sentences of what was measured. Raises UsageError for a row that is none."""
    try:
        return Report("\n\n".join(_parts(settings)))
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"a row in evals/training or evals/parity.json is none: {error!r}",
            "run curve, controls or parity again",
        ) from error


def _parts(settings: Settings) -> Iterator[str]:
    sizes, checks = curve.committed(settings), controls.committed(settings)
    if sizes:
        yield curve.table(sizes)
    if checks:
        yield controls.table(checks)
    if sizes and checks:
        yield from _seeds(sizes, checks)
    path = settings.root / "evals" / "parity.json"
    if path.exists():
        yield _parity(json.loads(path.read_text(encoding="utf-8")))


def _seeds(
    sizes: Sequence[Mapping[str, Any]], checks: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    whole = max(sizes, key=lambda row: row["rows"])
    for row in checks:
        if row["control"] == SEED:
            both = f"{whole['exact']:.2f} and {row['exact']:.2f}"
            yield f"Two seeds of the same tune: exact {both} on dev, n = {row['n']}."


def _parity(found: Mapping[str, Any]) -> str:
    return (
        f"Served and scored: {found['identical']} of {found['prompts']} answers are the same on "
        f"every path ({', '.join(found['paths'])}); times of the served path: evals/parity.json."
    )
