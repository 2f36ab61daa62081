"""JSON Lines in and out: each line an object, errors with file and line, no half-written file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import UsageError


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of each line that is not blank; nothing where there is no file.

    Lines end at "\\n" alone, because JSON may hold any other separator. Raises UsageError.
    """
    if not path.exists():
        return
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _object(path, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error


def write_objects(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace `path` by one object a line; a crash, or an error of `rows`, leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".partial")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def append_object(path: Path, row: Mapping[str, Any]) -> None:
    """Add one line, after a line break that an editor may have left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = path.read_bytes() if path.exists() else b""
    with path.open("ab") as file:
        if content and not content.endswith(b"\n"):
            file.write(b"\n")
        file.write((json.dumps(row, ensure_ascii=False) + "\n").encode())


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} line {number} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f"{path.name} line {number} is not a JSON object")
    return value
