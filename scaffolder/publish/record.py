"""What was done of a publication, so that running it again goes on.

Invariant: it lies in our own state folder and never in the project; it holds no token, and what is
written there is whole or not there. It is a help, not a proof: the host is asked all the same.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from scaffolder.errors import CannotWrite
from scaffolder.paths import state_file
from scaffolder.publish.model import Frozen
from scaffolder.regularfile import read_regular

_LIMIT = 64 * 1024


@dataclass(frozen=True)
class Record:
    """The steps that are done for one commit of one project, to one target."""

    project: str
    sha: str
    target: str
    done: tuple[str, ...] = ()


def read(frozen: Frozen, target: str) -> Record:
    """What is known; an empty record where nothing is, or where it is of another target."""
    fresh = Record(frozen.project, frozen.sha, target)
    with suppress(OSError, ValueError, TypeError, KeyError):
        raw = json.loads(read_regular(_path(fresh), _LIMIT))
        kept = Record(raw["project"], raw["sha"], raw["target"], tuple(map(str, raw["done"])))
        return kept if replace(kept, done=()) == fresh else fresh
    return fresh


def note(record: Record, step: str) -> Record:
    """The record with one more step done, written. CannotWrite where it cannot be."""
    more = replace(record, done=(*(d for d in record.done if d != step), step))
    path = _path(more)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, json.dumps(asdict(more), indent=2))
    except OSError as error:
        raise CannotWrite(
            f"{path} cannot be written: {error.strerror}",
            "Without it a publication that was cut off could not go on.",
        ) from error
    return more


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _path(record: Record) -> Path:
    of = f"{record.project}\0{record.sha}\0{record.target}".encode("utf-8", "surrogateescape")
    return state_file().parent / "published" / f"{hashlib.sha256(of).hexdigest()[:32]}.json"
