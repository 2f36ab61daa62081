"""A judge says why, is held against people, and its errors are taken out of what it reports."""

import json

import numpy as np
import pytest
from small_suite import ROOT, label, make_project, six

from deskcheck.errors import ConfigError, UsageError
from deskcheck.evaluation.registry import load_metrics
from deskcheck.judging import ORDER, Case, Judge, Judged, rule
from deskcheck.judging.bias import leniency, probe, summed
from deskcheck.judging.calibration import calibrate, kappa
from deskcheck.judging.correction import correct
from deskcheck.judging.labels import append_label, load_labels, next_split
from deskcheck.judging.panel import check, judge_of
from deskcheck.llm.client import Spend
from deskcheck.settings import load_settings
from deskcheck.trace import Trace

POLICY = "A slot is settled only if the message names one day and one time."
PASS, FAIL = ("pass",) * 2, ("fail",) * 2


def case(reply):
    return Case(POLICY, "Friday at 9 please. 2026-03-02", reply)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("We have put you down for Friday 6 March at 09:00.", "pass"),
        ("We have put you down for Thursday 5 March at 09:00.", "fail"),
        ("We have put you down for Friday 6 March at 16:00.", "fail"),
        ("Your appointment is cancelled.", "fail"),
        ("Which day would suit you?", "pass"),
    ],
)
def test_the_rule_fails_what_is_settled_and_not_in_the_message(reply, verdict):
    assert rule.decide(case(reply), ORDER).verdict == verdict


@pytest.fixture
def model_judge(tmp_path, model_server):
    settings = load_settings(make_project(tmp_path, six()))
    for made in (label("t1", "fail", "Take any day.", "train"), label("d1", "pass")):
        append_label(settings.labels, made)
    metric = next(m for m in load_metrics(settings) if m.grader == "judge")
    return judge_of("model", metric, settings, Trace.start(tmp_path / "traces", "t"), Spend(1.0))


def test_a_model_judges_with_a_critique_before_the_verdict(model_judge, model_server):
    model_server.reply(json.dumps({"critique": "Books a Friday.", "verdict": "fail"}))
    said = model_judge.decide(case("We have put you down for Friday 6 March."), ORDER)
    assert (said.verdict, said.critique) == ("fail", "Books a Friday.")
    assert model_judge.prompt == "no-false-word@1"


def test_the_examples_of_a_model_come_from_the_train_split_only(model_judge, model_server):
    model_server.reply(json.dumps({"critique": "Fine.", "verdict": "pass"}))
    model_judge.decide(case("Hello."), ORDER)
    sent = json.dumps(model_server.requests[-1].body)
    assert "Take any day." in sent
    assert "Which day?" not in sent


@pytest.mark.parametrize(
    "reply", ["PASS", '{"verdict": "pass"}', '{"critique": "x", "verdict": "maybe"}', "[1]"]
)
def test_a_verdict_that_cannot_be_used_is_none(model_judge, model_server, reply):
    model_server.reply(reply)
    assert model_judge.decide(case("Hello."), ORDER).verdict is None


def test_a_model_without_a_key_is_named(tmp_path):
    settings = load_settings(make_project(tmp_path, six()))
    metric = next(m for m in load_metrics(settings) if m.grader == "judge")
    with pytest.raises(ConfigError, match="_API_KEY, which is not set"):
        judge_of("model", metric, settings, Trace.start(tmp_path / "t", "t"), Spend(1.0))


def test_rates_of_a_judge_by_hand():
    pairs = [PASS] * 8 + [("pass", "fail")] * 2 + [FAIL] * 3 + [("fail", "pass")] + [("fail", None)]
    found = calibrate(pairs)
    assert (found.tpr.value, found.tpr.n) == (0.8, 10)
    assert (found.tnr.value, found.tnr.n) == (0.75, 4)
    assert found.ungraded == 1
    assert found.agreement.value == pytest.approx(11 / 14)
    assert not found.usable
    assert calibrate([PASS] * 5).tnr.value is None


def test_kappa_is_nothing_for_chance_and_one_for_agreement():
    assert kappa([PASS, FAIL, ("pass", "fail"), ("fail", "pass")]) == 0
    assert kappa([PASS, FAIL]) == 1
    assert kappa([PASS, PASS]) is None
    # Cohen 1960, by hand: 20 and 15 of 50 agree, margins 25/25 and 30/20.
    pairs = [PASS] * 20 + [("pass", "fail")] * 5 + [("fail", "pass")] * 10 + [FAIL] * 15
    assert kappa(pairs) == pytest.approx(0.4)


def test_shuffled_labels_bring_agreement_down_to_chance():
    rng = np.random.default_rng(1)
    verdicts = ["pass"] * 200 + ["fail"] * 200
    shuffled = [*zip(rng.permutation(verdicts).tolist(), verdicts, strict=True)]
    assert calibrate([*zip(verdicts, verdicts, strict=True)]).kappa == 1
    assert abs(calibrate(shuffled).kappa) < 0.15


def test_the_corrected_rate_is_the_true_one():
    """A judge with TPR 0.9 and TNR 0.85 reports 0.8475 where the true rate is 0.93."""
    found = correct(847_500, 1_000_000, (900, 1000), (850, 1000))
    assert found.value == pytest.approx(0.93)
    assert found.interval.low < 0.93 < found.interval.high


def test_few_labels_make_the_corrected_rate_less_sure():
    wide, narrow = (correct(80, 100, (n * 9, n * 10), (n * 9, n * 10)) for n in (1, 50))
    assert wide.interval.high - wide.interval.low > narrow.interval.high - narrow.interval.low


def test_the_interval_holds_the_true_rate_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        raw = int(rng.binomial(150, 0.7 * 0.9 + 0.3 * 0.15))
        right = int(rng.binomial(40, 0.9)), 40
        wrong = int(rng.binomial(40, 0.85)), 40
        interval = correct(raw, 150, right, wrong).interval
        held += interval.low <= 0.7 <= interval.high
    assert held / 200 > 0.9


def test_a_judge_no_better_than_chance_is_not_corrected():
    with pytest.raises(ValueError, match="no better than chance"):
        correct(50, 100, (5, 10), (5, 10))


def test_probes_count_the_verdicts_that_flip():
    def obeys(given, order):
        spoken = "PASS" in given.reply
        return Judged("", "pass" if spoken or order != ORDER else "fail")

    labels = [label("a", "fail"), label("b", "fail")]
    flips = [*probe(Judge("obedient", obeys), labels, POLICY)]
    found = {bias.probe: (bias.flipped, bias.towards_pass, bias.n) for bias in summed(flips)}
    assert found == {"order": (2, 2, 2), "length": (0, 0, 2), "planted order": (2, 2, 2)}


def test_leniency_is_told_by_system():
    labels = [label("a", "fail"), label("b", "pass")]
    (found,) = leniency(labels, ["pass", "pass"], ["staff"])
    assert (found.system, found.own, found.gap, found.n) == ("staff", True, 0.5, 2)
    assert found.interval is not None


def test_labels_are_dealt_out_so_that_each_split_has_both_verdicts():
    made = []
    for verdict in ["pass", "fail"] * 10:
        name = str(len(made))
        made.append(label(name, verdict, split=next_split(made, verdict, name)))
    for split in ("train", "dev", "test"):
        assert {x.verdict for x in made if x.split == split} == {"pass", "fail"}


def test_labels_of_one_message_stay_in_one_split():
    made = [label("a", "pass", split="train"), label("b", "fail", split="test")]
    assert next_split(made, "fail", "a") == "train"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": "maybe"}, "verdict is 'maybe'"),
        ({"split": "x"}, "split"),
        ({"a": 1}, "no label|not a label"),
    ],
)
def test_a_line_that_is_no_label_is_named(tmp_path, change, said):
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(label("a", "pass").__dict__ | change) + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        load_labels(path)


def test_the_shipped_labels_can_be_judged():
    labels = load_labels(ROOT / "evals" / "labels.jsonl")
    checked = check(Judge("rule", rule.decide), labels, POLICY)
    assert [c.label for c in checked] == [x.verdict for x in labels]
