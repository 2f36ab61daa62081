"""What `scaffold new` would make, before it is made: every file with its text.

Invariant: the real template is rendered, in a folder of its own that is gone afterwards, also
after a signal; the destination is not touched. What is returned is bounded, however large a file.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scaffolder import generate, progress, skills, stopping
from scaffolder.journeys import answers

MAX_CHARACTERS = 12_000
"""Characters of one file that are shown."""

MAX_LINES = 300
"""Lines of one file that are shown."""


@dataclass(frozen=True)
class Made:
    """A file: its posix path, bytes and lines, the text up to the limits (None: binary)."""

    path: str
    size: int
    lines: int
    text: str | None
    cut: bool = False


@dataclass(frozen=True)
class Preview:
    """All answers as they would be taken, and the files in the order of their paths."""

    answers: Mapping[str, str]
    files: Sequence[Made]


def preview(slug: str, destination: Path, given: Mapping[str, str]) -> Preview:
    """Renders the template of the skill; UsageError names a bad answer."""
    skill = skills.find(slug)
    settled = answers.settle(skill, destination, given, progress.load().profile)
    with _room() as tree:
        generate.render(skill, settled, tree)
        found = generate.gate(tree)
    return Preview(settled, [_made(path, content) for path, content in found.items()])


def _made(path: str, content: bytes) -> Made:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return Made(path, len(content), 0, None)
    lines = text.split("\n")
    total = len(lines) - (lines[-1] == "")
    shown = "\n".join(lines[:MAX_LINES])[:MAX_CHARACTERS]
    return Made(path, len(content), total, shown, shown.rstrip("\n") != text.rstrip("\n"))


@contextmanager
def _room() -> Iterator[Path]:
    made: list[str] = []
    try:
        with stopping.held():
            made.append(tempfile.mkdtemp(prefix="scaffold-preview-"))
            tree = Path(made[0]) / "tree"
            tree.mkdir()
        yield tree
    finally:
        with stopping.held():
            for folder in made:
                shutil.rmtree(folder, ignore_errors=True)
