"""What a person types: the right exit code, one clear sentence, nothing lost."""

import json

import pytest
from small_ledger import ROOT, make_project, reply, runner

from lendledger.assistant import database_of
from lendledger.evaluation.questions import load_questions, truth_of
from lendledger.evaluation.rows import read
from lendledger.settings import load_settings


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    make_project(tmp_path)
    return runner(tmp_path, monkeypatch, capsys)


def test_ask_answers_without_a_key_and_says_so(run):
    code, result, err = run("ask", "How many members are there?")
    assert (code, result["status"], result["system"]) == (0, "answered", "baseline")
    assert "1900" in result["answer"]
    assert "is not set: the baseline answers" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ask", " "], 2, "the question is empty"),
        (["ask", "x", "--system", "model"], 3, "is not set"),
        (["ask", "x", "--in", "../x"], 2, "is no name"),
        (["ask", "x", "--provider", "nobody"], 3, "no adapter for 'nobody'"),
        (["sql", "DROP TABLE loans"], 2, "only a SELECT may run"),
        (["aks", "x"], 2, "did you mean `ask`?"),
        (["why", "q999"], 2, "no question 'q999'"),
        (["question", "How?", "--slice", "direct"], 2, "needs --sql"),
        (["question", "How?", "--slice", "x", "--sql", "SELECT x"], 2, "no such column"),
        (["question", "Tell me a joke.", "--slice", "x", "--expect", "refusal"], 2, "already"),
    ],
)
def test_a_wrong_word_gets_one_sentence(run, words, code, said):
    found, _, err = run(*words)
    assert found == code
    assert said in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("most_rows = 50", "most_rows = 0", "[limits] most_rows is 0"),
        ("most_rows = 50", "most_rwos = 50", "unknown key [limits] most_rwos"),
        ("most_query_seconds = 2.0", 'most_query_seconds = "2"', "is '2', not float"),
        ('titles = ["title_id"', "titles = [7", "[tables] titles is not a list"),
    ],
)
def test_a_wrong_setting_is_named(run, tmp_path, old, new, said):
    path = tmp_path / "config.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    code, _, err = run("ask", "x")
    assert code == 3
    assert said in err


def test_eval_writes_a_row_for_each_question(run, tmp_path):
    code, result, _ = run("eval", "--save-baseline")
    assert (code, result["measured"]) == (0, {"baseline": 3, "asking": 3, "likeness": 3})
    rows = read(tmp_path / "evals" / "results" / "baseline.jsonl")
    assert [row.grades["correct"] for row in rows] == [1, 0, 1]
    assert run("eval", "--gate")[0] == 0
    assert "| question patterns" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_model_is_measured_under_the_name_of_its_provider(run, tmp_path, model_server):
    model_server.reply(reply("Which month do you mean?", kind="question"), times=None)
    code, result, _ = run("eval")
    provider = load_settings(tmp_path).llm.provider
    assert (code, result["measured"]) == (
        0,
        {"baseline": 3, "asking": 3, "likeness": 3, provider: 3},
    )
    (row,) = [r for r in read(tmp_path / f"evals/results/{provider}.jsonl") if r.id == "q002"]
    assert row.grades == {"correct": 1, "tool_precision": 1}
    assert row.first_text_ms is not None


def test_a_gate_names_what_fell(run, tmp_path):
    run("eval", "--save-baseline")
    path = tmp_path / "evals" / "baseline.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["systems"]["baseline"]["correct"]["q002"] = 1.0
    path.write_text(json.dumps(kept), encoding="utf-8")
    code, _, err = run("eval", "--gate")
    assert code == 5
    assert "q002" in err


def test_why_holds_an_answer_against_its_truth(run):
    assert "had to ask back" in run("why", "q002")[1]["fault"]
    assert run("why")[1]["ids"] == []


def test_a_question_is_added_with_its_truth(run, tmp_path):
    words = ("question", "How many seniors?", "--slice", "direct", "--sql")
    code, result, _ = run(*words, "SELECT COUNT(*) FROM members WHERE age_group = 'senior'")
    assert (code, result["id"]) == (0, "q004")
    assert len(load_questions(tmp_path / "evals" / "questions.jsonl")) == 4


def attacks(folder, *statements):
    lines = [json.dumps({"id": f"a{n}", "statement": s}) for n, s in enumerate(statements, 1)]
    (folder / "evals" / "attacks.jsonl").write_text("\n".join(lines), encoding="utf-8")


def test_an_attack_that_gets_through_is_named(run, tmp_path):
    attacks(tmp_path, "DROP TABLE loans", "SELECT COUNT(*) FROM loans")
    code, result, _ = run("attack")
    assert (code, result["status"], result["through"]) == (0, "failed", ["a2"])
    assert result["message"].endswith("Got through: a2.")
    rows = (tmp_path / "evals" / "results" / "attacks" / "door.jsonl").read_text(encoding="utf-8")
    assert '"outcome": "refused"' in rows


def test_attacks_that_are_all_held_name_nothing(run, tmp_path):
    attacks(tmp_path, "DROP TABLE loans")
    _, result, _ = run("attack")
    assert result["message"] == "1 of 1 hostile statements were refused or stopped."


def test_eval_keeps_the_line_ends_of_the_readme(run, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_bytes(readme.read_bytes().replace(b"\n", b"\r\n"))
    assert run("eval")[0] == 0
    content = readme.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") > 5


def test_an_attack_without_a_statement_is_named_by_its_line(run, tmp_path):
    (tmp_path / "evals" / "attacks.jsonl").write_text('{"id": "a1"}', encoding="utf-8")
    code, _, err = run("attack")
    assert code == 2
    assert "attacks.jsonl line 1 needs id and statement" in err


def test_every_shipped_question_has_a_truth_and_each_kind_is_there():
    questions = load_questions(ROOT / "evals" / "questions.jsonl")
    if not any(q.origin == "template sample" for q in questions):
        pytest.skip("the sample questions have gone")
    settings = load_settings(ROOT)
    database = database_of(settings)
    truths = [truth_of(question, database) for question in questions]
    asked = [(q, t) for q, t in zip(questions, truths, strict=True) if q.expect == "answer"]
    assert all(truth.tables for _, truth in asked)
    assert len(questions) >= 50
    assert {q.split for q in questions} == {"dev", "test"}
