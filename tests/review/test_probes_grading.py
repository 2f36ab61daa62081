"""Answers graded one by one: by facts that code finds again, or by a judge beside people."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

QUESTIONS = {
    "rows": 40,
    "row": {"id": "q{n}", "question": "How long is {n}?", "facts": [["30 days"]], "split": "dev"},
}


def _rows(count: int, **fields: Any) -> dict[str, Any]:
    made = {"id": "q{n}", "system": "model", "status": "answered", "answer": "30 days."}
    return {"rows": count, "row": {**made, "grades": {"fact_accuracy": 1.0}, **fields}}


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (_rows(40), "yes"),
        (_rows(40, answer="60 days.", grades={"fact_accuracy": 0.0}), "yes"),
        (_rows(40, status="refused", answer=None, grades={"fact_accuracy": 0.0}), "yes"),
        (_rows(40, answer="130 days.", grades={"fact_accuracy": 0.0}), "yes"),
        (_rows(29), "partial"),
        (_rows(34), "partial"),
        (_rows(40, grades={}), "no"),
        (_rows(40, status="", answer=None), "no"),
        (_rows(40, grades={"faithfulness": 0.8}), "partial"),
    ],
)
def test_a_grade_is_what_the_answer_and_the_facts_give(
    rows: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    tree = {"evals/questions.jsonl": QUESTIONS, "evals/results/model.jsonl": rows}
    reading = ask("grading.graded", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_a_few_grades_that_the_answers_do_not_earn_are_found(tmp_path: Path) -> None:
    right = {"id": "q{n}", "system": "model", "answer": "30 days.", "correct": 1}
    rows = [{**right, "id": f"q{n}", "answer": "30 days." if n > 3 else "60"} for n in range(1, 41)]
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    tree = {"evals/questions.jsonl": QUESTIONS, "evals/results/model.jsonl": text}
    reading = ask("grading.graded", tree, tmp_path)
    assert reading.answer.value == "no"
    assert reading.reason.startswith("3 rows of model give another correct")
    assert reading.evidence[0].line == 1


def test_an_answer_never_grades_itself(tmp_path: Path) -> None:
    """A file of answers alone reads like questions with their right answers."""
    rows = {"rows": 40, "row": {"question": "How long is {n}?", "answer": "30 days", "correct": 1}}
    reading = ask("grading.graded", {"evals/results/qa.jsonl": rows}, tmp_path)
    assert reading.answer.value != "yes"


def _labels(good: tuple[int, int], bad: tuple[int, int]) -> str:
    """Rows of a table: of the good answers and of the bad ones, how many the judge got right."""
    pairs = [("pass", "pass")] * good[0] + [("pass", "fail")] * (good[1] - good[0])
    pairs += [("fail", "fail")] * bad[0] + [("fail", "pass")] * (bad[1] - bad[0])
    rows = [f"q{n},how long?,30 days,{h},{j}" for n, (h, j) in enumerate(pairs)]
    return "\n".join(["id,question,answer,human_label,judge_verdict", *rows])


SHOWN = "True positive rate of the judge: 18/20. True negative rate: 0.80.\n"


@pytest.mark.parametrize(
    ("labels", "readme", "prompt", "wanted"),
    [
        (_labels((18, 20), (16, 20)), SHOWN, "version: 1\n", "yes"),
        (_labels((2, 20), (4, 20)), "TPR 10 %, TNR 20 %\n", "version: 1\n", "yes"),
        (_labels((18, 20), (16, 20)), "", "version: 1\n", "partial"),
        (_labels((18, 20), (16, 20)), "TPR 0.99, TNR 0.99\n", "version: 1\n", "partial"),
        (_labels((18, 20), (16, 20)), SHOWN, "Grade it.\n", "partial"),
        (_labels((9, 10), (8, 10)), "TPR 0.90, TNR 0.80\n", "version: 1\n", "partial"),
        (_labels((40, 40), (0, 0)), "TPR 1.00, TNR 1.00\n", "version: 1\n", "partial"),
    ],
)
def test_a_judge_is_believed_beside_forty_labels_of_a_person(
    labels: str, readme: str, prompt: str, wanted: str, tmp_path: Path
) -> None:
    tree = {
        "evals/results/answers.csv": labels,
        "README.md": f"# Loans\n\n{readme}",
        "prompts/judge.md": prompt,
    }
    reading = ask("grading.graded", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_labels_of_a_person_may_stand_in_their_own_file(tmp_path: Path) -> None:
    rows = {"rows": 40, "row": {"id": "q{n}", "answer": "30", "verdict": "correct"}}
    human = {"rows": 40, "row": {"id": "q{n}", "human_label": "correct"}}
    tree = {"evals/results/rag.jsonl": rows, "evals/human_labels.jsonl": human}
    reading = ask("grading.graded", tree, tmp_path)
    assert reading.reason.startswith("All 40 answers that a person has labelled are good")


@pytest.mark.parametrize(
    ("fields", "beside", "wanted"),
    [
        ({"ranked": [["terms.md", "c1"]]}, {}, "yes"),
        ({"retrieved_contexts": ["a loan is for thirty days"]}, {}, "yes"),
        ({}, {"rows": 40, "row": {"id": "q{n}", "system": "bm25", "recall@5": 1.0}}, "yes"),
        ({}, {}, "partial"),
    ],
)
def test_what_was_retrieved_stands_beside_the_answer(
    fields: dict[str, Any], beside: dict[str, Any], wanted: str, tmp_path: Path
) -> None:
    tree = {"evals/questions.jsonl": QUESTIONS, "evals/results/model.jsonl": _rows(40, **fields)}
    tree |= {"evals/results/bm25.jsonl": beside} if beside else {}
    assert ask("grading.apart", tree, tmp_path).answer.value == wanted
