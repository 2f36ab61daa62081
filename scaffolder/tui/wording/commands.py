"""Commands as they are shown in a dialog: what is typed there, so that they can be run as they are.

Invariant: every word is quoted for a shell; what was not typed yet is left out.
"""

import os
import shlex
from pathlib import Path

from textual.content import Content

from scaffolder.tui.words import plain


def shown_path(root: Path) -> str:
    """The shorter of the two ways to name it from here."""
    try:
        relative = os.path.relpath(root)
    except OSError:  # the working folder is gone
        return str(root)
    return str(root) if relative.startswith(("..", "-")) else relative


def command(name: str, root: Path, *words: str, **typed: str) -> Content:
    """`scaffold NAME ROOT WORDS`, with an option for each part that is `typed` and not empty."""
    options = [word for option, value in typed.items() for word in _option(option, value.strip())]
    return plain(f"$ {shlex.join(['scaffold', name, shown_path(root), *words, *options])}")


def _option(name: str, value: str) -> list[str]:
    """The option as one word where its value would be taken for another option."""
    if not value:
        return []
    return [f"--{name}={value}"] if value.startswith("-") else [f"--{name}", value]
