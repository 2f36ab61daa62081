"""The engine that knows what keys look like.

Invariant: the repository decides neither which rules hold nor what they are tried on. The engine
is built when the first text is scanned, or beside what else is done (`warm_up`).
"""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.review.leaks.suspects import Suspect, judged, rules

if TYPE_CHECKING:
    from kingfisher_sdk import DetectionScanner

_BUILDING = threading.Lock()


def warm_up() -> None:
    """Starts to build the engine beside what the caller does; who scans waits for it."""
    threading.Thread(target=_early, daemon=True).start()


def hits(data: bytes, path: str) -> Iterator[Suspect]:
    """What the rules find in `data` and what is no filler."""
    from kingfisher_sdk import ScanInput

    for raw in _engine().scan_input(ScanInput(hint(path), data)):
        if raw.visible:
            at = raw.location
            yield from judged(data, at["start_offset"], at["end_offset"], raw.rule_id, path)


def matches(data: bytes, hinted: str) -> bool:
    """Whether any rule matches in `data`, filler included."""
    from kingfisher_sdk import ScanInput

    return bool(_engine().scan_input(ScanInput(hinted, data)))


def hint(path: str) -> str:
    """The name under which the engine may see a file: some rules want one, and none may hide it.

    Its allow-lists know lock files, pictures and vendored folders by their path.
    """
    name = path.rpartition("/")[2].lower()
    endings = (".yml", ".yaml", ".tf", ".hcl", ".php")
    ending = next((e for e in endings if name.endswith(e)), "")
    kept = name if name in ("nuget.config", ".git-credentials") else ""
    return kept or (f"x{ending}" if ending else "")


@cache
def identity() -> str:
    """Which engine is installed, told from its files: to load it takes longer."""
    spec = find_spec("kingfisher_sdk")
    folders = spec.submodule_search_locations if spec else None
    files = sorted(Path(folders[0]).glob("*")) if folders else []
    return repr([(f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in files])


def _early() -> None:
    with suppress(Exception):  # who scans builds it again, and there it is raised
        _engine()


def _engine() -> "DetectionScanner":
    with _BUILDING:
        return _built()


@cache
def _built() -> "DetectionScanner":
    from kingfisher_sdk import DetectionScanner, Rules

    # Not where TMPDIR says: that may be in the target.
    place = "/tmp" if os.access("/tmp", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="scaffold-", dir=place) as folder:
        own = Path(folder) / "shapes.yml"
        own.write_text(rules(), "utf-8")
        every = Rules([own], confidence="low")
    return DetectionScanner(
        every,
        inline_ignores=False,
        ignore_comments=(),
        markup_context=False,
        base64=False,  # decoded.py does, with wrapped lines and both alphabets
        redact=True,
    )
