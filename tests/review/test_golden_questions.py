"""Labelled questions are found and read in whatever form a project keeps them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scaffolder import manifest
from scaffolder.review import trees, view
from scaffolder.review.golden import depth, overlap, questions
from scaffolder.review.golden.questions import Label, Question


def read(tree: Mapping[str, Any], folder: Path) -> tuple[Question, ...]:
    trees.build(tree, folder)
    with view.opened(folder) as seen:
        return questions.asked(seen)


@pytest.mark.parametrize(
    ("path", "text", "label"),
    [
        ("data/ground-truth.csv", "question,document\nwhere is it?,d1\n", Label("d1")),
        (
            "data/ground_truth.csv",
            "kind;question;document_id\na;where is it?;d1\n",
            Label("d1"),
        ),
        ("eval/ground_truth.csv", "chunk_id,question\nc9,where is it?\n", Label("", "", "c9")),
        (
            "eval/questions.json",
            '[{"question": "where is it?", "article_title": "Paris", "chunk_id": 4}]',
            Label("Paris", "", "4"),
        ),
        (
            "evals/golden.jsonl",
            '{"query": "where is it?", "relevant": [{"source": "a.md", "quote": "in a"}]}\n',
            Label("a.md", "in a"),
        ),
        (
            "eval/set.json",
            '{"cases": [{"query": "where is it?", "expectedSources": [{"source": "a.pdf"}]}]}',
            Label("a.pdf"),
        ),
        (
            "eval/cases.yaml",
            "- question: where is it?\n  gold_doc_ids: [d1]\n",
            Label("d1"),
        ),
        (
            "eval/testset.json",
            '[{"user_input": "where is it?", "reference_contexts": ["it is in a box"]}]',
            Label("", "it is in a box"),
        ),
        ("eval/qa.jsonl", '{"question": "where is it?", "ground_truth": ["d1"]}\n', Label("d1")),
    ],
)
def test_a_label_is_read_in_each_form(path: str, text: str, label: Label, tmp_path: Path) -> None:
    (found,) = read({path: text}, tmp_path)
    assert (found.text, found.labels[0]) == ("where is it?", label)


def test_the_line_of_a_question_is_known_in_a_json_list(tmp_path: Path) -> None:
    rows = [{"question": f"what is {n}?", "doc_id": f"d{n}"} for n in range(3)]
    found = read({"evals/golden.json": json.dumps(rows, indent=1)}, tmp_path)
    assert [q.line for q in found] == [3, 7, 11]


def test_an_answer_is_no_label(tmp_path: Path) -> None:
    tree = {"evals/qa.jsonl": '{"question": "why?", "ground_truth": "Because it rains."}\n'}
    (found,) = read(tree, tmp_path)
    assert (found.labels, found.facts, found.answerable) == ((), (("Because it rains.",),), None)


def test_an_empty_list_of_labels_says_that_the_corpus_does_not_answer(tmp_path: Path) -> None:
    (found,) = read({"evals/golden.jsonl": '{"question": "why?", "relevant": []}\n'}, tmp_path)
    assert found.answerable is False


def test_ids_that_repeat_are_those_of_documents(tmp_path: Path) -> None:
    tree = {"data/ground_truth.csv": "id,question\n1,how?\n1,why?\n2,when?\n2,where?\n"}
    assert [q.labels[0].source for q in read(tree, tmp_path)] == ["1", "1", "2", "2"]


def test_what_a_program_found_is_no_label(tmp_path: Path) -> None:
    row = {"question": "why?", "retrieved_ids": ["d1"], "answer": "so", "latency_ms": 3}
    found = read({"evals/runs.jsonl": json.dumps(row) + "\n"}, tmp_path)
    assert found == ()


def test_a_question_in_two_files_counts_once(tmp_path: Path) -> None:
    row = '{"question": "why?", "doc_id": "d1"}\n'
    assert len(read({"evals/golden.jsonl": row, "evals/golden-old.jsonl": row}, tmp_path)) == 1


def test_the_manifest_says_where_the_golden_set_is(tmp_path: Path) -> None:
    tree = {
        "scaffold.toml": '[paths]\ngolden = "mine/asked.jsonl"\n',
        "mine/asked.jsonl": '{"question": "mine?", "doc_id": "d1"}\n',
        "evals/golden.jsonl": '{"question": "other?", "doc_id": "d1"}\n',
    }
    assert [q.text for q in read(tree, tmp_path)] == ["mine?"]


def test_beside_a_templates_samples_the_authors_questions_count_alone(tmp_path: Path) -> None:
    row = {"question": "sample?", "relevant": [], "origin": "template sample"}
    sample = json.dumps({"id": "h1", **row}) + "\n"
    own = json.dumps({"id": "q1", **row, "question": "mine?", "origin": "author"}) + "\n"
    brought = {"evals/golden.jsonl": sample.encode()}
    tree = {
        "scaffold.toml": '[scaffold]\nskill = "x"\ntemplate_version = "1"\n'
        '[paths]\ngolden = "evals/golden.jsonl"\n',
        manifest.LOCK: manifest.lock_text("x", "1", brought),
    }
    before = read({**tree, "evals/golden.jsonl": sample}, tmp_path / "a")
    after = read({**tree, "evals/golden.jsonl": sample + own}, tmp_path / "b")
    assert [q.text for q in before] == ["sample?"]
    assert [q.text for q in after] == ["mine?"]


def test_malformed_files_hold_no_questions(tmp_path: Path) -> None:
    tree = {
        "evals/golden.jsonl": '{"question": 7}\n[1]\nnot json\n{"question": ["a"], "doc_id": 1}\n',
        "evals/golden.json": '{"question": {"question": []}',
        "evals/golden.csv": "question,doc_id\n,\n",
    }
    assert read(tree, tmp_path) == ()


@pytest.mark.parametrize(
    ("question", "quote", "share"),
    [
        ("How many weeks of parental leave?", "Parental leave: 16 weeks", 1.0),
        ("May a father stay at home?", "Parental leave: 16 weeks", 0.0),
        ("Which form is for travel?", "The form is F-21", 0.5),
    ],
)
def test_overlap_is_the_share_of_a_questions_words(
    question: str, quote: str, share: float, tmp_path: Path
) -> None:
    row = {"question": question, "relevant": [{"source": "a.md", "quote": quote}]}
    trees.build({"evals/golden.jsonl": json.dumps(row) + "\n"}, tmp_path)
    with view.opened(tmp_path) as seen:
        assert overlap.share(seen, questions.asked(seen)[0]) == share


def test_overlap_with_a_whole_document_is_not_guessed(tmp_path: Path) -> None:
    tree = {
        "evals/golden.jsonl": '{"question": "which form?", "doc_id": "a.md"}\n',
        "data/a.md": "form " * 1000,
    }
    trees.build(tree, tmp_path)
    with view.opened(tmp_path) as seen:
        assert overlap.share(seen, questions.asked(seen)[0]) is None


@pytest.mark.parametrize(
    ("path", "text", "k"),
    [
        ("config.toml", "[retrieval]\nk = 7\n", 7),
        ("src/search.py", "def ask(q):\n    return store.similarity_search(q, k=4)\n", 4),
        ("config.yaml", "retrieval:\n  top_k: 6\n", 6),
        ("src/fusion.py", "def rrf(lists, k=60):\n    return lists\n", None),
        ("evaluation/run.py", "def run(q):\n    return search(q, top_k=9)\n", None),
    ],
)
def test_the_k_of_the_system_is_not_that_of_the_evaluation(
    path: str, text: str, k: int | None, tmp_path: Path
) -> None:
    trees.build({path: text}, tmp_path)
    with view.opened(tmp_path) as seen:
        assert next((d.k for d in depth.depths(seen)), None) == k
