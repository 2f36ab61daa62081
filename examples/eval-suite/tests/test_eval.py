"""`eval` asks every item, keeps what it paid for, publishes what the rows say, and guards it."""

import json

import pytest
from small_suite import item, make_project, row, runner, six, write_items

from deskcheck import systems
from deskcheck.evaluation import report
from deskcheck.evaluation.registry import Metric
from deskcheck.evaluation.rows import by_item, figures, gated, read, write
from deskcheck.evaluation.run import Grading, grade
from deskcheck.judging import Judge, Judged
from deskcheck.judging.panel import Checked
from deskcheck.systems import Output


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, six())


@pytest.fixture
def run(project, monkeypatch, capsys):
    return runner(project, monkeypatch, capsys)


def rows(project, system="baseline"):
    return read(project / "evals" / "results" / f"{system}.jsonl")


def test_one_row_per_item_in_the_order_of_the_set(run, project):
    code, result, err = run("eval")
    assert code == 0
    assert result["measured"] == {"silent": 6, "baseline": 6}
    assert [r.id for r in rows(project)] == list("abcdef")
    assert "the model was not measured" in err
    graded = {r.id: r.grades for r in rows(project)}
    assert graded["b"]["slot_accuracy"] == 1
    assert graded["d"]["asking_accuracy"] == 0
    assert graded["d"]["no_false_word"] == 0


def test_each_item_is_asked_as_often_as_wanted(run, project):
    assert run("eval", "--system", "baseline", "--trials", "3")[0] == 0
    found = rows(project)
    assert [r.trial for r in found[:3]] == [1, 2, 3]
    assert {figure.metric: figure.n for figure in figures(found)}["action_accuracy"] == 6
    text = (project / "README.md").read_text(encoding="utf-8")
    assert "All 3 trials of each item gave the same: baseline." in text


def test_trials_that_differ_are_told_with_their_spread():
    runs = {"s": [row("a", {"x": float(trial > 1)}, trial=trial) for trial in (1, 2, 3)]}
    metrics = [Metric("x", "code", "f", "d")]
    text = report.build(runs, metrics, []).markdown
    assert "3 trials: means 0.00, 1.00, 1.00, between-run deviation 0.577; pass^3 0.00" in text


def test_a_corrected_rate_counts_items_and_not_trials():
    runs = {"s": [row(name, {"x": 1.0}, trial=trial) for name in "abc" for trial in (1, 2, 3)]}
    metrics = [Metric("x", "judge", "f", "d", prompt="p")]
    labels = [("pass", "pass"), ("fail", "fail")] * 10
    checked = [Checked("i", "s", "x", "test", *pair, "why", "j", "", "") for pair in labels]
    assert (
        "corrected for the judge's errors, n = 3." in report.build(runs, metrics, checked).markdown
    )


def test_the_readme_shows_figures_differences_and_the_worst_slice(run, project):
    result = run("eval")[1]
    text = (project / "README.md").read_text(encoding="utf-8")
    assert "## Results" in text
    assert "baseline minus silent, slot accuracy" in text
    claims = {claim["text"]: claim for claim in result["claims"]}
    claim = claims["slot_accuracy of baseline, test split"]
    test = [r for r in rows(project) if r.split == "test"]
    assert claim["value"] == pytest.approx(sum(by_item(test, "slot_accuracy").values()) / 1)


def test_sample_items_are_not_called_the_authors_result(run, project):
    write_items(
        project, [item("a", origin="template sample"), item("b", "Is the lift working again?")]
    )
    run("eval")
    text = (project / "README.md").read_text(encoding="utf-8")
    assert "Template reference run, not my result" in text


def test_rows_of_other_items_are_left_out_and_said(run, project):
    run("eval")
    write_items(project, [*six(), item("g", "Is the practice open in May?")])
    _, _, err = run("eval", "--system", "silent")
    assert "rows of baseline are of other items" in err


def test_the_worst_slice_needs_enough_items():
    few = [row(str(n), {"x": 0.0}, slice="few") for n in range(4)]
    many = [row(f"m{n}", {"x": float(n > 2)}, slice="many") for n in range(9)]
    assert report.worst_slice(few + many, "x").system == "many"
    assert report.worst_slice(few, "x") is None


def test_a_gate_passes_what_is_as_it_was_three_times(run):
    assert run("eval", "--save-baseline")[0] == 0
    for _ in range(3):
        code, result, _ = run("eval", "--gate")
        assert (code, result["gate"]["falls"]) == (0, [])


def test_a_gate_names_the_items_that_fell(run, monkeypatch):
    run("eval", "--save-baseline")
    real = systems.answer
    monkeypatch.setattr(
        systems,
        "answer",
        lambda given, spec, context: (
            Output({}) if "On 12" in given["message"] else real(given, spec, context)
        ),
    )
    code, result, err = run("eval", "--gate")
    assert code == 5
    assert result["status"] == "failed"
    assert "baseline slot_accuracy" in err
    assert "(e)" in err


def test_a_gate_does_not_flake_on_a_system_whose_answers_vary(run, project, monkeypatch):
    """The same system, wrong on every fifth question by chance: 1 in 20 runs may fail at most."""
    from random import Random

    chance, real = Random(7), systems.answer
    monkeypatch.setattr(
        systems,
        "answer",
        lambda given, spec, context: (
            Output({}) if chance.random() < 0.2 else real(given, spec, context)
        ),
    )
    run("eval", "--save-baseline")
    assert [run("eval", "--gate")[0] for _ in range(12)].count(5) <= 1


def test_a_metric_or_an_item_that_is_gone_is_not_passed_over(run, project):
    run("eval", "--save-baseline")
    path = project / "evals" / "items.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), encoding="utf-8")
    code, _, err = run("eval", "--gate")
    assert code == 3
    assert "1 of the 3 items of baseline.json, such as a" in err


def test_a_system_that_failed_has_no_good_grade_and_no_verdict():
    metrics = [
        Metric("slot_accuracy", "code", "f", "d"),
        Metric("no_false_word", "judge", "f", "d", prompt="p"),
    ]
    judge = Judge("j", lambda case, order: Judged("fine", "pass"))
    grading = Grading(metrics, {"no_false_word": judge}, "")
    graded = grade(six()[0], Output({}, "failed"), grading)
    assert graded.grades == {"slot_accuracy": 0.0, "no_false_word": 0.0}
    assert graded.verdicts == ()


def test_a_system_that_never_answers_is_a_fault_and_no_result(run, monkeypatch, project):
    monkeypatch.setattr(systems, "answer", lambda *_: Output({}, "failed", error="no such file"))
    before = (project / "README.md").read_text(encoding="utf-8")
    code, _, err = run("eval")
    assert code == 2
    assert "every answer of silent failed; the first: no such file" in err
    assert (project / "README.md").read_text(encoding="utf-8") == before


def test_a_gate_names_what_it_does_not_compare(run, project):
    run("eval", "--system", "silent", "--save-baseline")
    assert "does not have it: baseline" in run("eval", "--gate")[1]["message"]


def test_a_grade_outside_of_zero_to_one_stops_the_run(run, monkeypatch):
    from deskcheck.evaluation import run as running

    monkeypatch.setattr(running, "GRADERS", {**running.GRADERS, "slot_accuracy": lambda e, o: 2.0})
    code, _, err = run("eval")
    assert code == 2
    assert "slot_accuracy gave 2 for a" in err


def test_a_gate_without_a_baseline_says_how_to_write_one(run):
    code, result, err = run("eval", "--gate")
    assert code == 3
    assert result["measured"]["baseline"] == 6
    assert "--save-baseline" in err


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"tolerance": NaN, "systems": {}}', '{"tolerance": 0.1, "systems": 3}']
)
def test_a_broken_baseline_is_named(run, project, content):
    (project / "evals" / "baseline.json").write_text(content, encoding="utf-8")
    code, _, err = run("eval", "--gate")
    assert code == 3
    assert "is not a baseline" in err


def test_judged_metrics_are_not_gated():
    judged = row("a", {"x": 1.0, "y": 0.0}, graders={"x": "code", "y": "judge"})
    assert gated([judged]) == {"x": {"a": 1.0}}


def test_answers_that_were_paid_for_are_kept(run, project, model_server):
    reply = {"action": "ask", "date": None, "time": None, "reply": "When?"}
    model_server.reply(json.dumps(reply), times=None)
    assert run("eval", "--system", "model")[0] == 0
    asked = len(model_server.requests)
    assert asked == 6
    assert run("eval", "--system", "model")[0] == 0
    assert len(model_server.requests) == asked


def test_verdicts_of_a_model_are_kept_and_their_price_is_told(run, project, model_server):
    model_server.reply(json.dumps({"critique": "no promise", "verdict": "pass"}), times=None)
    code, _, err = run("eval", "--system", "baseline", "--judge", "model")
    assert code == 0
    assert "may cost up to $0.0" in err
    assert "$0.0000;" not in err
    asked = len(model_server.requests)
    assert asked == 6
    run("eval", "--system", "baseline", "--judge", "model")
    assert len(model_server.requests) == asked


def test_a_run_that_was_stopped_goes_on_where_it_was(run, project, model_server, monkeypatch):
    reply = {"action": "ask", "date": None, "time": None, "reply": "When?"}
    model_server.reply(json.dumps(reply), times=None)
    real = systems.answer
    seen = []

    def stopped(given, spec, context):
        seen.append(given)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return real(given, spec, context)

    monkeypatch.setattr(systems, "answer", stopped)
    assert run("eval", "--system", "model")[0] == 130
    paid = len(model_server.requests)
    assert 0 < paid < 6
    monkeypatch.setattr(systems, "answer", real)
    assert run("eval", "--system", "model")[0] == 0
    assert len(model_server.requests) == 6
    assert len(rows(project, "model")) == 6


def test_a_run_that_may_cost_more_than_the_limit_asks_first(run, project, model_server):
    config = project / "config.toml"
    text = config.read_text(encoding="utf-8").replace("ask_above_usd = 1.0", "ask_above_usd = 0.0")
    config.write_text(text, encoding="utf-8")
    code, _, err = run("eval", "--system", "model")
    assert code == 2
    assert "may cost up to $" in err
    assert "--yes" in err
    assert not model_server.requests


def test_rows_are_read_as_they_were_written(tmp_path):
    written = [row("a", {"x": 0.5}), row("b", {})]
    write(tmp_path / "s.jsonl", written)
    assert read(tmp_path / "s.jsonl") == written
