"""The golden set: a bad line is named, and labels survive another chunking."""

import json
from dataclasses import replace

import pytest
from small_corpus import open_index, rows, settings_in

from pytopics.chunking import Chunk
from pytopics.errors import UsageError
from pytopics.evaluation import golden
from pytopics.evaluation.golden import Label

QUOTE = "All of it has to be taken before the second birthday of the child."


def chunk(chunk_id: str, text: str, source: str = "a.md") -> Chunk:
    return Chunk(chunk_id, source, 0, "", text, "everyone")


def written(tmp_path, *lines: str):
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_only_the_questions_of_the_corpus_are_loaded(tmp_path):
    other = rows()[1] | {"corpus": "another"}
    path = written(tmp_path, json.dumps(rows()[0]), "", json.dumps(other))
    assert [q.id for q in golden.load(path, "small")] == [rows()[0]["id"]]
    assert len(golden.load(path)) == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"split": "train"}, "split is 'train'"),
        ({"question": " "}, "'question' is missing"),
        ({"relevant": "bees.md"}, "'relevant' is missing or not a list"),
        ({"relevant": [{"source": "bees.md"}]}, "'quote' is missing"),
        ({"facts": [[]]}, "list of alternative wordings"),
    ],
)
def test_a_bad_line_is_named(tmp_path, change, complaint):
    path = written(tmp_path, json.dumps(rows()[0]), json.dumps(rows()[1] | change))
    with pytest.raises(UsageError, match=rf"questions\.jsonl line 2: .*{complaint}"):
        golden.load(path)


def test_other_line_separators_do_not_end_a_line(tmp_path):
    row = rows()[0] | {"question": "What is\u2028a line?"}
    path = written(tmp_path, json.dumps(row, ensure_ascii=False))
    assert [q.question for q in golden.load(path)] == ["What is\u2028a line?"]


def test_an_id_used_twice_is_named(tmp_path):
    path = written(tmp_path, json.dumps(rows()[0]), json.dumps(rows()[0]))
    with pytest.raises(UsageError, match="line 2: id 'bees' is used twice"):
        golden.load(path)


def test_every_chunk_with_the_whole_quote_carries_the_label():
    chunks = [
        chunk("c1", f"Before. {QUOTE}"),
        chunk("c2", QUOTE.replace(" ", "\n  ") + " After."),
        chunk("c3", "Something else."),
        chunk("c4", QUOTE, source="b.md"),
    ]
    assert golden.carriers(Label("a.md", QUOTE), chunks) == {"c1", "c2"}


def test_a_quote_cut_in_two_belongs_to_the_larger_part():
    chunks = [chunk("c1", "Before. " + QUOTE[:20]), chunk("c2", QUOTE[20:] + " After.")]
    assert golden.carriers(Label("a.md", QUOTE), chunks) == {"c2"}


def test_a_quote_that_is_gone_is_carried_by_nothing():
    assert golden.carriers(Label("a.md", QUOTE), [chunk("c1", "Unrelated words only.")]) == set()


def test_labels_survive_another_chunking(tmp_path):
    text = "\n\n".join(f"Rule {n} of the house says that door {n} stays shut." for n in range(40))
    settings = settings_in(tmp_path, {"rules.md": text})
    label = Label("rules.md", "Rule 30 of the house says that door 30 stays shut.")
    for words in (40, 200):
        index = open_index(replace(settings, chunk_words=words, chunk_overlap=0))
        (carrier,) = golden.carriers(label, index.chunks("rules.md"))
        assert label.quote in index.chunk(carrier).text
        index.close()


def test_a_label_without_a_passage_names_the_question(tmp_path):
    settings = settings_in(tmp_path)
    question = golden.load(settings.questions)[0]
    gone = replace(question, relevant=(Label("bees.md", "Nobody ever wrote these words."),))
    with pytest.raises(UsageError, match=r"question bees: no passage of bees\.md has"):
        golden.targets(gone, open_index(settings))


def test_all_broken_labels_are_listed_with_their_lines(tmp_path):
    settings = settings_in(tmp_path)
    (settings.corpus_path / "bees.md").unlink()
    (settings.corpus_path / "lift.md").write_text("There is no lift.")
    questions = golden.load(settings.questions)
    with pytest.raises(UsageError) as raised:
        golden.check_labels(settings.questions, questions, open_index(settings))
    assert raised.value.message.splitlines() == [
        "questions.jsonl: 2 questions have a label that is in no passage",
        "  line 1, bees: bees.md is gone from the corpus",
        "  line 6, lift: no passage of lift.md has 'The lift carries at most nine persons.'",
    ]


def test_a_long_quote_is_shortened_with_a_sign(tmp_path):
    settings = settings_in(tmp_path)
    question = replace(
        golden.load(settings.questions)[0], relevant=(Label("bees.md", "Never written. " * 9),)
    )
    (problem,) = golden.broken_labels([question], open_index(settings)).values()
    assert problem.endswith("Never written.…'")
    assert len(problem) < 100


def test_ranks_are_those_of_the_first_carrier():
    labels = [frozenset({"c2", "c3"}), frozenset({"c9"})]
    assert golden.label_ranks(labels, ["c1", "c3", "c2"]) == (2, None)


def test_a_line_nested_too_deeply_is_named_and_half_a_character_is_replaced(tmp_path):
    half = json.dumps(rows()[0] | {"question": "What is \ud800?"})
    assert golden.load(written(tmp_path, half))[0].question == "What is ??"
    with pytest.raises(UsageError, match="line 2: not JSON"):
        golden.load(written(tmp_path, half, "[" * 100_000))
