"""Chunks are slices that keep every word, under ids that do not change with the run."""

import random

import pytest

from pytopics.chunking import Chunk, split
from pytopics.documents import Document

HANDBOOK = """# Leave

Everybody has leave.

## Annual leave

Twenty-nine days a year.

### Asking

Ask your lead. Then tell the rota.

## Sick leave

Call before nine.
"""


def document(text: str, source: str = "leave.md", title: str = "Leave") -> Document:
    return Document(source, title, text, "everyone", {}, "")


def random_text(seed: int) -> str:
    """Headings, paragraphs, lists, tables, fences and one very long sentence, in any order."""
    chance = random.Random(seed)

    def words(count: int) -> str:
        return " ".join(f"w{chance.randrange(900)}" for _ in range(count))

    makers = (
        lambda: f"{'#' * chance.randint(1, 4)} {words(3)}",
        lambda: ". ".join(words(chance.randint(1, 30)) for _ in range(chance.randint(1, 8))) + ".",
        lambda: "\n".join(f"- {words(5)}" for _ in range(chance.randint(1, 40))),
        lambda: "\n".join(f"| {words(2)} | {words(2)} |" for _ in range(chance.randint(1, 30))),
        lambda: f"```\n# {words(4)}\n\n{words(9)}\n```",
        lambda: words(chance.randint(80, 300)),
    )
    return "\n\n".join(chance.choice(makers)() for _ in range(chance.randint(1, 25)))


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize(("words", "overlap"), [(20, 0), (60, 15), (200, 199)])
def test_no_word_is_lost_and_no_chunk_is_too_long(seed: int, words: int, overlap: int) -> None:
    text = random_text(seed)
    chunks = split(document(text), words, overlap)
    end = 0
    for chunk in chunks:
        start = text.index(chunk.text, max(0, end - len(chunk.text)))
        assert not text[end:start].strip()
        end = start + len(chunk.text)
        assert len(chunk.text.split()) <= words
    assert not text[end:].strip()
    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks)


def test_a_heading_opens_a_chunk_and_names_it() -> None:
    chunks = split(document(HANDBOOK), 10, 2)
    assert [chunk.heading for chunk in chunks] == [
        "Leave",
        "Leave > Annual leave",
        "Leave > Annual leave > Asking",
        "Leave > Sick leave",
    ]
    assert [chunk.position for chunk in chunks] == [0, 1, 2, 3]


def test_short_sections_share_a_chunk_below_what_they_have_in_common() -> None:
    together = split(document(HANDBOOK), 100, 10)
    assert [chunk.heading for chunk in together] == ["Leave"]
    assert together[0].text == HANDBOOK.strip()


def test_inside_a_code_fence_nothing_is_a_heading() -> None:
    (chunk,) = split(document("```\n# a comment\n\nprint()\n```"), 100, 0)
    assert chunk.heading == "Leave"


def test_cut_sections_repeat_whole_sentences_up_to_the_overlap() -> None:
    sentences = [f"Sentence {n} has exactly six words." for n in range(10)]
    chunks = split(document(" ".join(sentences)), 24, 12)
    assert [chunk.text.split(".")[0].split()[1] for chunk in chunks] == ["0", "2", "4", "6"]


def test_ids_depend_on_source_and_text_only() -> None:
    def ids(chunks: list[Chunk]) -> list[str]:
        return [chunk.chunk_id for chunk in chunks]

    before = split(document(HANDBOOK), 10, 2)
    longer = split(document(f"# New first section\n\nWords.\n\n{HANDBOOK}"), 10, 2)
    assert ids(longer)[1:] == ids(before)
    assert not set(ids(split(document(HANDBOOK, source="other.md"), 10, 2))) & set(ids(before))
    assert before[0].chunk_id == "3b253fcec082d7f8"


def test_equal_texts_in_one_source_have_different_ids() -> None:
    chunks = split(document("# A\n\nsame\n\n# A\n\nsame"), 3, 0)
    assert chunks[0].text == chunks[1].text
    assert chunks[0].chunk_id != chunks[1].chunk_id


def test_a_word_of_megabytes_is_cut_and_keeps_every_character() -> None:
    word = "".join(random.Random(1).choices("abcdef", k=100_000))
    chunks = split(document(f"Before {word} after"), 20, 0)
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == f"Before{word}after"
    assert max(len(chunk.text) for chunk in chunks) <= 20 * 200
