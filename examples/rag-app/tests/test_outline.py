"""Titles and entries of a help topic are found; examples, tables and prose are none."""

import pytest

from pytopics.baseline import sentences
from pytopics.chunking import split
from pytopics.documents import Document
from pytopics.outline import headings, with_signatures_joined

TOPIC = """String Methods
**************

Strings have the methods below.

str.lower()

   Return a copy in lower case.

      >>> 'A'.lower()
      # nothing but a comment
      'a'

str.zfill(width)

   Return a copy left filled with zeros.

These are all.


Older ways
==========

See printf.
"""


def found(text: str) -> list[str]:
    return [heading.text for heading in headings(text.split("\n")).values()]


def chunks(text: str, words: int = 100) -> dict[str, str]:
    document = Document("string-methods.txt", "String Methods", text, "everyone", {}, "")
    return {chunk.heading: chunk.text for chunk in split(document, words, 0)}


def test_underlined_lines_are_titles_by_the_mark_below_them() -> None:
    lines = ["Types", "*****", "", "Numbers", "=======", "", "Integer", "-------"]
    levels = {heading.text: heading.level for heading in headings(lines).values()}
    assert levels == {"Types": 0, "Numbers": 1, "Integer": 2}


@pytest.mark.parametrize(
    "text",
    [
        "the following:\n\n   x = 1",
        "It is equivalent to\n\n   x = 1",
        "pass_stmt ::= x\n\n   y",
        "* an item\n\n   more of it",
        "# a comment\n\n   x = 1",
        "A line.\n\n   x = 1",
        "short\n=====\nnot longer than its line\n===",
    ],
)
def test_examples_lists_and_prose_are_no_entries(text: str) -> None:
    assert [each for each in found(text) if each != "short"] == []


def test_an_entry_is_a_passage_below_its_signature() -> None:
    assert list(chunks(TOPIC)) == [
        "String Methods",
        "String Methods > str.lower()",
        "String Methods > str.zfill(width)",
    ]
    assert chunks(TOPIC)["String Methods > str.lower()"].endswith("'a'")


def test_what_follows_an_entry_is_not_under_its_heading() -> None:
    text = TOPIC.partition("\n\n\n")[0]
    document = Document("string-methods.txt", "String Methods", text, "everyone", {}, "")
    last = split(document, 100, 0)[-1]
    assert (last.heading, last.text) == ("String Methods", "These are all.")


def test_several_signatures_above_one_text_are_one_entry() -> None:
    text = "object.__lt__(self, other)\nobject.__le__(self, other)\n\n   Compared."
    assert found(text) == ["object.__lt__(self, other)"]


def test_of_nested_entries_the_inner_one_stands_below_the_outer() -> None:
    text = "class dict()\n\n   A mapping.\n\n   len(d)\n\n      The number of items.\n"
    assert list(chunks(text)) == [
        "String Methods > class dict()",
        "String Methods > class dict() > len(d)",
    ]


def test_markdown_keeps_its_own_headings() -> None:
    document = Document("a.md", "A", "# A\n\none\n\n# B\n\ntwo", "everyone", {}, "")
    assert [chunk.heading for chunk in split(document, 3, 0)] == ["A", "A > B"]


def test_a_signature_is_joined_with_the_text_below_it() -> None:
    text = (
        "object.__lt__(self, other)\nobject.__le__(self, other)\n\n   Compared.\n\nProse.\n\n   x"
    )
    joined = (
        "object.__lt__(self, other)\nobject.__le__(self, other)\n   Compared.\n\nProse.\n\n   x"
    )
    assert with_signatures_joined(text) == joined


def test_a_signature_is_no_sentence_without_its_text() -> None:
    (found,) = sentences("str.zfill(width)\n\n   Return a copy left filled with zeros.")
    assert found == "str.zfill(width) Return a copy left filled with zeros."
