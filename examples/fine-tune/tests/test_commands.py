"""What a person types: the right exit code, one clear sentence, nothing lost."""

import json
import re
from importlib import import_module

import pytest
from small_project import LINE, Cardboard, add_adapter, make_project, runner

from spokehouse.evaluation.rows import read
from spokehouse.items import load_items

FREE = ("baseline", "counted", "cautious")
LABEL = ["--job", "frame", "--bike", "unknown", "--safety", "routine", "--handover", "unknown"]
PLACE = ["--slice", "plain", "--group", "new"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    make_project(tmp_path)
    return runner(tmp_path, monkeypatch, capsys)


@pytest.fixture
def without_torch(monkeypatch):
    generating = import_module("spokehouse.generating")
    monkeypatch.setattr(generating, "missing", lambda: "torch")


@pytest.fixture
def with_model(monkeypatch):
    """Every local model is a model of cardboard; what was opened is kept."""
    opened = []
    doors = ("generating", "desk", "evaluation.run", "commands.regress")
    generating = import_module("spokehouse.generating")
    monkeypatch.setattr(generating, "missing", lambda: "")

    def open_model(settings, adapter):
        opened.append(adapter)
        return Cardboard()

    for name in doors:
        module = import_module(f"spokehouse.{name}")
        monkeypatch.setattr(module, "open_model", open_model)
    return opened


def test_ask_answers_without_a_key_and_says_so(run):
    code, result, err = run("ask", "Tag T4, the city bike has a puncture.")
    assert (code, result["status"], result["system"]) == (0, "answered", "baseline")
    assert result["record"]["job"] == "wheels"
    assert "is not set: the baseline answers" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ask", " "], 2, "the message is empty"),
        (["ask", "x" * 5000], 2, "5000 characters"),
        (["ask", "x", "--system", "model"], 3, "is not set"),
        (["ask", "x", "--system", "api"], 3, "is not set"),
        (["ask", "x", "--system", "tuned"], 3, "needs torch, which is not installed"),
        (["eval", "--system", "zero-shot"], 3, "needs torch, which is not installed"),
        (["eval", "--split", "dev", "--gate"], 2, "the baseline is of the test split"),
        (["regress"], 3, "needs torch"),
        (["aks", "x"], 2, "did you mean `ask`?"),
        (["why", "te-999"], 2, "no item 'te-999'"),
        (["why"], 2, "there are no rows of baseline"),
        (["decide"], 2, "nothing was measured"),
        (["card"], 3, "there is no tune in use"),
        (["hosted", "nobody"], 2, "no route 'nobody'"),
        (["label", "Ants!", "--tag", "t 4", *LABEL, *PLACE], 2, "tag is 't 4'"),
        (["label", "Bill of number 31: when?", *LABEL, *PLACE], 2, "is there already, as de-002"),
        (["label", "x", *LABEL, "--slice", "plain", "--group", "test1"], 2, "in one split only"),
    ],
)
def test_a_wrong_word_gets_one_sentence(run, without_torch, words, code, said):
    found, _, err = run(*words)
    assert found == code
    assert said in err


@pytest.mark.parametrize(
    ("key", "line", "said"),
    [
        ("examples", "examples = 0", "[few_shot] examples is 0"),
        ("examples", "exampels = 8", "unknown key [few_shot] exampels"),
        ("not_names", "not_names = [7]", "[prepare] not_names is no list"),
        ("batch", 'batch = "8"', "[local] batch is '8', not int"),
        ("run", 'run = "../x"', "not the name of a folder in runs/"),
    ],
)
def test_a_wrong_setting_is_named(run, tmp_path, key, line, said):
    path = tmp_path / "config.toml"
    text, found = re.subn(rf"^{key} = .*$", line, path.read_text(encoding="utf-8"), flags=re.M)
    assert found == 1
    path.write_text(text, encoding="utf-8")
    code, _, err = run("ask", "x")
    assert code == 3
    assert said in err


def test_eval_writes_a_row_for_each_message_and_says_what_is_missing(run, tmp_path, without_torch):
    code, result, err = run("eval", "--save-baseline")
    assert (code, result["measured"]) == (0, dict.fromkeys(FREE, 2))
    assert len(read(tmp_path / "evals" / "results" / "baseline.jsonl")) == 2
    assert "tuned was not measured" in err
    assert "the local model needs torch" in err
    assert "| baseline |" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert run("eval", "--gate")[0] == 0


def test_eval_measures_every_system_it_can(run, tmp_path, with_model, model_server):
    add_adapter(tmp_path)
    model_server.reply(LINE, times=None)
    code, result, _ = run("eval")
    systems = [*FREE, "zero-shot", "best-prompt", "few-shot", "tuned", "api"]
    assert (code, list(result["measured"])) == (0, systems)
    assert with_model == [None, None, None, tmp_path / "runs" / "r1" / "adapter"]
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "- tuned minus best-prompt, exact: " in readme
    assert "**What got worse:**" in readme
    assert "**Break-even:**" in readme


def test_rows_of_a_tune_never_come_from_its_base(run, with_model):
    code, _, err = run("eval", "--system", "tuned")
    assert (code, with_model) == (3, [])
    assert "there is no adapter for [local] run = ''" in err


def test_dev_is_measured_and_not_published(run, tmp_path, without_torch):
    before = (tmp_path / "README.md").read_text(encoding="utf-8")
    code, result, _ = run("eval", "--split", "dev")
    assert (code, result["measured"]) == (0, dict.fromkeys(FREE, 2))
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == before
    assert not (tmp_path / "evals" / "results").exists()


def test_a_gate_names_what_fell(run, tmp_path, without_torch):
    run("eval", "--save-baseline")
    path = tmp_path / "evals" / "baseline.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["systems"]["baseline"]["exact"] = {"te-001": 1.0, "te-002": 1.0}
    path.write_text(json.dumps(kept), encoding="utf-8")
    code, result, err = run("eval", "--gate")
    assert (code, result["status"]) == (5, "failed")
    assert "te-00" in err


def test_regress_measures_both_and_eval_shows_it(run, tmp_path, with_model, monkeypatch):
    add_adapter(tmp_path)
    assert run("regress")[0] == 0
    assert with_model == [None, tmp_path / "runs" / "r1" / "adapter"]
    run("eval", "--system", "baseline")
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| Outside the task (n = 40) |" in readme


def test_why_holds_an_answer_against_its_label(run):
    code, result, _ = run("why", "te-001")
    assert (code, result["grades"]["job"]) == (0, 1)
    run("eval", "--system", "baseline")
    assert set(run("why")[1]["ids"]) <= {"te-001", "te-002"}


def test_a_label_is_added_where_it_belongs(run, tmp_path):
    code, result, _ = run("label", "Ants on the sill.", *LABEL, *PLACE, "--split", "dev")
    assert (code, result["id"]) == (0, "de-003")
    assert load_items(tmp_path / "data" / "dev.jsonl")[-1].origin == "author"


def test_a_trace_shows_who_answered(run, tmp_path, monkeypatch, capsys):
    run("ask", "Tag T4, the city bike has a puncture.")
    assert run("trace")[0] == 0
    import_module("spokehouse.cli").main(["trace"])
    assert "the city bike has a puncture" in capsys.readouterr().out
