"""A trace for the eyes: one line a step: what was asked, which system and prompt, what came.

Invariant: it shows what the file holds, in its order, and a line that cannot be read is said to be.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import UsageError

WIDTH = 78


def newest(folder: Path) -> Path:
    """The newest trace; UsageError if there is none."""
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise UsageError(f"there is no trace in {folder}", "`ask` leaves one")
    return files[-1]


def shown(path: Path) -> str:
    """The whole trace as lines of at most 78 columns."""
    return "\n".join(_lines(path))


def _lines(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}", "name a file of var/traces") from error
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line)
            yield from _event(event)
        except (ValueError, TypeError, AttributeError):
            yield f"  line {number} is no event of a trace"


def _event(event: Mapping[str, Any]) -> Iterator[str]:
    kind = event.get("kind")
    if kind == "request":
        by = " ".join(filter(None, (str(event.get("system")), str(event.get("prompt", "")))))
        yield _cut(f"  by       {by}")
        yield _cut(f"  asked    {event.get('text')}")
    elif kind == "llm_call":
        usage = f"{event.get('gen_ai.usage.input_tokens', '?')} in"
        usage += f", {event.get('gen_ai.usage.output_tokens', '?')} out"
        yield _cut(f"  model    {event.get('gen_ai.response.model', 'failed')} {usage}")
    elif kind == "system":
        shown = {k: v for k, v in event.items() if k not in ("seq", "time", "kind")}
        yield _cut("  system   " + ", ".join(f"{k}: {v}" for k, v in shown.items()))
    elif kind == "final":
        yield _cut(f"  ended    {event.get('status')}")
        yield _cut(f"           {event.get('answer')}")


def _cut(line: str) -> str:
    flat = line.replace("\n", " ")
    return flat if len(flat) <= WIDTH else f"{flat[: WIDTH - 4]} ..."
