"""Whether the search was measured, and on which labelled items."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

INDEX = "from minsearch import Index\n\nindex = Index(text_fields=f)\nindex.fit(docs)\n"
METRIC = "def hit_rate(found):\n    return sum(found) / len(found)\n"
TABLE = "| method | Hit Rate | MRR |\n|---|---|---|\n| bm25 | 0.7 | 0.6 |\n"
KEYS = "out = {'hit_rate': a, 'mrr': b}\nqrels = read()\n"
CASES = "TEST_QUERIES = [\n" + '    {"query": "c", "expected_doc": "d"},\n' * 4 + "]\n"
BARE = json.dumps([{"text": "a"}, {"text": "b"}, {"text": "c"}], indent=1)
LABELLED = f"{METRIC}\nrate = hit_rate([q['doc_id'] in found(q) for q in ground_truth])\n"
ITEMS = "".join(
    json.dumps({"question": f"What is {n}?", "relevant_docs": [f"d{n}.md"]}) + "\n"
    for n in range(4)
)


def _notebook(code: str, output: str) -> str:
    cell = {
        "cell_type": "code",
        "source": code,
        "outputs": [{"output_type": "stream", "text": output}],
    }
    return json.dumps({"cells": [cell]})


@pytest.mark.parametrize(
    "tree",
    [
        {"run.ipynb": _notebook(LABELLED, "{'hit_rate': 0.91, 'mrr': 0.77}\n")},
        {"e.py": LABELLED, "README.md": TABLE},
        {"e.py": LABELLED, "README.md": "Vector search reaches an MRR of 0.87.\n"},
        {"e.py": LABELLED, "data/eval_results.csv": "method,hit_rate,mrr\nvector,0.91,0.8\n"},
        {"e.py": LABELLED, "results/run.csv": "method;metric;value\nvector;mrr;0.52\n"},
        {"e.py": LABELLED, "evals/results/a.jsonl": '{"id": 1, "recall@5": 1.0}\n'},
        {"e.py": KEYS, "eval/results.json": '{"mrr": 0.5}\n'},
    ],
)
def test_code_numbers_and_labels_are_a_measurement(tree: dict[str, Any], tmp_path: Path) -> None:
    reading = ask("retrieval.measured", {"ingest.py": INDEX, **tree}, tmp_path)
    assert reading.answer.value == "yes"
    assert len({e.path for e in reading.evidence}) >= len(tree)


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"e.py": LABELLED}, "no number"),
        ({"e.py": LABELLED, "README.md": "Target: MRR of at least 0.8.\n"}, "no number"),
        ({"README.md": "Hit rate: 91%\n"}, "no code"),
        ({"e.py": METRIC, "README.md": "Hit rate: 91%\n"}, "no labels"),
        ({"score.sh": "trec_eval qrels.txt run.txt\n"}, "no number"),
    ],
)
def test_half_a_measurement_is_partial(tree: dict[str, Any], words: str, tmp_path: Path) -> None:
    reading = ask("retrieval.measured", {"ingest.py": INDEX, **tree}, tmp_path)
    assert reading.answer.value == "partial"
    assert words in reading.reason


@pytest.mark.parametrize(
    "tree",
    [
        {"app.py": "cache_hit_rate = 0.9\n", "README.md": "The cache hit rate is 90%.\n"},
        {"app.py": "from sklearn.metrics import recall_score\nrecall_score(a, b)\n"},
        {"data/corpus/paper.md": "The paper reports an MRR of 0.41.\n"},
    ],
)
def test_other_rates_are_no_measure_of_search(tree: dict[str, Any], tmp_path: Path) -> None:
    assert ask("retrieval.measured", {"ingest.py": INDEX, **tree}, tmp_path).answer.value == "no"


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (
            "out = {'recall': r, 'retrieved_ids': a}\nwanted = case['relevant_sections']\n",
            "partial",
        ),
        ("out = {'recall': r, 'confusion': m}\n", "no"),
        ("def reciprocal_rank_fusion(results, k=60):\n    return results\n", "no"),
        ("def reciprocal_rank(results):\n    return results\n", "partial"),
    ],
)
def test_a_measure_is_one_of_what_was_retrieved(source: str, answer: str, tmp_path: Path) -> None:
    tree = {"ingest.py": INDEX, "measure.py": source}
    assert ask("retrieval.measured", tree, tmp_path).answer.value == answer


@pytest.mark.parametrize(
    "tree",
    [
        {"evals/questions.jsonl": ITEMS},
        {"data/ground_truth.csv": "question,id\n" + "Who?,7\n" * 4},
        {"data/qrels.txt": "1 0 184 2\n1 0 29 1\n2 0 31 3\n"},
        {"fixtures/sample.jsonl": '{"input": "2+2", "expected_output": "4"}\n' * 4},
        {"evals/cases.yaml": "".join(f"- prompt: p{n}\n  expected: e{n}\n" for n in range(4))},
        {"eval_search.py": CASES},
        {"promptfooconfig.yaml": "tests:\n  - vars: {q: a}\n    assert:\n      - equals: b\n"},
        {
            "src/answer.eval.ts": "const data = [\n"
            + '  { input: "a", expected: "b" },\n' * 3
            + "]\n"
        },
        {"tests/test_llm.py": "import deepeval\n" + "Case(input='a', expected_output='b')\n" * 3},
    ],
)
def test_labelled_items_of_any_form_are_a_golden_set(tree: dict[str, Any], tmp_path: Path) -> None:
    assert ask("goldenset.versioned", tree, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(
    "tree",
    [
        {"notebooks/ground_truth.ipynb": _notebook("def generate_questions(doc):\n    ...\n", "")},
        {"evaluate.py": "rows = pd.read_csv('https://x.example/simple_qa_test_set.csv')\n"},
        {"evals/questions.json": BARE},
    ],
)
def test_items_that_are_made_or_have_no_labels_are_partial(
    tree: dict[str, Any], tmp_path: Path
) -> None:
    assert ask("goldenset.versioned", tree, tmp_path).answer.value == "partial"


@pytest.mark.parametrize(
    "tree",
    [
        {"tests/test_math.py": "CASES = [(1, 2), (3, 4)]\n"},
        {"eval/results.jsonl": '{"input": "2+2", "expected_output": "4", "output": "5"}\n' * 4},
        {"data/faq.json": json.dumps([{"title": "t", "text": "x"}] * 5)},
        {"app.py": "def generate_followup_questions(answer):\n    ...\n"},
        {"README.md": "We keep a golden set of 50 questions.\n"},
    ],
)
def test_no_labelled_items_is_no(tree: dict[str, Any], tmp_path: Path) -> None:
    assert ask("goldenset.versioned", tree, tmp_path).answer.value == "no"
