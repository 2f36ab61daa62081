"""A `PythonFile` as bytes and back.

Invariant: what is unpacked equals what was packed, except for the path, which is asked for: equal
code at two places is kept once. Bytes that were not packed here, or by another version of
`pyfile`, give None.
"""

import marshal
from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from scaffolder.review.python.pyfile import (
    Assert,
    Call,
    Class,
    Function,
    Handler,
    Import,
    PythonFile,
    Text,
)

_ROWS: Mapping[str, type] = {
    "imports": Import,
    "calls": Call,
    "functions": Function,
    "classes": Class,
    "handlers": Handler,
    "texts": Text,
    "asserts": Assert,
}
_PLAIN = ("notebook", "lines", "docstring", "names")
_READ = {name: attrgetter(*(f.name for f in fields(kind))) for name, kind in _ROWS.items()}
_LITERALS = [f.name for f in fields(Call)].index("literals")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def packed(file: PythonFile) -> bytes:
    """The bytes of a summary."""
    plain = [getattr(file, name) for name in _PLAIN]
    rows = {name: list(map(read, getattr(file, name))) for name, read in _READ.items()}
    rows["calls"] = [_with_literals(row, dict(row[_LITERALS])) for row in rows["calls"]]
    return marshal.dumps((plain, list(rows.values())))


def unpacked(path: str, content: bytes) -> PythonFile | None:
    """The summary in `content`, as that of the module at `path`."""
    try:
        plain, rows = marshal.loads(content)
        made = dict(zip(_ROWS, rows, strict=True))
        made["calls"] = [_with_literals(r, r[_LITERALS] or _NOTHING) for r in made["calls"]]
        parts: dict[str, Any] = dict(zip(_PLAIN, plain, strict=True))
        for name, kind in _ROWS.items():
            parts[name] = tuple([kind(*row) for row in made[name]])
        return PythonFile(path=path, **parts)
    except (ValueError, TypeError, EOFError, KeyError, IndexError):
        return None


def _with_literals(row: tuple[Any, ...], literals: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*row[:_LITERALS], literals, *row[_LITERALS + 1 :])
