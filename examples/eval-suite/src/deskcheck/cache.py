"""Answers that cost something are kept by what they were asked, so no run pays for them twice.

Invariant: an entry is whole or not there. A run that was killed goes on where it stopped, because
whatever it had is here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .result import Usage
from .settings import Settings, SystemSpec
from .systems import Output

FREE = ("callable",)  # asked again each time: they cost nothing and their code may have changed


def key_of(spec: SystemSpec, given: Mapping[str, Any], trial: int, settings: Settings) -> str:
    """Changes with the system, its version, the input, the trial, the model and the prompt."""
    prompt = settings.root / spec.target
    text = prompt.read_text(encoding="utf-8") if spec.kind == "model" and prompt.exists() else ""
    parts = [asdict(spec), given, trial, settings.llm.model, text]
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


def _path(key: str, settings: Settings) -> Path:
    return settings.root / "var" / "cache" / key[:2] / f"{key}.json"
