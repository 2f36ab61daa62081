"""A judge is held against labels that were kept from it; without a model nobody is accused."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from asked import ask

from scaffolder.review.judging import rates
from scaffolder.review.judging.rates import Rates

LABELS, VERDICTS = "evals/labels.jsonl", "evals/results/judge/j.jsonl"


def jsonl(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(r) + "\n" for r in rows)


def labelled(split: str = "test", n: int = 35, **more: str) -> str:
    who = {"labeller": "ab", "date": "2026-05-02", "critique": "so", **more}
    both = [(f"{v}{i}", v) for v in ("pass", "fail") for i in range(n)]
    return jsonl([{"id": i, "verdict": v, "split": split, **who} for i, v in both])


def judged(right: int, n: int = 35, **more: str) -> str:
    """Every pass is found, and `right` of the fails."""
    said = {"judge": "model", "model": "m-1", **more}
    fails = [("fail" if i < right else "pass", f"fail{i}") for i in range(n)]
    found = [*(("pass", f"pass{i}") for i in range(n)), *fails]
    return jsonl([{"id": i, "verdict": v, **said} for v, i in found])


def test_rates_are_those_of_the_definitions() -> None:
    found = rates.rates(
        [(True, True)] * 45 + [(True, False)] * 5 + [(False, False)] * 40 + [(False, True)] * 10
    )
    assert (found.tpr, found.tnr) == (0.9, 0.8)
    assert found.kappa == pytest.approx(0.7)
    assert math.isnan(Rates(1, 0, 0, 0).tnr)


def test_a_rate_is_corrected_for_both_errors() -> None:
    assert rates.corrected(0.85, 0.9, 0.85) == pytest.approx(0.7 / 0.75)
    assert rates.corrected(0.5, 0.5, 0.5) is None
    wide = rates.corrected_interval([1.0] * 85 + [0.0] * 15, Rates(9, 1, 9, 1))
    narrow = rates.corrected_interval([1.0] * 85 + [0.0] * 15, Rates(900, 100, 900, 100))
    assert wide is not None
    assert narrow is not None
    assert wide[1] - wide[0] > narrow[1] - narrow[0]


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (labelled(), "yes"),
        (labelled("held-out"), "yes"),
        (labelled("dev"), "partial"),
        (labelled(""), "no"),
        (labelled(n=20), "partial"),
        (labelled(n=5), "no"),
        (labelled(labeller=""), "partial"),
        (labelled() + labelled("dev", 1), "no"),
    ],
)
def test_labels_are_enough_named_and_held_out(labels: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("judges.labelled", {LABELS: labels}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("verdicts", "wanted"),
    [
        (judged(35), "yes"),
        (judged(30), "yes"),
        (judged(20), "no"),
        (judged(20, judge="rule", model=""), "unknown"),
        (judged(35, judge="rule", model=""), "yes"),
        (judged(20, 20), "no"),
        (judged(35, label="pass"), "no"),
        ("", "unknown"),
    ],
)
def test_both_rates_on_unseen_labels(verdicts: str, wanted: str, tmp_path: Path) -> None:
    tree = {LABELS: labelled(), VERDICTS: verdicts}
    reading = ask("judges.checked", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason
    assert (reading.waits_for == "model") == (wanted == "unknown")


def test_where_code_grades_everything_there_is_no_judge_to_check(tmp_path: Path) -> None:
    tree = {"evals/metrics.toml": '[metrics.price]\ngrader = "code"\n'}
    assert ask("judges.checked", tree, tmp_path).answer.value == "not_applicable"


def test_where_a_judge_grades_labels_are_missed(tmp_path: Path) -> None:
    tree = {"evals/metrics.toml": '[metrics.tone]\ngrader = "judge"\n'}
    assert ask("judges.labelled", tree, tmp_path).answer.value == "no"


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({LABELS: labelled(), VERDICTS: judged(30)}, "yes"),
        ({LABELS: labelled("dev"), VERDICTS: judged(30)}, "yes"),
        ({LABELS: labelled()}, "partial"),
        ({"human.csv": "id,human,judge\n" + "".join(f"{n},1,1\n" for n in range(12))}, "yes"),
        ({VERDICTS: judged(30)}, "no"),
    ],
)
def test_the_fact_wants_an_agreement(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    assert ask("judges.validated", tree, tmp_path).answer.value == wanted


PROMPT = "You judge one thing, whether a promise is covered. {} " + "The policy decides. " * 6


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("pass: covered. fail: not. Critique first.", "yes"),
        ("Pass if covered, fail when not; explain, then decide.", "yes"),
        ('pass: a. fail: b. {"verdict": "", "critique": ""}', "partial"),
        ("pass: a. fail: b.", "partial"),
        ("Explain, and score it from 1 to 5.", "partial"),
        ("Rate it on a scale of 1-10.", "no"),
    ],
)
def test_a_prompt_asks_for_one_decision(text: str, wanted: str, tmp_path: Path) -> None:
    tree = {"prompts/judge.md": PROMPT.format(text)}
    reading = ask("judgeprompt.one_thing", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_examples_are_not_those_it_is_measured_on(tmp_path: Path) -> None:
    why = "grants a refund that no rule grants"
    prompt = {"prompts/judge.md": PROMPT.format(f"pass: a. fail: b. critique: {why}")}
    train = labelled("train", 3, critique=why)
    for split, wanted in (("train", "yes"), ("test", "no")):
        tree = {**prompt, LABELS: train if split == "train" else labelled(critique=why)}
        assert ask("judgeprompt.shown_from_train", tree, tmp_path / split).answer.value == wanted


@pytest.mark.parametrize(
    ("more", "wanted"),
    [({}, "no"), ({"ungraded": ["tone"]}, "partial"), ({"verdict": "pass"}, "yes")],
)
def test_junk_is_counted(more: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    junk = {"id": "z", "verdict": "", "judge": "model", "model": "m-1", **more}
    tree = {VERDICTS: judged(5, 5) + jsonl([junk])}
    assert ask("judgeprompt.junk_counted", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("kinds", "wanted"), [(["code", "judge"], "yes"), (["judge", "llm", "code"], "partial")]
)
def test_code_decides_at_least_half(kinds: list[str], wanted: str, tmp_path: Path) -> None:
    table = "".join(f'[metrics.m{n}]\ngrader = "{k}"\n' for n, k in enumerate(kinds))
    reading = ask("graders.mostly_code", {"evals/metrics.toml": table}, tmp_path)
    assert reading.answer.value == wanted


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("def exact_match(a, b):\n    return a == b\n\ndef llm_judge(a):\n    return a\n", "yes"),
        ("def exact_match(a, b):\n    return a == b\n", "partial"),
        ("def add(a, b):\n    return a + b\n", "no"),
    ],
)
def test_the_fact_wants_code_and_a_judge(code: str, wanted: str, tmp_path: Path) -> None:
    assert ask("graders.several", {"evals/run_eval.py": code}, tmp_path).answer.value == wanted
