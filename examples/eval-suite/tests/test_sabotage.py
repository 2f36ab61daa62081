"""An evaluation has to notice a broken system, and has to stay calm about one that is not."""

import json
from dataclasses import replace

import pytest
from small_suite import label, make_project, row, runner, six

from deskcheck import sabotage
from deskcheck.evaluation.registry import Metric
from deskcheck.evaluation.run import Grading
from deskcheck.judging import Judge, Judged
from deskcheck.sabotage import Moved, unmoved
from deskcheck.systems import Output

METRICS = [Metric("action_accuracy", "code", "wish misread", "sorting")]
GRADING = Grading(METRICS, {}, "")


def right(items):
    return [Output({"action": i.expected["action"], "reply": "so it is today"}) for i in items]


def test_every_break_changes_what_comes_and_no_op_does_not():
    items = six()
    outputs = right(items)
    for change in {**sabotage.BREAKS, **sabotage.RISES}.values():
        assert [o.output for o in change(items, outputs)] != [o.output for o in outputs]
    for change in sabotage.NO_OPS.values():
        graded = sabotage.means(items, change(items, outputs), GRADING)
        assert graded == sabotage.means(items, outputs, GRADING)


def test_a_grader_that_looks_at_the_output_moves():
    items = six()
    moved = sabotage.sabotage(items, right(items), GRADING)
    assert unmoved(moved, ["action_accuracy"]) == []
    after = {m.name: m.after for m in moved}
    assert after["leak"] == 1
    assert after["empty"] == 0


def test_a_metric_that_never_falls_is_a_fault():
    stuck = [Moved(name, "falls", "x", 1.0, 1.0, False) for name in sabotage.BREAKS]
    assert unmoved(stuck, ["x"]) == [f"x does not fall under any of {', '.join(sabotage.BREAKS)}"]


def test_an_answer_key_that_does_not_help_is_a_fault():
    assert unmoved([Moved("leak", "rises", "x", 0.0, 0.0, False)], ["x"])


def test_a_grade_that_nothing_moves_is_a_fault():
    grading = Grading([Metric("time_accuracy", "code", "f", "d")], {}, "")
    items = [replace(i, expected={**i.expected, "time": "10:00"}) for i in six()]
    outputs = [Output({"time": "10:00", "reply": "so"})] * len(items)
    assert sabotage.dead(sabotage.sabotage(items, outputs, grading), ["time_accuracy"]) == []
    stuck = [Moved(name, "falls", "x", 1.0, 1.0, False) for name in sabotage.BREAKS]
    assert sabotage.dead(stuck, ["x"]) == ["x is 1.00 whatever is done to the system"]


@pytest.mark.parametrize(("verdict", "faults"), [("pass", 1), ("fail", 0)])
def test_a_judge_has_to_fail_what_people_failed(verdict, faults):
    judge = Judge("j", lambda case, order: Judged("so", verdict))
    name = "no_false_word"
    metric = Metric(name, "judge", "f", "d", prompt="p")
    moved = [Moved("constant", "falls", name, 1.0, 1.0, False)]
    labels = [label("a", "fail"), label("b", "pass")]
    found = sabotage.failed_by_people(labels, moved, Grading([metric], {name: judge}, ""))
    assert len(unmoved(found, [name])) == faults


def test_items_of_another_kind_do_not_stop_the_sabotage(run, tmp_path):
    path = tmp_path / "evals" / "items.jsonl"
    lines = [json.loads(x) for x in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line["expected"] = {"action": "ask"}
    path.write_text("".join(json.dumps(x) + "\n" for x in lines), encoding="utf-8")
    run("eval")
    code, result, _ = run("sabotage", "--system", "baseline")
    assert code in (0, 5)
    assert "in which there was none" in result["message"]


def test_a_metric_that_moves_by_itself_is_a_fault():
    moved = [Moved("keys reversed", "stays", "x", 1.0, 0.5, False)]
    assert unmoved(moved, ["x"]) == ["x 1.00 -> 0.50 under 'keys reversed'"]


def test_where_there_is_no_difference_one_is_seldom_called_clear():
    first = {str(n): float(n % 3 > 0) for n in range(60)}
    second = {str(n): float(n % 4 > 0) for n in range(60)}
    found = sabotage.self_test(first, second, "x")
    assert found.draws == 200
    assert found.holds
    assert sabotage.self_test(first, first, "x").alarms == 0


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    return runner(make_project(tmp_path, six()), monkeypatch, capsys)


def test_the_command_trusts_the_shipped_graders(run, tmp_path):
    run("eval")
    code, result, err = run("sabotage", "--system", "baseline")
    assert (code, err, result["faults"]) == (0, "", [])
    assert (tmp_path / "evals" / "results" / "sabotage" / "baseline.jsonl").exists()


def test_the_command_fails_where_a_grader_passes_everything(run, monkeypatch):
    from deskcheck.evaluation import run as running

    run("eval")
    broken = {**running.GRADERS, "slot_accuracy": lambda e, o: 1.0}
    monkeypatch.setattr(running, "GRADERS", broken)
    code, result, err = run("sabotage", "--system", "baseline")
    assert code == 5
    assert result["status"] == "failed"
    assert "slot_accuracy does not fall" in err


def test_a_judge_that_gives_nothing_leaves_the_row_ungraded():
    metric = Metric("promise", "judge", "f", "d", prompt="p")
    grading = Grading([metric], {"promise": None}, "")  # type: ignore[dict-item]
    items = six()
    assert sabotage.junk_is_ungraded(items, right(items), grading) == []


def test_outputs_are_those_of_the_first_trial():
    rows = [row("a", {}, output={"reply": "1"}), row("a", {}, output={"reply": "2"}, trial=2)]
    assert [o.output["reply"] for o in sabotage.outputs_of(rows)] == ["1"]
