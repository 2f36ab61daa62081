"""One JSON Lines file per run that says what was done, in order, without repeating what was read.

Field names are OpenTelemetry's `gen_ai.*` where it has one. No key and no whole document reaches
the file: long strings are cut and values of `*_API_KEY` variables are blanked.
"""

import itertools
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from .errors import ConfigError

Kind = Literal["request", "system", "llm_call", "retrieval", "tool_call", "judge", "final"]
LONGEST_STRING = 500


@dataclass(frozen=True)
class Trace:
    """`seq` orders the events of a run even if the clock is set back during it."""

    path: Path
    _seq: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    @classmethod
    def start(cls, folder: Path, name: str) -> "Trace":
        """Create an empty trace file with a new name; ConfigError if it cannot be written."""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = folder / f"{moment}-{name}-{secrets.token_hex(3)}.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.touch(exist_ok=False)
        except OSError as error:
            raise ConfigError(f"cannot write a trace to {folder}: {error.strerror}") from error
        return cls(path)

    def event(self, kind: Kind, **fields: Any) -> None:
        """Append one line; fields are JSON values and may have dotted names."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = {"seq": next(self._seq), "time": moment, "kind": kind} | fields
        with self.path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(_safe(row, _keys())) + "\n")


def _keys() -> tuple[str, ...]:
    return tuple(v for n, v in os.environ.items() if n.endswith("_API_KEY") and v)


def _safe(value: Any, keys: tuple[str, ...]) -> Any:
    """`value` with every string in it cut to LONGEST_STRING characters and cleared of `keys`."""
    if isinstance(value, str):
        for key in keys:
            value = value.replace(key, "[key]")
        left_out = len(value) - LONGEST_STRING
        return value if left_out <= 0 else f"{value[:LONGEST_STRING]}… (+{left_out} characters)"
    if isinstance(value, Mapping):
        return {name: _safe(item, keys) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(item, keys) for item in value]
    return value
