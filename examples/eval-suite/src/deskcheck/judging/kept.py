"""Verdicts that were paid for are kept by what was asked, so that no run pays for them twice.

Invariant: only a verdict that could be used is kept; a killed run goes on where it stopped.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..result import Usage
from ..settings import Settings
from . import Judged


def once(asked: Sequence[Any], settings: Settings, decide: Callable[[], Judged]) -> Judged:
    """The verdict kept for `asked`, JSON values that say it all, else what `decide` gives."""
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    path = settings.root / "var" / "cache" / "judge" / key[:2] / f"{key}.json"
    if (kept := _read(path)) is not None:
        return kept
    said = decide()
    if said.verdict is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{id(said)}")
        unfinished.write_text(json.dumps(asdict(said)), encoding="utf-8")
        unfinished.replace(path)
    return said


def _read(path: Path) -> Judged | None:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Judged(**{**fields, "usage": Usage(**fields["usage"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
