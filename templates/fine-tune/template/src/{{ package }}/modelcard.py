"""The measured part of the model card: what the tune was made from and what it scored.

Invariant: it says what runs/ID/meta.json and the rows of that same tune say, and nothing else.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import ConfigError
from .evaluation.claims import grid
from .evaluation.report import claims_of
from .evaluation.rows import Row

MARKS = ("<!-- model:start -->", "<!-- model:end -->")
LONGEST_VALUE = 90


def read_meta(folder: Path) -> dict[str, Any]:
    """The record of a tune; ConfigError where there is none."""
    path = folder / "meta.json"
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}", "`tune` writes it") from error
    if not isinstance(meta, dict):
        raise ConfigError(f"{path} holds no record of a tune", "run tune again")
    return meta


def build(run: str, meta: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """Made from, and measured; rows of another tune are left out and said to be."""
    made = grid([f"Tune {run}", "recorded"], {name: [value] for name, value in _flat(meta)})
    own = [row for row in rows if row.run == run]
    if not own:
        return f"{made}\n\nNot measured yet: `eval --system tuned` on the locked test set."
    claims = claims_of(own)
    cells = {metric: [claim.cell(), str(claim.n)] for metric, claim in claims.items()}
    stamp = f"Rows of commit {own[0].commit}, test set `{own[0].data}`."
    return "\n\n".join([made, grid(["Locked test set", "mean, 95 %", "n"], cells), stamp])


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf with the names that lead to it."""
    for name, each in value.items():
        where = f"{before}{name}"
        if isinstance(each, Mapping):
            yield from _flat(each, f"{where}.")
        else:
            text = str(each).replace("|", "/").replace("\n", " ")
            yield where, text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} ..."
