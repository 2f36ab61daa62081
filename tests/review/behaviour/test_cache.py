"""Results are found again for the same content, and for no other."""

from pathlib import Path

import pytest

from scaffolder.paths import cache_dir
from scaffolder.review import view
from scaffolder.review.behaviour import cache, declared
from scaffolder.review.model import Try, no, ran
from tests.review.behaviour import smallrag

FOUND = no("It crashes.", ran("python -m rag", 1, 0.5, "ab", "a traceback"))


def key(root: Path, reads: str = "code", box: str = "none", fault: str = "f") -> str:
    with view.opened(root) as seen:
        each = Try("X1", fault, "retrieval.nothing_is_declined", {}, reads)
        return cache.key(each, seen, declared.declared(seen), root / ".venv", box)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return smallrag.project(tmp_path)


def test_a_result_is_found_again_as_it_was() -> None:
    assert cache.read("name") is None
    cache.write("name", FOUND)
    assert cache.read("name") == FOUND


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"x"', "null", "{}", "[" * 100_000, "\udcff", '{"answer": "perhaps"}'],
    ids=range(9),
)
def test_a_broken_file_is_no_result(text: str) -> None:
    cache.write("name", FOUND)
    path = cache_dir() / "tries" / "name.json"
    path.write_text(text, "utf-8", "surrogateescape")
    assert cache.read("name") is None


@pytest.mark.parametrize(
    "path", ["src/rag/__init__.py", "corpus/alder.txt", "scaffold.toml", "evals/golden.jsonl"]
)
def test_a_file_that_matters_makes_another_name(path: str, root: Path) -> None:
    before = key(root)
    text = (root / path).read_text()
    (root / path).write_text(text.replace("lanterns", "lamps") + 'x = "\\n"\n')
    if path == "scaffold.toml":
        (root / path).write_text(text.replace("ask", "answer"))
    assert key(root) != before


def test_prose_matters_only_to_what_reads_all(root: Path) -> None:
    code, everything = key(root), key(root, "all")
    (root / "README.md").write_text("# Lamps\n")
    assert key(root) == code
    assert key(root, "all") != everything


def test_another_sandbox_or_fault_makes_another_name(root: Path) -> None:
    names = {key(root), key(root, box="bubblewrap"), key(root, fault="g"), key(root)}
    assert len(names) == 3
