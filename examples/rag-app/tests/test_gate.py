"""The gate: a real fall fails and is explained, noise and other questions do not."""

import json

import pytest
from small_corpus import result_row

from pytopics.errors import ConfigError
from pytopics.evaluation import gate


def run(*grades: float) -> dict:
    return {"hybrid": [result_row(f"q{n}", {"recall@5": g}) for n, g in enumerate(grades)]}


@pytest.fixture
def baseline(tmp_path):
    path = tmp_path / "baseline.json"
    gate.save(path, "small", run(1.0, 1.0, 0.5, 0.0))
    return path


def test_the_same_run_passes(baseline):
    verdict = gate.compare(baseline, "small", run(1.0, 1.0, 0.5, 0.0))
    assert verdict.falls == ()
    assert verdict.compared == {"hybrid": 4}


def test_a_fall_names_metric_size_and_questions(baseline):
    (fall,) = gate.compare(baseline, "small", run(1.0, 0.0, 0.5, 1.0 / 3)).falls
    assert (fall.system, fall.metric, fall.questions) == ("hybrid", "recall@5", ("q1",))
    assert (fall.before, fall.now) == pytest.approx((0.625, 1.8333 / 4), abs=0.001)
    assert str(fall) == "hybrid recall@5 0.625 -> 0.458 (q1)"


def test_a_fall_within_the_tolerance_passes(baseline):
    content = json.loads(baseline.read_text(encoding="utf-8"))
    baseline.write_text(json.dumps(content | {"tolerance": 0.2}), encoding="utf-8")
    assert gate.compare(baseline, "small", run(1.0, 0.5, 0.5, 0.0)).falls == ()


def test_a_tolerance_may_be_a_whole_number(baseline):
    content = json.loads(baseline.read_text(encoding="utf-8"))
    baseline.write_text(json.dumps(content | {"tolerance": 1}), encoding="utf-8")
    assert gate.compare(baseline, "small", run(0.0, 0.0, 0.0, 0.0)).falls == ()


def test_only_questions_of_both_runs_are_compared(baseline):
    verdict = gate.compare(baseline, "small", run(1.0, 1.0, 0.5, 0.0, 0.0, 0.0))
    assert (verdict.falls, verdict.compared) == ((), {"hybrid": 4})


def test_a_new_wrong_abstention_is_named(tmp_path):
    path = tmp_path / "baseline.json"
    right = result_row("q0", {"abstention_precision": 1.0})
    gate.save(path, "small", {"baseline": [right, result_row("q1", {"fact_accuracy": 1.0})]})
    wrong = result_row("q1", {"fact_accuracy": 0.0, "abstention_precision": 0.0})
    falls = gate.compare(path, "small", {"baseline": [right, wrong]}).falls
    assert {fall.metric: fall.questions for fall in falls} == {
        "fact_accuracy": ("q1",),
        "abstention_precision": ("q1",),
    }


def test_a_metric_that_is_gone_is_not_passed_over(baseline):
    with pytest.raises(ConfigError, match="baseline has recall@5 of hybrid"):
        gate.compare(baseline, "small", {"hybrid": [result_row("q0", {"recall@3": 1.0})]})


def test_no_more_abstentions_is_no_fall_of_their_precision(tmp_path):
    path = tmp_path / "baseline.json"
    gate.save(path, "small", {"baseline": [result_row("q0", {"abstention_precision": 1.0})]})
    assert gate.compare(path, "small", {"baseline": [result_row("q0", {})]}).falls == ()


@pytest.mark.parametrize("corpus", ["small", "another"])
def test_no_baseline_to_compare_with_is_said(tmp_path, baseline, corpus):
    path = baseline if corpus == "another" else tmp_path / "none.json"
    with pytest.raises(ConfigError) as raised:
        gate.compare(path, corpus, run(1.0))
    assert "--save-baseline" in raised.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 100_000,
        "[]",
        '{"systems": []}',
        '{"systems": {}, "tolerance": ""}',
        '{"systems": {}, "tolerance": NaN, "corpus": "small"}',
        '{"systems": {"hybrid": []}, "tolerance": 0, "corpus": "small"}',
        '{"systems": {"hybrid": {"q0": 1}}, "tolerance": 0, "corpus": "small"}',
        '{"systems": {"hybrid": {"q0": {"recall@5": "1"}}}, "tolerance": 0, "corpus": "small"}',
    ],
    ids=lambda text: text[:60],
)
def test_a_broken_baseline_is_said(baseline, text):
    baseline.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="is not a baseline"):
        gate.compare(baseline, "small", run(1.0))


def test_saving_keeps_the_systems_that_were_not_run(baseline):
    gate.save(baseline, "small", {"lexical": [result_row("q0", {"recall@5": 1.0})]})
    assert set(json.loads(baseline.read_text(encoding="utf-8"))["systems"]) == {"hybrid", "lexical"}
    gate.save(baseline, "another", {"lexical": [result_row("q0", {"recall@5": 1.0})]})
    assert set(json.loads(baseline.read_text(encoding="utf-8"))["systems"]) == {"lexical"}
