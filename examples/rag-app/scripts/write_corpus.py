"""Writes the corpus again from the running Python: its help topics, one text file each, verbatim.

    python scripts/write_corpus.py            write data/corpus and data/manifest.json
    python scripts/write_corpus.py --check    compare them with this Python, write nothing

`pydoc_data.topics` is what `help("for")` prints. It is made from the language reference when Python
is released, so another release has other texts: `--check` names the topics that differ.
"""

import argparse
import hashlib
import json
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "data" / "corpus"
MANIFEST = ROOT / "data" / "manifest.json"
LICENCE = "PSF-2.0"


def main() -> int:
    """0 if the files are those of this Python (or were written), 1 if some differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    if parser.parse_args().check:
        return check()
    write()
    print(f"{len(topics)} topics of Python {platform.python_version()} in {CORPUS}")
    return 0


def write() -> None:
    """Make `data/corpus` hold exactly the topics, and the manifest their hashes."""
    CORPUS.mkdir(parents=True, exist_ok=True)
    for old in CORPUS.glob("*.txt"):
        old.unlink()
    for name, text in topics.items():
        (CORPUS / f"{name}.txt").write_bytes(text.encode())
    lines = ",\n".join(f"  {json.dumps(entry)}" for entry in entries(topics))
    MANIFEST.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def check() -> int:
    """Compare the manifest with this Python's topics."""
    recorded = {entry["name"]: entry["sha256"] for entry in json.loads(MANIFEST.read_bytes())}
    here = {entry["name"]: entry["sha256"] for entry in entries(topics)}
    names = recorded.keys() | here.keys()
    differ = sorted(name for name in names if recorded.get(name) != here.get(name))
    if differ:
        print(f"{len(differ)} of {len(names)} topics differ in Python {platform.python_version()}:")
        print("  " + " ".join(differ))
    return 1 if differ else 0


def entries(texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """One entry of the manifest for each topic."""
    edition = platform.python_version()
    for name, text in sorted(texts.items()):
        yield {
            "name": f"{name}.txt",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "source": f"pydoc_data.topics[{name!r}]",
            "url": f"https://github.com/python/cpython/blob/v{edition}/Lib/pydoc_data/topics.py",
            "edition": f"Python {edition}",
            "licence": LICENCE,
        }


if __name__ == "__main__":
    sys.exit(main())
