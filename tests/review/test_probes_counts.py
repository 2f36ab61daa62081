"""One of a thing is not called several: what a learner reads of a small repository."""

import re
from pathlib import Path
from typing import Any

import pytest
from asked import ask

from scaffolder.review.model import count

SEVERAL_OF_ONE = re.compile(r"\b(?:Only )?1 (?!is\b|was\b|has\b|does\b)\w*[^s\W]s\b|\b1 \w+ are\b")
ONE_COMMIT: dict[str, Any] = {"commits": [], "z.py": "z = 1\n"}


@pytest.mark.parametrize(
    ("probe", "tree", "said"),
    [
        ("history.in_steps", ONE_COMMIT, "1 commit of"),
        ("history.messages", {**ONE_COMMIT, "commits": [{"message": "x"}]}, "2 commit messages"),
        (
            "environment.example_complete",
            {"a.py": "import os\nos.environ['ROTA_KEY']\n"},
            "1 variable",
        ),
        ("docs.concise", {"README.md": "word\n"}, "1 word "),
        ("authorship.own_work", {"README.md": "word\n", "a.py": "a = 1\n"}, "1 word:"),
        ("hygiene.only_source", {"a.ckpt": {"size": 60_000_000}}, "1 tracked file is"),
    ],
)
def test_one_is_one(probe: str, tree: dict[str, Any], said: str, tmp_path: Path) -> None:
    reason = ask(probe, tree, tmp_path).reason
    assert said in reason
    assert not SEVERAL_OF_ONE.search(reason)


def test_a_number_stands_with_its_noun() -> None:
    assert [count(n, "file") for n in (0, 1, 1200)] == ["0 files", "1 file", "1,200 files"]
    assert count(2, "dependency", "dependencies") == "2 dependencies"
