"""Words are only added to a question, and only words that the topics have."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from small_corpus import settings_in

from pytopics.glossary import GLOSSARY, expanded
from pytopics.index import Index
from pytopics.project import find_root
from pytopics.retrieval import lexical


def words_of_the_topics() -> set[str]:
    texts = (path.read_text("utf-8") for path in Path(find_root(), "data/corpus").glob("*.txt"))
    return set(re.findall(r"\w+", " ".join(texts).lower()))


@pytest.mark.parametrize(
    ("question", "looked_up"),
    [
        ("one catch for many", "one catch for many except"),
        ("Catch or catch?", "Catch or catch? except"),
        ("array or list?", "array or list? sequence"),
        ("what is a lambda", "what is a lambda"),
        ("", ""),
    ],
)
def test_python_words_follow_the_question_once(question: str, looked_up: str) -> None:
    assert expanded(question) == looked_up


def test_every_added_word_stands_in_the_topics() -> None:
    added = {word.lower() for words in GLOSSARY.values() for word in words}
    assert added <= words_of_the_topics()


def test_a_search_looks_the_added_words_up_only_if_that_is_set(tmp_path: Path) -> None:
    texts = {"a.md": "An except clause handles it.", "b.md": "To catch fish takes time."}
    index = Index.open(settings_in(tmp_path, texts))
    assert [chunk for chunk, _ in lexical(index, "catch", ["everyone"], 9)] == ids(index, "b.md")
    index.settings = replace(index.settings, glossary=True)
    both = {chunk for chunk, _ in lexical(index, "catch", ["everyone"], 9)}
    assert both == {*ids(index, "a.md"), *ids(index, "b.md")}


def ids(index: Index, source: str) -> list[str]:
    return [chunk.chunk_id for chunk in index.chunks(source)]
