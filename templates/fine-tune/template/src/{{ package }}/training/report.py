"""What was learnt about the tuning: curve, controls, seeds, parity.

Invariant: from committed rows alone, so that anyone can recompute it without torch.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..evaluation.marked import replace_between
from ..evaluation.report import Report
from ..settings import Settings
from . import controls, curve

SEED = "another seed"
MARKS = ("<!-- training:start -->", "<!-- training:end -->")


def report_of(settings: Settings) -> Report:
    """Of the README: whether the served model is the scored one."""
    path = settings.root / "evals" / "parity.json"
    return Report(_told(lambda: _parity(path) if path.exists() else ""))


def write_tables(settings: Settings) -> bool:
    """Put curve, controls and seeds between the marks of docs/training.md; False without marks."""
    text = _told(lambda: "\n\n".join(_tables(settings)))
    return replace_between(settings.root / "docs" / "training.md", MARKS, text)


def _told(make: Callable[[], str]) -> str:
    """The text that `make` gives. Raises UsageError for a row that is none."""
    try:
        return make()
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"a row in evals/training or evals/parity.json is none: {error!r}",
            "run curve, controls or parity again",
        ) from error


def _tables(settings: Settings) -> Iterator[str]:
    sizes, checks = curve.committed(settings), controls.committed(settings)
    if sizes:
        yield curve.table(sizes)
    if checks:
        yield controls.table(checks)
    if sizes and checks:
        yield from _seeds(sizes, checks)


def _seeds(
    sizes: Sequence[Mapping[str, Any]], checks: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    whole = max(sizes, key=lambda row: row["rows"])
    for row in checks:
        if row["control"] == SEED:
            both = f"{whole['exact']:.2f} and {row['exact']:.2f}"
            yield f"Two seeds of the same tune: exact {both} on dev, n = {row['n']}."


def _parity(path: Path) -> str:
    found = json.loads(path.read_text(encoding="utf-8"))
    same = found["identical"] == found["prompts"]
    said = "every answer is the same" if same else "some answers differ"
    paths = ", ".join(found["paths"])
    return f"Served and scored: {said} on the paths {paths} (evals/parity.json)."
