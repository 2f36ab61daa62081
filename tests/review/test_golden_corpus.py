"""The documents of a project, and whether a quote stands in one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scaffolder.review import trees, view
from scaffolder.review.golden import corpus

PLACED = {"scaffold.toml": '[paths]\ncorpus = "texts"\n'}
LEAVE = "Staff get  thirty\ndays of *leave*."


def held(tree: Mapping[str, Any], source: str, quote: str, folder: Path) -> bool | None:
    trees.build(tree, folder)
    with view.opened(folder) as seen:
        return corpus.holds(seen, source, quote)


@pytest.mark.parametrize(
    ("tree", "documents"),
    [
        ({**PLACED, "texts/a.md": "a", "texts/README.md": "b", "data/c.md": "c"}, ("texts/a.md",)),
        ({"data/raw/a.pdf": "%PDF", "data/README.md": "b"}, ("data/raw/a.pdf",)),
        ({"knowledge_base/a.txt": "a", "notes/b.txt": "b"}, ("knowledge_base/a.txt",)),
        ({"data/faq.json": "[]", "data/ground_truth.json": "[]", "data/evals/q.csv": "a"},
         ("data/faq.json",)),
        ({"tests/data/a.md": "a", "src/a.py": "a"}, ()),
    ],
)  # fmt: skip
def test_documents_are_those_of_the_manifest_else_of_a_data_folder(
    tree: dict[str, str], documents: tuple[str, ...], tmp_path: Path
) -> None:
    trees.build(tree, tmp_path)
    with view.opened(tmp_path) as seen:
        assert corpus.documents(seen) == documents


@pytest.mark.parametrize("source", ["hr/leave.md", "texts/hr/leave.md", "leave.md", "LEAVE"])
def test_a_document_is_found_by_each_of_its_names(source: str, tmp_path: Path) -> None:
    tree = {**PLACED, "texts/hr/leave.md": LEAVE}
    assert held(tree, source, "thirty days of leave", tmp_path) is True


def test_a_name_of_two_documents_is_the_name_of_none(tmp_path: Path) -> None:
    tree = {**PLACED, "texts/hr/leave.md": LEAVE, "texts/it/leave.md": LEAVE}
    assert held(tree, "leave.md", "thirty", tmp_path) is None


@pytest.mark.parametrize(
    ("path", "text", "quote", "answer"),
    [
        ("a.md", LEAVE, "THIRTY days, of leave", True),
        ("a.md", LEAVE, "forty days", False),
        ("a.html", "<p>Thirty&nbsp;<b>days</b></p>", "thirty days", True),
        ("a.html", '<p class="secret">x</p>', "secret", False),
        ("a.md", LEAVE, "...", None),
        ("b.md", LEAVE, "thirty", None),
        ("a.pdf", "%PDF\0", "thirty", None),
        ("a.md", "thirty days " + "x " * 700_000, "thirty days", None),
    ],
)
def test_a_quote_stands_in_a_document_whatever_its_marks(
    path: str, text: str, quote: str, answer: bool | None, tmp_path: Path
) -> None:
    tree = {**PLACED, f"texts/{path}": text}
    source = "a" + path[1:] if path[0] == "a" else "a.md"
    assert held(tree, source, quote, tmp_path) is answer
