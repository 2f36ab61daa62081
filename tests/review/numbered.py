"""A small project whose README, claims and rows agree, for the tests of numbers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scaffolder.review import view
from scaffolder.review.model import Reading
from scaffolder.review.probes import claims

RESULTS = "evals/results/model.jsonl"
GOLDEN = "evals/questions.jsonl"
MANIFEST = f"""[paths]
corpus = "data/corpus"
golden = "{GOLDEN}"
results = "evals/results"
prompts = "prompts"

[[claims]]
text = "accuracy of model, test split"
metric = "accuracy"
value = 0.75
n = 12
ci = [0.47, 0.91]
method = "Wilson"
results = "{RESULTS}"
"""
README = "# Desk\n\nThe accuracy of model is 0.75 [0.47, 0.91], n = 12.\n\n"
FILES = {
    "README.md": README,
    "scaffold.toml": MANIFEST,
    "src/desk/search.py": "LIMIT = 5\n",
    "tests/test_search.py": "def test_it(): pass\n",
    "config.toml": "k = 5\n",
    "prompts/answer.md": "Answer.\n",
    "data/corpus/leave.md": "Six weeks.\n",
    GOLDEN: "".join(
        json.dumps({"id": f"q{n}", "split": "test", "question": f"{n}?", "relevant": []}) + "\n"
        for n in range(12)
    ),
}


def rows(**more: Any) -> list[dict[str, Any]]:
    """Twelve rows, nine of them right; `more` is in each."""
    common: dict[str, Any] = {"split": "test", "system": "model", "answer": "yes", **more}
    return [
        {"id": f"q{n}", **common, "latency_ms": 20 + n, "grades": {"accuracy": int(n > 2)}}
        for n in range(12)
    ]


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def write_rows(root: Path, listed: list[dict[str, Any]], name: str = RESULTS) -> None:
    write(root, {name: "".join(json.dumps(row) + "\n" for row in listed)})


def edit(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text("utf-8")
    assert old in text
    write(root, {name: text.replace(old, new)})


def read(root: Path) -> Reading:
    with view.opened(root) as seen:
        return claims.recomputed(seen)
