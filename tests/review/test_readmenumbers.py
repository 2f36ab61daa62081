"""Every result in a README is matched or fails the check, whatever form it is written in."""

import json
from pathlib import Path
from typing import Any

import pytest

from scaffolder.review import view
from scaffolder.review.model import Answer, Reading
from scaffolder.review.probes import claims as probes

MANIFEST = """[paths]
golden = "evals/questions.jsonl"
results = "evals/results"

[[claims]]
text = "fact_accuracy of model, test split"
metric = "fact_accuracy"
value = 0.75
n = 4
ci = [0.30, 0.95]
method = "Wilson"
results = "evals/results/model.jsonl"

[[claims]]
text = "recall@5 of model, test split"
metric = "recall@5"
value = 1.0
n = 4
ci = [0.51, 1.00]
method = "Wilson"
results = "evals/results/model.jsonl"
"""
README = "# Desk\n\nThe fact accuracy of model is 0.75 [0.30, 0.95] on 4 questions.\n\n"


def questions() -> list[dict[str, Any]]:
    label = {"source": "a.md", "quote": "It is six weeks."}
    one = {"split": "test", "relevant": [label], "facts": [["6 weeks", "six weeks"]]}
    return [{"id": f"q{n}", "question": f"{n}?", **one} for n in range(4)]


def rows() -> list[dict[str, Any]]:
    made = []
    for n in range(4):
        grades = {"fact_accuracy": float(n > 0), "recall@5": 1.0}
        declined = {"status": "refused", "answer": None}
        said = {"status": "answered", "answer": "It is Six  weeks."} if n else declined
        found = {"ranked": [["a.md", "1"], ["b.md", "2"]], "label_ranks": [1]}
        made.append(
            {"id": f"q{n}", "split": "test", "system": "model", "grades": grades, **said, **found}
        )
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, "scaffold.toml", MANIFEST)
    write(tmp_path, "README.md", README)
    write_rows(tmp_path, "evals/questions.jsonl", questions())
    write_rows(tmp_path, "evals/results/model.jsonl", rows())
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def write_rows(root: Path, name: str, listed: list[dict[str, Any]]) -> None:
    write(root, name, "".join(json.dumps(row) + "\n" for row in listed))


def read(root: Path) -> Reading:
    with view.opened(root) as seen:
        return probes.recomputed(seen)


def with_text(root: Path, text: str) -> Reading:
    write(root, "README.md", README + text + "\n")
    return read(root)


@pytest.mark.parametrize(
    "text",
    [
        "It answers 94 % of the questions correctly.",
        "F1=0.91, accuracy 0.97",
        "accuracy:0.97",
        "<b>97 %</b> of answers are right.",
        "It is three times faster and answers 94% correctly.",
        "Its recall is 1.00 on all licences.",
        "![ok](https://img.shields.io/badge/accuracy-97%25-green)",
        "![a chart with 97 % accuracy](chart.png)",
        "It answers ninety-four per cent correctly.",
        "It found 18 of 20.",
        "On 9 of 10 questions it is right.",
        "90-97 % of answers are right.",
        "## 97 % accuracy",
        "Accuracy was \uff19\uff17 %.",
        "Accuracy was 9\u200b7 %.",
        "Accuracy was 97&nbsp;%.",
        "0,97 accuracy",
        "It answers with 97 % confidence.",
        "| 97 % right | always |",
        "The recall@5\nis 0.97.",
        "<td>accuracy</td><td>.97</td>",
        "| system | accuracy |\n|---|---|\n| ours | 0.97 |",
        "| setting | accuracy |\n|---|---|\n| best | 0.97 |",
        "The fact accuracy is 0.95.",
        "The fact accuracy is 0.75 \u00b1 0.02.",
        "Accuracy: 0.75, measured on 5,000 questions.",
        "The fact accuracy is 0.75 (n = 400).",
        "Fact accuracy rose by 4 points.",
        "A 7-point gain in fact accuracy.",
        "It is 7 pp better than BM25.",
        "Headings doubled the fact accuracy.",
        "It is twice as accurate.",
        "It has 2.5x fewer wrong answers.",
        "Half of the answers are wrong.",
        "It answers nine out of ten questions.",
        "It is right 19 times out of 20.",
        "1 in 10 answers is wrong.",
        "It got 57 questions right.",
        "The judge gave 4.6/5 on average.",
        "Accuracy: 97",
        "| system | recall@5 |\n|---|---|\n| ours | 97 |",
        "| system | p95 (ms) |\n|---|---|\n| ours | 812 |",
        "The recall@5 went from 0.61 to 0.68.",
    ],
)
def test_a_result_that_no_claim_backs_is_noticed(project: Path, text: str) -> None:
    assert read(project).answer is Answer.YES, read(project).reason
    found = with_text(project, text)
    assert found.answer is Answer.NO
    assert "of the README" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "75 % of the 4 questions are answered correctly.",
        "It declined 1 of 4 questions.",
        "model has a recall@5 of 1.00 [0.51, 1.00], n = 4.",
        "Its fact accuracy was 0.75\nover 4 questions.",
        "Needs uv 0.5 or newer, 0.9 GB of disk and Python 3.11; since 2026-11-02.",
        "The threshold is 0.3 and the temperature 0.2; `overlap = 0.15`.",
        "| setting | default |\n|---|---|\n| overlap | 0.2 |",
        "Scores lie between 0.0 and 1.0, with 95 % intervals, p = 0.03.",
        "A question costs $0.02.",
        "```\naccuracy 0.97\n```",
        "<!-- 97 % -->",
        "It got 3 questions right.",
        "Three of four answers are right.",
        "12 of 40 documents are PDFs, and 50 % of the pages are scans.",
        "The regulations of 2019 and 2023 differ in 14 of 210 sections.",
        'Ask it: "How much is 3.5 % of 200?"',
        "Tests: 120 passed, 92 % coverage.",
        "I read 30 of 60 results and named nine failures.",
        "It listens on port 8000; 2 of the 3 retrievers share an index.",
        "Two of three editions contradict each other.",
        "We made 4 points in the talk.",
        "| top | recall@5 |\n|---|---|\n| 10 | 1.00 |",
    ],
)
def test_what_follows_or_is_no_result_passes(project: Path, text: str) -> None:
    found = with_text(project, text)
    assert found.answer is Answer.YES, found.reason


def test_a_pass_says_what_was_not_checked(project: Path) -> None:
    with (project / "scaffold.toml").open("a") as file:
        file.write('[review]\nallow_numbers = ["97%"]\n')
    found = with_text(project, "It needs 1.5 GB; 97 % of the letters are short.")
    assert "2 claims of the ledger and 3 results" in found.reason
    assert "1 more" in found.reason
    assert "1 other number, such as `1.5 GB` in line 5, is no result" in found.reason
    assert "all" not in found.reason.lower().split()


def test_grades_that_cannot_be_recomputed_are_named(project: Path) -> None:
    assert "not recomputed" not in read(project).reason
    (project / "evals/questions.jsonl").unlink()
    assert "not recomputed: fact accuracy." in read(project).reason


@pytest.mark.parametrize(
    ("row", "change", "says"),
    [
        (0, {"grades": {"fact_accuracy": 1.0, "recall@5": 1.0}}, "its status is refused"),
        (
            0,
            {"grades": {**rows()[0]["grades"], "abstention_precision": 1.0}},
            "its abstention precision is 1",
        ),
        (1, {"answer": "It is sixteen weeks, or 16 weeks."}, "its fact accuracy is 1"),
        (1, {"ranked": [["b.md", "2"], ["a.md", "1"]]}, "stand at rank 1"),
    ],
)
def test_a_row_that_contradicts_itself_is_named(
    project: Path, row: int, change: dict[str, Any], says: str
) -> None:
    forged = rows()
    forged[row] |= change
    write_rows(project, "evals/results/model.jsonl", forged)
    found = read(project)
    assert found.answer is Answer.NO
    assert says in found.reason


def test_rows_of_an_earlier_setting_back_no_number(project: Path) -> None:
    times = [{"id": n, "latency_ms": 10 * n} for n in range(1, 101)]
    write_rows(project, "evals/results/latency.jsonl", times)
    assert with_text(project, "Latency: p95 0.95 s.").answer is Answer.YES
    (project / "evals/results/before").mkdir()
    (project / "evals/results/latency.jsonl").rename(project / "evals/results/before/latency.jsonl")
    assert read(project).answer is Answer.NO
    write(project, "README.md", README)
    write_rows(project, "evals/results/before/model.jsonl", rows())
    write(project, "scaffold.toml", MANIFEST.replace("results/model", "results/before/model"))
    assert "holds the rows of an earlier setting" in read(project).reason


def test_none_of_them_is_a_count_that_the_rows_give(project: Path) -> None:
    """So that a system that never declined can say so."""
    made = [{**row, "status": "answered", "answer": "It is six weeks."} for row in rows()]
    for row in made:
        row["grades"] = {"fact_accuracy": 1.0, "recall@5": 1.0}
    write_rows(project, "evals/results/model.jsonl", made)
    write(project, "scaffold.toml", MANIFEST.replace("0.75", "1.00").replace("0.30", "0.51"))
    text = "# Desk\n\nThe fact accuracy of model is 1.00. It declined 0 of 4 questions.\n"
    write(project, "README.md", text)
    assert read(project).answer is Answer.YES, read(project).reason
    write(project, "README.md", text.replace("0 of 4", "1 of 4"))
    assert read(project).answer is Answer.NO
