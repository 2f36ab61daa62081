"""A corpus of a fixed size made of text that every Python has, and queries over it.

Invariant: the same Python version gives the same files. The text is the language reference, so
the figures say how long things take, not how good retrieval is.
"""

import json
import pydoc_data.topics
import random
from pathlib import Path

WORDS = 170
"""Words in one document: about the mean of a scientific abstract."""


def write_abstracts(folder: Path, count: int) -> None:
    """`count` text files of `WORDS` words each."""
    words = " ".join(pydoc_data.topics.topics.values()).split()
    chance = random.Random(7)
    folder.mkdir()
    for number in range(count):
        start = chance.randrange(len(words) - WORDS)
        text = " ".join(words[start : start + WORDS])
        (folder / f"{number:04}.txt").write_text(f"Abstract {number}\n\n{text}\n", "utf-8")


def write_queries(path: Path, folder: Path, count: int) -> None:
    """`count` queries of nine words taken from the documents, as JSON lines."""
    chance = random.Random(8)
    files = sorted(folder.iterdir())
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            words = chance.choice(files).read_text("utf-8").split()
            start = chance.randrange(len(words) - 9)
            query = {"id": str(number), "query": " ".join(words[start : start + 9])}
            out.write(json.dumps(query) + "\n")
