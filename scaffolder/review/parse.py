"""The one door through which somebody else's YAML, TOML, JSON, notebooks and Python go.

Invariant: whatever the text, a call returns `Parsed` or `Refused` within the limits below; it
raises nothing, runs nothing and expands nothing. Limits are checked before a value is built.
"""

import ast
import gc
import re
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from scaffolder.review.parsing import fstrings, limits, notebooks
from scaffolder.review.parsing.limits import Excess
from scaffolder.review.parsing.notebooks import Cell
from scaffolder.review.parsing.yamlevents import first_document
from scaffolder.sanitise import clean

__all__ = [
    "MAX_JSON",
    "MAX_NOTEBOOK",
    "MAX_PYTHON",
    "MAX_TOML",
    "MAX_YAML",
    "Budget",
    "Cell",
    "Parsed",
    "Refused",
    "mapping",
    "notebook_source",
    "read_cells",
    "read_json",
    "read_notebook",
    "read_python",
    "read_toml",
    "read_yaml",
    "row",
    "too_large",
    "unhindered",
]

MAX_YAML = MAX_TOML = 512 * 1024
MAX_PYTHON = 1024 * 1024
MAX_JSON = 8 * 1024 * 1024
MAX_NOTEBOOK = 32 * 1024 * 1024
"""Characters of a document of each kind."""

SECONDS = 20.0
"""Time that the documents of one repository may take together."""

_FSTRING = re.compile("[fF][rR]?[\"']")
_OLD_PYTHON = re.compile(
    r"Missing parentheses in call to|multiple exception types must be parenthesized|"
    r"leading zeros in decimal integer|backticks|inconsistent use of tabs"
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document that was read."""

    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a document was not read, and at which 1-based line where that is known.

    `reason` ends a sentence that begins with the document's name.
    """

    reason: str
    line: int | None = None


def mapping(read: Parsed | Refused) -> dict[Any, Any]:
    """The table or object that was read; empty where it was refused or is none."""
    return read.value if isinstance(read, Parsed) and isinstance(read.value, dict) else {}


def row(line: str) -> dict[str, Any] | None:
    """The object that one line of JSONL holds; None where it holds none."""
    read = read_json(line)
    return read.value if isinstance(read, Parsed) and isinstance(read.value, dict) else None


class Budget:
    """The seconds of work that are left for parsing; None in its place is no limit."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.left = seconds

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Takes what the block takes."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.left -= time.thread_time() - began


def read_json(text: str, budget: Budget | None = None, most: int = MAX_JSON) -> Parsed | Refused:
    """A JSON document, as `json.loads` gives it; a byte order mark is passed over."""
    return _door("JSON", _json, text.removeprefix("\ufeff"), most, budget)


def read_toml(text: str, budget: Budget | None = None) -> Parsed | Refused:
    """A TOML document."""
    return _door("TOML", _toml, text, MAX_TOML, budget)


def read_yaml(text: str, budget: Budget | None = None) -> Parsed | Refused:
    """The first document of a YAML stream, as `yaml.safe_load` gives it (`on` is True)."""
    return _door("YAML", first_document, text, MAX_YAML, budget)


def read_python(text: str, budget: Budget | None = None) -> Parsed | Refused:
    """A Python module as `ast.Module`."""
    return _door("Python", _python, text, MAX_PYTHON, budget)


def read_notebook(text: str, budget: Budget | None = None) -> Parsed | Refused:
    """The cells of a Jupyter notebook as a list of `Cell`; a malformed cell is left out."""
    raw = read_json(text, budget, MAX_NOTEBOOK)
    if isinstance(raw, Refused):
        return raw
    return _door("a notebook", lambda t: notebooks.cells(raw.value, t), text, MAX_NOTEBOOK, budget)


def read_cells(cells: Sequence[Cell], budget: Budget | None = None) -> tuple[Parsed, list[Refused]]:
    """The code of a notebook as one `ast.Module`, and the cells that are not in it.

    The line of a node is the one in the .ipynb file where the notebook is written one source line
    on each, as Jupyter does; else the one in the code cells laid one after the other.
    """
    left_out: list[Refused] = []
    sources = []
    for cell in (c for c in cells if c.kind == "code"):
        source, refused = _cell(cell, budget)
        sources.append((cell, source))
        left_out += [refused] if refused else []
    whole = read_python(notebooks.joined(sources), budget)
    if isinstance(whole, Refused):
        return Parsed(ast.Module([], [])), [*left_out, whole]
    return whole, left_out


def too_large(most: int) -> Refused:
    """The refusal of a document of more than `most` characters or bytes."""
    return Refused(f"is larger than {_size(most)} and was not parsed")


def notebook_source(cells: Sequence[Cell]) -> str:
    """The code cells as they stand, as one text whose lines are those of `read_cells`."""
    return notebooks.joined((c, c.source) for c in cells if c.kind == "code")


@contextmanager
def unhindered() -> Iterator[None]:
    """Holds off the garbage collector, which else looks again and again at trees without cycles.

    Measured: with it, 2,000 modules take five times as long.
    """
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()


def _cell(cell: Cell, budget: Budget | None) -> tuple[str, Refused | None]:
    """The code of a cell without its magics, blank where it cannot be parsed."""
    if isinstance(read_python(cell.source, budget), Parsed):
        return cell.source, None
    source = notebooks.without_magics(cell.source)
    refused = read_python(source, budget)
    if isinstance(refused, Parsed):
        return source, None
    line = cell.line + (refused.line or 1) - 1 if cell.line else None
    return "\n" * source.count("\n"), Refused(f"has a cell that {refused.reason}", line)


def _door(
    kind: str, read: Callable[[str], Any], text: str, most: int, budget: Budget | None
) -> Parsed | Refused:
    if len(text) > most:
        return too_large(most)
    if budget is None:
        return _guarded(kind, read, text)
    if budget.left <= 0:
        return Refused("was not parsed: out of time")
    with budget.spent():
        return _guarded(kind, read, text)


def _guarded(kind: str, read: Callable[[str], Any], text: str) -> Parsed | Refused:
    """The one place where everything is caught: parsers raise far more than they promise."""
    try:
        return Parsed(read(text))
    except Excess as error:
        return Refused(f"was not parsed as {kind}: {error.reason}", error.line)
    except (RecursionError, MemoryError):
        return Refused(f"was not parsed as {kind}: it is nested too deeply")
    except Exception as error:
        line = _line(error)
        if isinstance(error, SyntaxError) and _OLD_PYTHON.search(error.msg or ""):
            return Refused("is written for Python 2", line)
        return Refused(f"cannot be parsed as {kind}: {_said(error)}", line)


def _json(text: str) -> Any:
    import json

    _refuse(limits.json_excess(text))
    return json.loads(text, parse_int=_whole if limits.long_number(text) else None)


def _whole(digits: str) -> int:
    _refuse(limits.long_number(digits))
    return int(digits)


def _toml(text: str) -> Any:
    import tomllib

    _refuse(limits.toml_excess(text))
    return tomllib.loads(text)


def _python(text: str) -> ast.Module:
    """The tree; the f-strings of a newer Python than this one are read without their holes."""
    _refuse(limits.python_excess(text))
    with warnings.catch_warnings(), unhindered():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError:
            tree = _without_holes(text)
            if tree is None:
                raise
            return tree


def _without_holes(text: str) -> ast.Module | None:
    if not _FSTRING.search(text):
        return None
    try:
        return ast.parse(fstrings.flattened(text))
    except SyntaxError:
        return None


def _refuse(reason: str | None) -> None:
    if reason:
        raise Excess(reason)


def _line(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    found = getattr(error, "lineno", None)
    if found is None and type(error).__name__ == "TOMLDecodeError":
        match = re.search(r"at line (\d{1,9})", str(error)[-60:])
        found = int(match[1]) if match else None
    return found if isinstance(found, int) and found > 0 else None


def _said(error: Exception) -> str:
    """The parser's own words, made clean and short."""
    words = getattr(error, "problem", None) or getattr(error, "msg", None) or str(error)
    return clean(str(words).partition("\n")[0].strip(), 100) or type(error).__name__


def _size(characters: int) -> str:
    mega = 1024 * 1024
    return f"{characters // mega} MB" if characters >= mega else f"{characters // 1024} KB"
