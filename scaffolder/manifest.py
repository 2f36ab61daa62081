"""`scaffold.toml` and `.scaffold/template.lock`: read and validated, the lock written.

Invariant: what these files say is data of a repository that may not be ours: every value has the
type promised here or a `UsageError` names the file, and no file is opened through a link.
"""

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder.errors import UsageError
from scaffolder.regularfile import read_regular

MANIFEST = "scaffold.toml"
LOCK = ".scaffold/template.lock"
FORMAT = 1
SHINGLE = 5
"""Lines in a shingle; row files (.jsonl) use one, since a row is the unit of work there."""

_MANIFEST_LIMIT = 128 * 1024
_LOCK_LIMIT = 8 * 1024 * 1024
_RESTORE = "Restore it from the project's first commit: it tells your work from the template's."
_MAX_PARTS = 64
"""Parts of one dotted key: `tomllib` takes time in their square."""

_ONE_STRING = re.compile(r"""\s*[\w-]++\s*=\s*"(?:[^"\\']|\\.|'(?!''))*+"\s*""")
"""A line whose dots are all inside one plain string, wherever the line stands in the file."""


@dataclass(frozen=True)
class Manifest:
    """What a project says of itself; `commands` are argv lists, `paths` are relative."""

    skill: str
    template_version: str
    package: str
    answers: Mapping[str, str]
    commands: Mapping[str, Sequence[str]]
    paths: Mapping[str, str]


@dataclass(frozen=True)
class LockedFile:
    """A generated file as it was: sha256 of its bytes, 16-digit hashes of its shingles."""

    sha256: str
    shingles: frozenset[str]


@dataclass(frozen=True)
class Lock:
    """What the template brought, by path relative to the project."""

    template_version: str
    skill: str
    files: Mapping[str, LockedFile]


def read(project: Path) -> Manifest:
    """The manifest of `project`; `UsageError` says what is missing or of the wrong type.

    A key cannot leave its line, so the dots of a line limit the parts of the keys on it.
    """
    path = project / MANIFEST
    return _manifest(_toml(path), path)


def commands(project: Path) -> Mapping[str, Sequence[str]]:
    """The commands of a manifest, also of one that names no template: somebody wrote it by hand.

    `UsageError` as `read` has it.
    """
    path = project / MANIFEST
    return _commands(_toml(path), path)


def _toml(path: Path) -> Mapping[str, Any]:
    hint = "`scaffold new` makes a project with one, `scaffold init-review` drafts one."
    text = _text(path, _MANIFEST_LIMIT, hint)
    if any(map(_may_be_deep, text.split("\n"))):
        raise UsageError(f"{path}: a key has more than {_MAX_PARTS} parts", hint)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "Mend that line.") from error


def enclosing_project(path: Path) -> Path | None:
    """The generated project that the absolute `path` is or lies in; None outside of one."""
    return next((p for p in (path, *path.parents) if is_project(p)), None)


def is_project(path: Path) -> bool:
    """Whether `path` holds a manifest; one that may not be looked into holds none."""
    return os.path.isfile(path / MANIFEST)  # noqa: PTH113 - Path.is_file raises on a long name


def read_lock(project: Path) -> Lock:
    """The pristine hashes of `project`; `UsageError` when they are missing or malformed."""
    path = project / LOCK
    return parse_lock(_text(path, _LOCK_LIMIT, _RESTORE), path)


def parse_lock(text: str, path: Path) -> Lock:
    """The lock that `text` holds; `UsageError` names `path` when it is malformed."""
    try:
        raw = json.loads(text)
        files = {
            str(name): LockedFile(str(entry["sha256"]), frozenset(map(str, entry["shingles"])))
            for name, entry in raw["files"].items()
        }
        return Lock(str(raw["template_version"]), str(raw["skill"]), files)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} does not hold what was written there", _RESTORE) from error


def lock_text(skill: str, template_version: str, files: Mapping[str, bytes]) -> str:
    """The lock file over `files` (path relative to the project, bytes), as JSON."""
    entries = {name: _entry(name, content) for name, content in sorted(files.items())}
    table = {"format": FORMAT, "skill": skill, "template_version": template_version}
    return json.dumps({**table, "files": entries}, indent=1) + "\n"


def row_hash(line: str) -> str:
    """The hash under which one row of a .jsonl file stands in the lock."""
    return _short(line.strip())


def shingles(name: str, text: str) -> frozenset[str]:
    """Hashes of every run of five non-blank lines; of every single line in a row file."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    width = 1 if name.endswith(".jsonl") else min(SHINGLE, max(len(lines), 1))
    runs = range(len(lines) - width + 1)
    return frozenset(_short("\n".join(lines[at : at + width])) for at in runs)


def _entry(name: str, content: bytes) -> dict[str, Any]:
    found = sorted(shingles(name, content.decode("utf-8", "replace")))
    return {"sha256": hashlib.sha256(content).hexdigest(), "shingles": found}


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _manifest(table: Mapping[str, Any], path: Path) -> Manifest:
    about = _table(table, "scaffold", path)
    if not set(about) - {"package"}:
        raise UsageError(
            f"{path} names no template: this project was not made by `scaffold new`",
            "`scaffold review` reads it as it is.",
        )
    if about.get("format") != FORMAT:
        raise UsageError(f"{path}: [scaffold] format is not {FORMAT}", "A newer scaffold wrote it?")
    return Manifest(
        skill=_string(about, "skill", path),
        template_version=_string(about, "template_version", path),
        package=_string(about, "package", path),
        answers=_strings(table, "answers", path),
        commands=_commands(table, path),
        paths=_strings(table, "paths", path),
    )


def _commands(table: Mapping[str, Any], path: Path) -> Mapping[str, Sequence[str]]:
    return {k: _argv(k, v, path) for k, v in _table(table, "commands", path).items()}


def _strings(table: Mapping[str, Any], key: str, path: Path) -> Mapping[str, str]:
    return {k: v for k, v in _table(table, key, path).items() if isinstance(v, str)}


def _may_be_deep(line: str) -> bool:
    return line.count(".") >= _MAX_PARTS and not _ONE_STRING.fullmatch(line)


def _table(table: Mapping[str, Any], key: str, path: Path) -> Mapping[str, Any]:
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise UsageError(f"{path}: [{key}] is not a table", "Write it as `[{key}]`.")
    return found


def _string(table: Mapping[str, Any], key: str, path: Path) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not found:
        raise UsageError(
            f"{path}: [scaffold] {key} is missing", "Restore it from the first commit."
        )
    return found


def _argv(name: str, value: object, path: Path) -> Sequence[str]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise UsageError(
            f"{path}: [commands] {name} is not a list of words", 'Write it as ["python", "-m", …].'
        )
    return tuple(value)


def _text(path: Path, limit: int, hint: str) -> str:
    try:
        return read_regular(path, limit).decode("utf-8", "replace")
    except FileNotFoundError as error:
        raise UsageError(f"there is no {path}", hint) from error
    except OSError as error:
        said = error.strerror if error.errno == 0 else f"cannot be read: {error.strerror}"
        raise UsageError(f"{path} {said}", hint) from error
