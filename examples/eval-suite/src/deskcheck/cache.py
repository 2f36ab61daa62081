"""Answers that cost something are kept by what they were asked, so no run pays for them twice.

Invariant: an entry is whole or not there. A run that was killed goes on where it stopped, because
whatever it had is here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from .result import Usage
from .settings import Settings, SystemSpec
from .systems import Output

CODE = ("config.toml", "scaffold.toml", "src", "prompts", "data")  # of another project


def is_kept(spec: SystemSpec) -> bool:
    """Whether answers are kept: as its table says by `cached`, else where they can be told apart.

    What stands behind a function or an address may change without a trace here.
    """
    return spec.kind not in ("callable", "url") if spec.cached is None else spec.cached


def key_of(spec: SystemSpec, given: Mapping[str, Any], trial: int, settings: Settings) -> str:
    """Changes with the system, its version, the input, the trial, the model and the prompt.

    For another project it changes with each of its files that can change an answer, for a command
    with each file that the command names.
    """
    place = settings.root / spec.target
    text = place.read_text(encoding="utf-8") if spec.kind == "model" and place.exists() else ""
    code = _code_of(place, CODE) if spec.kind == "project" else ""
    code += _code_of(settings.root, spec.argv) if spec.kind == "command" else ""
    parts = [asdict(spec), given, trial, settings.llm.model, text, code]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def fetch(key: str, settings: Settings) -> Output | None:
    """The answer kept under `key`; None where there is none, or one that cannot be read."""
    try:
        fields = json.loads(_path(key, settings).read_text(encoding="utf-8"))
        return Output(**{**fields, "usage": Usage(**fields["usage"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep(key: str, output: Output, settings: Settings) -> None:
    """Keep an answer; a failed one is asked again the next time."""
    if output.status == "failed":
        return
    path = _path(key, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{id(output)}")
    unfinished.write_text(json.dumps(asdict(output)), encoding="utf-8")
    unfinished.replace(path)


@cache
def _code_of(folder: Path, names: tuple[str, ...]) -> str:
    """A fingerprint of the files and folders of these names that are there."""
    found = hashlib.sha256()
    for name in names:
        place = folder / name
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(str(file).encode() + file.read_bytes())
    return found.hexdigest()


def _path(key: str, settings: Settings) -> Path:
    return settings.root / "var" / "cache" / key[:2] / f"{key}.json"
