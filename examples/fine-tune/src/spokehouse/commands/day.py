"""`day`: the job cards of a file of messages, one message a line."""

import argparse
from dataclasses import asdict
from pathlib import Path

from ..console import deliver
from ..counting import count
from ..errors import UsageError
from ..items import load_items
from ..layout import aligned, terminal_width
from ..morning import cards, sheet, summary
from ..result import Result
from . import open_settings

MOST_BYTES = 1_000_000
MOST_MESSAGES = 500


def run(args: argparse.Namespace) -> int:
    """Print the cards, the least safe first; UsageError for a file that holds no messages."""
    settings = open_settings()
    texts = _messages(Path(args.file))
    made = cards(texts, count(load_items(settings.items("train"))))
    said = summary(made)
    detail = {"cards": [asdict(card) for card in made]}
    table = aligned(sheet(made), terminal_width())
    deliver(Result("answered", said, detail=detail), args.json, f"{table}\n\n{said}")
    return 0


def _messages(path: Path) -> list[str]:
    try:
        size = path.stat().st_size
        text = path.read_text(encoding="utf-8") if size <= MOST_BYTES else ""
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise UsageError(
            f"cannot read {path}: {reason}", "a text file, a message a line"
        ) from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not 1 <= len(found) <= MOST_MESSAGES:
        wanted = f"1 to {MOST_MESSAGES} of them, at most {MOST_BYTES // 1000} kB"
        raise UsageError(f"{path} holds {len(found)} messages that can be read", wanted)
    return found
