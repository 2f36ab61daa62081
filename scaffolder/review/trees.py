"""The small repositories that test a check, built from its YAML.

Invariant: a tree is written only below the empty folder it is given.

A tree maps a path to its content: a text, `{rows: N, row: {...}}` for N JSON rows (`{n}` in a
value is the row's number), `{lines: N, line: text}`, `{size: BYTES}`, or `{key: anthropic, in:
text}`, a made-up key of that shape for `{key}` in the text: none may stand in a file of ours.
Beside the paths, `commits:` lists what was committed before, oldest first: each `{message,
days_ago, files}`; the tree itself is the last commit. A tree without `commits:` is a folder
without git. With them, `branches:` maps a branch to the files of its only commit, and
`uncommitted:` are files that are written after the last commit.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scaffolder.errors import BrokenTemplate

LAST = "finish"
"""The message of the last commit of a tree that has commits."""

_NO_PATHS = {"commits", "branches", "uncommitted"}


def build(tree: Mapping[str, Any], folder: Path) -> None:
    """Writes the tree into `folder`, which is empty."""
    commits = tree.get("commits")
    files = {path: content for path, content in tree.items() if path not in _NO_PATHS}
    if commits is None:
        _write(files, folder)
        return
    from scaffolder.gitrepo import committed

    now = datetime.now(UTC)
    for branch, content in tree.get("branches", {}).items():
        _branch(branch, content, folder, now)
    for commit in [*commits, {"message": LAST, "days_ago": 0, "files": files}]:
        for name in commit.get("remove", []):
            (folder / name).unlink()
        _write(commit.get("files", {}), folder)
        when = now - timedelta(days=commit.get("days_ago", 0))
        committed(folder, str(commit["message"]), when)
    _write(tree.get("uncommitted", {}), folder)


def _branch(name: str, files: Mapping[str, Any], folder: Path, when: datetime) -> None:
    """Commits the files alone; the branch that it was on takes its name and leaves the folder."""
    from scaffolder.gitrepo import committed

    _write(files, folder)
    committed(folder, LAST, when)
    heads = folder / ".git" / "refs" / "heads"
    (heads / "main").rename(heads / name)
    for path in files:
        (folder / path).unlink()


def _write(files: Mapping[str, Any], folder: Path) -> None:
    for path, content in files.items():
        target = folder / path
        if ".." in target.parts or not target.is_relative_to(folder):
            raise BrokenTemplate(f"a tree of the rubric names {path}, which lies outside of it")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_content(content, path))


def _content(content: object, path: str) -> bytes:
    match content:
        case str():
            return content.encode()
        case {"size": int(size)}:
            return b"\0" * size
        case {"lines": int(count), "line": str(line)}:
            return "".join(f"{_numbered(line, n)}\n" for n in range(1, count + 1)).encode()
        case {"key": "anthropic", "in": str(text)}:
            return text.replace(
                "{key}", "-".join(("sk", "ant", "api03", "Zk3" * 31 + "AA"))
            ).encode()
        case {"rows": int(count), "row": dict(row)}:
            rows = (json.dumps(_filled(row, n)) for n in range(1, count + 1))
            return "".join(f"{r}\n" for r in rows).encode()
    raise BrokenTemplate(f"a tree of the rubric gives {path} a content that is not understood")


def _filled(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {k: _value(v, number) for k, v in row.items()}


def _value(value: object, number: int) -> object:
    match value:
        case str():
            return _numbered(value, number)
        case dict():
            return _filled(value, number)
        case list():
            return [_value(v, number) for v in value]
    return value


def _numbered(text: str, number: int) -> str:
    return text.replace("{n}", str(number))
