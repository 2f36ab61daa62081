"""A reply is a record as a whole or not at all, and the baseline always gives one."""

import json

import pytest
from small_project import LINE, RECORD

from spokehouse.evaluation.scoring import grades, wrong_fields
from spokehouse.record import FIELDS, Fault, Record, canonical, parse, schema
from spokehouse.rules import read


def test_a_record_survives_its_own_line():
    record = Record("12B", "heating", "bedroom", "soon", "any_time")
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
        (LINE.replace('"flat"', '"unit"'), "keys are unit, trade"),
        (json.dumps(dict(reversed(RECORD.items()))), "keys are access"),
        ('{"flat": null, ' + LINE[1:], "keys are flat, flat"),
        (json.dumps({**RECORD, "trade": "water"}), "trade is 'water'"),
        (json.dumps({**RECORD, "trade": ["none"]}), "trade is ['none']"),
        (json.dumps({**RECORD, "flat": "4 c"}), "flat is '4 c'"),
        (json.dumps({**RECORD, "flat": 4}), "flat is 4"),
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
        ("Flat 4C: tap drips", "flat", "4C"),
        ("unit 12 b, tap drips", "flat", "12B"),
        ("In 77B the tap drips", "flat", "77B"),
        ("The tap drips since 5pm", "flat", None),
        ("The radiator is cold", "trade", "heating"),
        ("Sparks from the socket", "urgency", "emergency"),
        ("Thank you for everything", "trade", "none"),
        ("Please ring me before you come", "access", "by_appointment"),
        ("The caretaker has our key", "access", "any_time"),
        ("Oven and then the drain in the bath", "trade", "appliances"),
    ],
)
def test_the_baseline_reads_words(text, field, value):
    assert getattr(read(text), field) == value


def test_grades_say_what_is_right():
    label = Record("4C", "plumbing", "kitchen", "routine", "unknown")
    near = Record("4C", "plumbing", "kitchen", "soon", "unknown")
    assert grades(label, label)["exact"] == 1
    assert grades(near, label)["fields"] == pytest.approx(0.8)
    assert grades(near, label)["urgency"] == 0
    assert set(grades(None, label).values()) == {0.0}
    assert wrong_fields(near, label) == ["urgency: soon, expected routine"]
