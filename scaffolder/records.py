"""YAML of ours as typed records.

Invariant: what does not have the shape promised is a `BrokenTemplate` that names file and key.
"""

from collections import abc
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from scaffolder.errors import BrokenTemplate

Record = TypeVar("Record")


def record(kind: type[Record], raw: object, place: str) -> Record:
    """`raw` as the dataclass `kind`: no key missing or unknown, each value of its type."""
    if not isinstance(raw, Mapping):
        raise BrokenTemplate(f"{place}: expected keys and values, found {shown(raw)}")
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    needed = {n for n, f in known.items() if f.default is MISSING}
    for problem, names in (("missing", needed - set(raw)), ("unknown", set(raw) - set(known))):
        if names:
            raise BrokenTemplate(f"{place}: {problem} key: {', '.join(sorted(map(str, names)))}")
    return kind(**{k: _value(known[k].type, v, f"{place}: {k}") for k, v in raw.items()})


def _value(kind: Any, value: object, place: str) -> object:
    """`value` as what a dataclass field says: a record, a list or mapping of one type, a scalar."""
    if get_origin(kind) is UnionType:
        kind = get_args(kind)[0]
    if is_dataclass(kind):
        return record(kind, value, place)  # type: ignore[arg-type]
    if get_origin(kind) is abc.Sequence and isinstance(value, list):
        return [_value(get_args(kind)[0], v, f"{place}[{n}]") for n, v in enumerate(value, 1)]
    if get_origin(kind) is abc.Mapping and isinstance(value, dict):
        return {str(k): _value(get_args(kind)[1], v, f"{place}: {k}") for k, v in value.items()}
    if kind is str and isinstance(value, str | date):
        return str(value).strip()
    if kind is int and type(value) is int:
        return value
    wanted = {str: "a text", int: "a whole number"}.get(kind) or (
        "a list" if get_origin(kind) is abc.Sequence else "keys and values"
    )
    raise BrokenTemplate(f"{place}: expected {wanted}, found {shown(value)}")


def shown(value: object) -> str:
    """A value as an error quotes it."""
    return "nothing" if value is None else repr(value)[:40]


def read_list(path: Path) -> list[Any]:
    """The list in the YAML file at `path`; empty where there is no such file."""
    loaded = _load(path) if path.is_file() else []
    if not isinstance(loaded, list):
        raise BrokenTemplate(f"{where(path)}: expected a list")
    return loaded


def read_mapping(path: Path, without: abc.Sequence[str] = ()) -> dict[str, Any]:
    """The keys and values in the YAML file at `path`; `without` are keys that are not parsed."""
    loaded = _load(path, without)
    if not isinstance(loaded, dict):
        raise BrokenTemplate(f"{where(path)}: expected keys and values")
    return loaded


def _load(path: Path, without: abc.Sequence[str] = ()) -> object:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(_without(read_text(path), without), Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BrokenTemplate(f"{where(path)} cannot be read: {error}") from error


def _without(text: str, keys: abc.Sequence[str]) -> str:
    """The text of a mapping without some of its keys and all that stands below them."""
    if not keys:
        return text
    kept, inside = [], True
    for line in text.splitlines(keepends=True):
        if line[:1].isalpha():
            inside = line.partition(":")[0] not in keys
        if inside:
            kept.append(line)
    return "".join(kept)


def read_text(path: Path) -> str:
    """The text of `path`, which is UTF-8."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenTemplate(f"{where(path)} cannot be read: {error}") from error


def where(path: Path) -> str:
    """How a file of ours is named in an error: its folder and its name."""
    return f"{path.parent.name}/{path.name}"
