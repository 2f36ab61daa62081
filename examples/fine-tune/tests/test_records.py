"""A reply is a record as a whole or not at all, and the baseline always gives one."""

import json

import pytest
from small_project import LINE, RECORD

from spokehouse.evaluation.scoring import grades, wrong_fields
from spokehouse.record import FIELDS, Fault, Record, canonical, parse, schema
from spokehouse.rules import read


def test_a_record_survives_its_own_line():
    record = Record("K14", "brakes", "cargo", "soon", "any_time")
    assert parse(canonical(record)) == record
    assert list(json.loads(canonical(record))) == list(FIELDS) == schema()["required"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        (f"Here it is: {LINE}", "not JSON"),
        (f"{LINE}\n{LINE}", "not JSON"),
        ("[1]", "not a JSON object"),
        ('"x"', "not a JSON object"),
        (LINE.replace('"tag"', '"label"'), "keys are label, job"),
        (json.dumps(dict(reversed(RECORD.items()))), "keys are handover"),
        ('{"tag": null, ' + LINE[1:], "keys are tag, tag"),
        (json.dumps({**RECORD, "job": "water"}), "job is 'water'"),
        (json.dumps({**RECORD, "job": ["none"]}), "job is ['none']"),
        (json.dumps({**RECORD, "tag": "t 4"}), "tag is 't 4'"),
        (json.dumps({**RECORD, "tag": 4}), "tag is 4"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_record_says_why(text, said):
    found = parse(text)
    assert isinstance(found, Fault)
    assert said in found.message


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("K14: the rear brake is weak", "tag", "K14"),
        ("The puncture is on number 45", "tag", "45"),
        ("77 needs new pedals", "tag", "77"),
        ("The chain jumps since 5pm", "tag", None),
        ("The chain jumps", "job", "drivetrain"),
        ("There is a crack in the fork", "safety", "stop"),
        ("Thank you for everything", "job", "none"),
        ("Please ring me before you come", "handover", "by_appointment"),
        ("The caretaker has the key", "handover", "any_time"),
        ("The brake first and then the chain", "job", "brakes"),
    ],
)
def test_the_baseline_reads_words(text, field, value):
    assert getattr(read(text), field) == value


def test_grades_say_what_is_right():
    label = Record("T4", "wheels", "city", "routine", "unknown")
    near = Record("T4", "wheels", "city", "soon", "unknown")
    assert grades(label, label)["exact"] == 1
    assert grades(near, label)["fields"] == pytest.approx(0.8)
    assert grades(near, label)["safety"] == 0
    assert set(grades(None, label).values()) == {0.0}
    assert wrong_fields(near, label) == ["safety: soon, expected routine"]
