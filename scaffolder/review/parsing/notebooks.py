"""The cells of a Jupyter notebook, from its JSON.

Invariant: any JSON value gives cells or a NotANotebook; outputs are texts, cut, and never rendered.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

MAX_CELLS = 5000
MAX_OUTPUTS = 20
MAX_OUTPUT = 10_000
"""Outputs of a cell that are kept, and characters of each."""

_SHELL = re.compile(r"[%!?]|(?:pip3?|conda)\s++install\b|cd\s++[^=\s]")
_ASSIGNED = re.compile(r"\A([\w, \t]++=\s*+)[!%]")
_PYTHON_CELL = re.compile(r"%%(?:time|timeit|capture|prun|cache|memit|wandb)\b")


class NotANotebook(ValueError):
    """Why a JSON value is no notebook."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A notebook cell; `kind` is code or markdown, `outputs` the texts that it printed.

    `line` is that of its first source line in the file, where every line of the source has one of
    its own there; None otherwise. `ran` is whether any output is kept, a picture too.
    """

    kind: str
    source: str
    outputs: tuple[str, ...] = ()
    line: int | None = None
    ran: bool = False


def cells(raw: Any, text: str) -> list[Cell]:
    """The cells of the notebook `raw`, whose JSON is `text`; a malformed cell is left out."""
    read = [c for c in map(_cell, _listed(raw)[:MAX_CELLS]) if c]
    return _placed(read, text)


def without_magics(source: str) -> str:
    """The source of a cell with what only Jupyter understands taken out, line for line."""
    first = source.lstrip()
    if first.startswith("%%") and not _PYTHON_CELL.match(first):
        return "\n" * source.count("\n")
    return "\n".join(map(_plain, source.split("\n")))


def joined(sources: Iterable[tuple[Cell, str]]) -> str:
    """One module of the code of several cells: each at its own line of the file, or in a row."""
    lines: list[str] = []
    each = list(sources)
    placed = all(cell.line for cell, _ in each)
    for cell, source in each:
        if placed and cell.line:
            lines += [""] * (cell.line - 1 - len(lines))
        lines += source.split("\n")
    return "\n".join(lines)


def _listed(raw: Any) -> list[Any]:
    if not isinstance(raw, dict):
        raise NotANotebook("it is no JSON object")
    found = raw.get("cells")
    sheets = raw.get("worksheets")
    if found is None and isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        found = sheets[0].get("cells")
    if not isinstance(found, list):
        raise NotANotebook("it has no list of cells")
    return found


def _cell(raw: Any) -> Cell | None:
    if not isinstance(raw, dict):
        return None
    source = _text(raw.get("source", raw.get("input")))
    kind = raw.get("cell_type")
    if source is None or not isinstance(kind, str):
        return None
    outputs = raw.get("outputs")
    listed = outputs[:MAX_OUTPUTS] if isinstance(outputs, list) else []
    printed = tuple(t for o in listed for t in _printed(o))
    return Cell(kind[:20], source, printed, ran=bool(printed) or any(map(_drawn, listed)))


def _printed(output: Any) -> list[str]:
    if not isinstance(output, dict):
        return []
    data = output.get("data")
    shown = data.get("text/plain") if isinstance(data, dict) else None
    found = (_text(v) for v in (output.get("text"), shown, output.get("evalue")))
    return [t[:MAX_OUTPUT] for t in found if t]


def _drawn(output: Any) -> bool:
    data = output.get("data", output.get("png")) if isinstance(output, dict) else None
    return bool(data)


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = "".join(v for v in value if isinstance(v, str))
    if not isinstance(value, str):
        return None
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _placed(read: Sequence[Cell], text: str) -> list[Cell]:
    """The cells with their lines; none has one unless all have."""
    lines = text.split("\n")
    found: list[Cell] = []
    at = 0
    for cell in read:
        place = _find(cell.source.split("\n"), lines, at) if cell.source else at
        if place is None:
            return list(read)
        found.append(replace(cell, line=place + 1) if cell.source else cell)
        at = place
    return found


def _find(source: Sequence[str], lines: Sequence[str], start: int) -> int | None:
    """The index of the line that holds the first line of a source, whose others follow it."""
    for at in range(start, len(lines)):
        if lines[at].lstrip().startswith('"source": [') and _matches(source, lines, at + 1):
            return at + 1
    return None


def _matches(source: Sequence[str], lines: Sequence[str], at: int) -> bool:
    for number, line in enumerate(source[: len(source) - (source[-1] == "")]):
        if at + number >= len(lines) or _written(lines[at + number]) != line:
            return False
    return True


def _written(line: str) -> str | None:
    """The text of a line of JSON that holds one string and perhaps a comma."""
    bare = line.strip().removesuffix(",")
    if not bare.startswith('"'):
        return None
    try:
        value = json.loads(bare)
    except ValueError:
        return None
    return value.rstrip("\r\n") if isinstance(value, str) else None


def _plain(line: str) -> str:
    bare = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if _SHELL.match(bare) or (bare.endswith("?") and not bare.startswith("#")):
        return f"{indent}pass"
    assigned = _ASSIGNED.match(bare)
    return f"{indent}{assigned[1]}None" if assigned else line
