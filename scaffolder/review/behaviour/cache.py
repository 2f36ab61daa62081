"""What tries showed, kept by content: what did not change is not run again.

Invariant: a result is found again only for the same files, environment, sandbox, try and version of
ours; a file here that is not as it was written is no result.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scaffolder import __version__, confined, runner, sandbox
from scaffolder.paths import cache_dir
from scaffolder.review.behaviour.model import Declared
from scaffolder.review.model import Answer, Evidence, Ran, Reading, Try
from scaffolder.review.view import RepoView

KEPT = 5_000
"""Results that are kept; the oldest go."""

_BELOW = (sandbox.__file__, confined.__file__, runner.__file__)
_PROSE = (".md", ".rst", ".adoc")
_NOT_READ = ("scaffold.toml", "LICENSE")


def key(each: Try, view: RepoView, declared: Declared, venv: Path, box: str) -> str:
    """The name of a result: a digest of all that it rests on."""
    rests_on = (
        __version__,
        _ours(),
        asdict(each),
        asdict(declared),
        view.once(_everything if each.reads == "all" else _code),
        _environment(venv),
        box,
    )
    return hashlib.sha256(json.dumps(rests_on, sort_keys=True, default=list).encode()).hexdigest()


def read(name: str) -> Reading | None:
    """The result that was kept under `name`."""
    try:
        raw = json.loads((_folder() / f"{name}.json").read_text("utf-8"))
        return Reading(
            Answer(raw["answer"]),
            str(raw["reason"]),
            tuple(map(_evidence, raw["evidence"])),
            str(raw["verify"]),
            str(raw["waits_for"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def write(name: str, found: Reading) -> None:
    """Keeps a result; where nothing can be written it is made again the next time."""
    folder = _folder()
    part = folder / f"{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(asdict(found)), "utf-8")
        part.replace(folder / f"{name}.json")
    except OSError:
        return
    _sweep(folder)


def _folder() -> Path:
    return cache_dir() / "tries"


def _sweep(folder: Path) -> None:
    there = sorted(folder.glob("*.json"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in there[KEPT:]:
        path.unlink(missing_ok=True)


def _evidence(raw: Mapping[str, Any]) -> Evidence:
    done = Ran(**raw["ran"]) if raw["ran"] else None
    return Evidence(str(raw["path"]), raw["line"], raw["end_line"], str(raw["text"]), done)


def _everything(view: RepoView) -> str:
    return _digest(view, view.files)


def _code(view: RepoView) -> str:
    """Of all that a command may read, which is not prose: what documents say changes no answer."""
    corpus = str(_path(view, "corpus"))
    return _digest(view, [p for p in view.files if not _is_prose(p, corpus)])


def _path(view: RepoView, name: str) -> str:
    from scaffolder.review.behaviour.declared import declared

    return declared(view).paths.get(name, "")


def _is_prose(path: str, corpus: str) -> bool:
    inside = bool(corpus) and path.startswith(corpus.rstrip("/") + "/")
    top = "/" not in path or path.startswith(("docs/", ".github/"))
    return path in _NOT_READ or (top and path.endswith(_PROSE) and not inside)


def _digest(view: RepoView, paths: Any) -> str:
    found = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(view.raw(path, view.size(path))).hexdigest()
        found.update(f"{path}\0{content}\n".encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def _environment(venv: Path) -> tuple[str, ...]:
    """What is installed: names and versions, and which Python."""
    made = venv / "pyvenv.cfg"
    text = made.read_text("utf-8", "replace") if made.is_file() else ""
    told = "\n".join(line for line in text.splitlines() if line.startswith("version"))
    return (told, *sorted(path.name for path in venv.glob("lib/*/site-packages/*.dist-info")))


def _ours() -> str:
    """The code of the tries: another way of trying gives another result."""
    found = hashlib.sha256(version("llmock").encode())
    for path in (*sorted(Path(__file__).parent.rglob("*.py")), *map(Path, _BELOW)):
        found.update(path.read_bytes())
    return found.hexdigest()
