"""The corpus is what its manifest says: which topics, of which edition, byte by byte."""

import hashlib
import json
from pathlib import Path

from pytopics.project import find_root

DATA = find_root() / "data"
MANIFEST = json.loads((DATA / "manifest.json").read_bytes())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_manifest_names_every_topic_and_its_hash() -> None:
    found = {path.name: digest(path) for path in (DATA / "corpus").iterdir()}
    assert found == {entry["name"]: entry["sha256"] for entry in MANIFEST}


def test_all_topics_are_of_one_edition_and_one_licence() -> None:
    assert {(entry["edition"], entry["licence"]) for entry in MANIFEST} == {
        ("Python 3.11.7", "PSF-2.0")
    }


def test_the_licence_and_its_notice_of_copyright_are_beside_the_corpus() -> None:
    text = (DATA / "LICENSE-PSF.txt").read_text(encoding="utf-8")
    assert "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2" in text
    assert "2023 Python Software Foundation" in text
