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
    """Whether answers are kept: those of a function are not, unless its table says `cached`."""
    return spec.kind != "callable" if spec.cached is None else spec.cached


def key_of(spec: SystemSpec, given: Mapping[str, Any], trial: int, settings: Settings) -> str:
    """Changes with the system, its version, the input, the trial, the model and the prompt.

    For another project it changes with each of its files that can change an answer.
    """
    place = settings.root / spec.target
    text = place.read_text(encoding="utf-8") if spec.kind == "model" and place.exists() else ""
    code = _code_of(place) if spec.kind == "project" else ""
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
def _code_of(folder: Path) -> str:
    found = hashlib.sha256()
    for name in CODE:
        place = folder / name
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return found.hexdigest()


def _path(key: str, settings: Settings) -> Path:
    return settings.root / "var" / "cache" / key[:2] / f"{key}.json"
