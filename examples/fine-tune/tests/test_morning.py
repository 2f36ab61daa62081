"""Counts learn what training holds, a second look only warns, and no message of a day is lost."""

import json
from dataclasses import replace

import pytest
from small_project import RECORD, make_project, runner

from spokehouse import cautious, counting
from spokehouse.evaluation.confusion import NONE, confusion, table
from spokehouse.evaluation.dangers import missed, report_of
from spokehouse.evaluation.run import measure, setting_of
from spokehouse.evaluation.scoring import alarms, grades
from spokehouse.items import Item, load_items
from spokehouse.morning import cards, summary
from spokehouse.record import VALUES, Record, record_of
from spokehouse.trace import Trace


def item(number, text, **fields):
    record = record_of({**RECORD, "tag": None, **fields})
    return Item(f"tr-{number}", text, record, "plain", f"g{number}")


TRAIN = [
    item(1, "The fork has a crack.", job="frame", safety="stop"),
    item(2, "A crack in the frame again.", job="frame", safety="stop"),
    item(3, "The chain squeaks.", job="drivetrain"),
    item(4, "The chain is dry.", job="drivetrain"),
    item(5, "Thank you.", job="none"),
]


@pytest.fixture
def counts():
    return counting.count(TRAIN)


def test_shares_sum_to_one_and_follow_training(counts):
    found = counting.shares("A crack!", counts, "safety")
    assert sum(found.values()) == pytest.approx(1)
    assert set(found) == set(VALUES["safety"])
    assert counting.likeliest("A crack!", counts, "safety") == "stop"
    assert counting.read("My chain squeaks", counts).job == "drivetrain"


def test_words_that_training_never_held_change_nothing(counts):
    plain, strange = (counting.shares(t, counts, "job") for t in ("chain", "chain xylophone"))
    assert strange == plain


def test_a_plural_is_its_word_and_two_in_a_row_count():
    assert counting.terms("Two cracks") == ["two", "crack", "two crack"]


@pytest.mark.parametrize("text", ["", "K14", "??", "naïve 😀"])
def test_every_text_gets_a_record(counts, text):
    assert isinstance(counting.read(text, counts), Record)
    assert isinstance(cautious.read(text, counts), Record)


def test_nothing_to_mend_is_never_a_danger(counts):
    assert counting.read("Thank you", counts).safety == "routine"


def test_the_second_look_raises_and_never_lowers():
    for first in VALUES["safety"]:
        for second in VALUES["safety"]:
            order = VALUES["safety"].index
            assert order(cautious.stricter(first, second)) == min(order(first), order(second))


def test_the_second_look_changes_safety_alone(counts):
    record = cautious.read("Chain, tag A3: the crack in the fork opens.", counts)
    assert (record.tag, record.job, record.safety) == ("A3", "drivetrain", "stop")


def test_a_danger_and_a_false_alarm_are_told_apart():
    calm, danger = TRAIN[2].record, TRAIN[0].record
    assert alarms(danger, danger) == {"stop_found": 1.0}
    assert alarms(calm, danger) == alarms(None, danger) == {"stop_found": 0.0}
    assert alarms(danger, calm) == {"false_alarm": 1.0}
    assert "stop_found" not in grades(calm, calm)


@pytest.fixture
def settings(tmp_path):
    return make_project(tmp_path)


def runs_of(settings, *systems):
    split = [TRAIN[0], TRAIN[2]]
    trace = Trace.start(settings.traces, "test")
    return {system: measure(system, split, "test", settings, trace) for system in systems}


def test_the_report_tells_dangers_and_what_the_second_look_brings(settings):
    runs = runs_of(settings, "baseline", "cautious")
    report = report_of(runs)
    assert "| Must not be ridden | stop_found (n = 1) | false_alarm (n = 1) |" in report.markdown
    assert "- cautious minus baseline, stop_found:" in report.markdown
    assert {claim.n for claim in report.claims} == {1}
    assert "minus" not in report_of({"baseline": runs["baseline"]}).markdown


def test_a_missed_danger_is_listed(settings):
    danger = item(9, "She folds in the middle.", safety="stop")
    trace = Trace.start(settings.traces, "test")
    rows = measure("baseline", [danger, TRAIN[0]], "test", settings, trace)
    assert [row.id for row in missed(rows)] == ["tr-9"]


def test_a_setting_changes_with_the_training_rows(settings):
    before = setting_of("counted", settings)
    path = settings.items("train")
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert setting_of("counted", settings) != before
    assert setting_of("baseline", settings) == setting_of("baseline", settings)


def test_the_least_safe_comes_first_and_nobody_is_lost(counts):
    texts = ["The chain squeaks.", "The fork has a crack.", "Hello", "The chain is dry."]
    made = cards(texts, counts)
    assert [card.number for card in made] == [2, 1, 3, 4]
    assert summary(made).startswith("4 messages: 1 stop, 0 soon, 3 routine.")


def test_where_two_readers_differ_a_person_looks(counts):
    (card,) = cards(["The chain has a crack in it."], counts)
    assert set(card.doubted) <= {"safety", "job"}
    assert card.record.safety == "stop"


def test_a_day_is_a_file_of_messages(tmp_path, monkeypatch, capsys):
    make_project(tmp_path)
    run = runner(tmp_path, monkeypatch, capsys)
    (tmp_path / "day.txt").write_text(
        "Tag A3: a crack | in the fork\n\nThanks!\n", encoding="utf-8"
    )
    code, result, _ = run("day", "day.txt")
    assert (code, [card["record"]["tag"] for card in result["cards"]]) == (0, ["A3", None])


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot read"), (b"", "holds 0 messages"), (b"\xff\xfe", "no text in UTF-8")],
)
def test_a_file_that_is_none_gets_one_sentence(tmp_path, monkeypatch, capsys, content, said):
    make_project(tmp_path)
    if content is not None:
        (tmp_path / "day.txt").write_bytes(content)
    code, _, err = runner(tmp_path, monkeypatch, capsys)("day", "day.txt")
    assert code == 2
    assert said in err


def test_the_shipped_training_rows_can_be_counted(settings):
    found = counting.count(load_items(settings.items("train")))
    assert json.dumps(found.fields["job"].rows)


def test_what_is_taken_for_what_is_counted_once(settings):
    rows = runs_of(settings, "baseline")["baseline"]
    odd = replace(rows[0], answer="no record at all")
    found = confusion([*rows, odd], "safety")
    assert sum(found.counts.values()) == 3
    assert found.worst() == ("stop", NONE, 1)
    assert "| stop | **1** |" in table(found)


def test_the_worst_mistake_and_the_missed_dangers_are_told(tmp_path, monkeypatch, capsys):
    make_project(tmp_path)
    run = runner(tmp_path, monkeypatch, capsys)
    assert run("confused")[0] == 2
    run("eval", "--system", "cautious")
    code, result, _ = run("confused", "job")
    assert (code, result["missed"], result["field"]) == (0, [], "job")
