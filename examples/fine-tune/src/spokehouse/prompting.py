"""Prompts are files with an id and a version; what they are applied to travels as data.

Invariant: text from outside stands between two lines with a random mark that it cannot know.
"""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigError

_PROMPT = re.compile(r"---\nid: *(\S+)\nversion: *(\S+)\n---\n(.+)", re.DOTALL)


@dataclass(frozen=True)
class Prompt:
    """`name` is id@version, which every row carries."""

    name: str
    text: str


def load_prompt(path: Path) -> Prompt:
    """The prompt in a file; ConfigError if it is not there, empty or without id and version."""
    try:
        found = _PROMPT.fullmatch(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    if not found or not found[3].strip():
        raise ConfigError(
            f"{path} is no prompt", "it begins with ---, id: NAME, version: N, --- and has a text"
        )
    return Prompt(f"{found[1]}@{found[2]}", found[3].strip())


def as_data(what: str, text: str) -> str:
    """`text` between two marks, named `what`; the mark is new each time."""
    mark = secrets.token_hex(8)
    return f"<{what} {mark}>\n{text}\n</{what} {mark}>"
