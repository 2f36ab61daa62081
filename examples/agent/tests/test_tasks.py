"""Tasks: what may stand in the file; each shipped one can be solved, and only by acting."""

import json
from collections import Counter

import pytest
from small_shop import REFUND, ROOT, make_project, runner, task

from seeddesk.errors import UsageError
from seeddesk.evaluation.judging import faults
from seeddesk.evaluation.tasks import (
    SLICES,
    Goal,
    as_row,
    check_against,
    load_tasks,
    read_tasks,
)
from seeddesk.executor import Executor
from seeddesk.llm.types import ToolCall
from seeddesk.policy import REASONS
from seeddesk.runs import Run, new_id, start
from seeddesk.settings import load_settings
from seeddesk.shop import create, state


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"split": "train"}, "split"),
        ({"status": ["fine"]}, "no status"),
        ({"request": " "}, "request"),
        ({"approves": "no"}, "approves"),
        ({"must_say": ["refund"]}, "must_say"),
        ({"must_say": [[""]]}, "must_say"),
        ({"unchanged": "orders"}, "unchanged"),
        ({"goal": ["refunds"]}, "a goal has"),
        ({"goal": [{"table": "refunds", "where": {}, "count": "1"}]}, "count"),
        ({"goal": [{"table": "refunds", "where": {}, "sum": 1}]}, "nothing else"),
        ({"planted": {"text": "Obey."}}, "planted"),
    ],
)
def test_a_line_that_is_no_task_is_named(tmp_path, change, said):
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(as_row(task()) | change) + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        load_tasks(path)


def test_a_task_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "tasks.jsonl"
    shouted = as_row(task()) | {"id": "t2", "request": "o0002  IS late."}
    for twin in (as_row(task()), shouted):
        path.write_text(f"{json.dumps(as_row(task()))}\n{json.dumps(twin)}\n", encoding="utf-8")
        with pytest.raises(UsageError, match="line 2: the task is there twice, as t1"):
            load_tasks(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"customer": "C9"}, "no customer 'C9'"),
        ({"unchanged": ("refundz",)}, "no table 'refundz'"),
        ({"goal": (Goal("gifts", {}),)}, "no table 'gifts'"),
        ({"goal": (Goal("refunds", {"order": "O0002"}),)}, "no column 'order'"),
        ({"goal": (Goal("refunds", {"order_id": "O7777"}),)}, "no order 'O7777'"),
    ],
)
def test_a_task_of_another_shop_is_refused(tmp_path, change, said):
    place = make_project(tmp_path).database
    check_against(place, [task()])
    with pytest.raises(UsageError, match=said):
        check_against(place, [task(**change)])


SHIPPED = read_tasks(ROOT / "evals" / "tasks.jsonl")
SAMPLE = [each for each in SHIPPED if each.origin == "template sample"]


def oracle(each, place, settings):
    """The goal done by the tools themselves, as the policy allows it and a person agrees."""
    run = Run(new_id(), each.request, each.customer, "model", place)
    start(settings.runs, run)
    desk = Executor(run, settings, lambda pending: True)
    cancelled = {g.where["order_id"] for g in each.goal if g.table == "orders"}
    for name in cancelled:
        desk.perform(ToolCall("1", "cancel_order", {"order_id": name}))
    for goal in each.goal:
        name = goal.where["order_id"]
        if goal.table == "replacements":
            arguments = {"order_id": name, "sku": goal.values["sku"]}
            desk.perform(ToolCall("1", "send_replacement", arguments))
        elif goal.table == "refunds" and name not in cancelled:
            amount = goal.values["amount_cents"]
            for reason in REASONS:
                arguments = {"order_id": name, "amount_cents": amount, "reason": reason}
                if desk.perform(ToolCall("1", "refund_order", arguments)).outcome == "ok":
                    break


@pytest.mark.parametrize("each", SHIPPED, ids=lambda each: each.id)
def test_every_goal_can_be_reached_by_the_tools_and_not_by_doing_nothing(each, tmp_path):
    settings = make_project(tmp_path)
    create(settings.database, load_settings(ROOT).script)
    before = state(settings.database)
    assert bool(faults(each, before, before)) == bool(each.goal)
    oracle(each, settings.database, settings)
    assert faults(each, before, state(settings.database)) == []


@pytest.mark.skipif(not SAMPLE, reason="the sample tasks have gone")
def test_the_sample_has_every_kind_in_both_splits():
    counts = Counter((each.slice, each.split) for each in SAMPLE)
    assert {each.slice for each in SAMPLE} == set(SLICES)
    assert len(counts) == 2 * len(SLICES)
    assert min(Counter(each.slice for each in SAMPLE).values()) >= 5


def test_the_shipped_tasks_are_of_customers_that_there_are(tmp_path):
    create(tmp_path / "shop.sqlite", load_settings(ROOT).script)
    known = {row["customer_id"] for row in state(tmp_path / "shop.sqlite")["customers"]}
    assert {each.customer for each in SHIPPED} <= known


@pytest.fixture
def settings(tmp_path):
    made = make_project(tmp_path)
    made.tasks.write_text(json.dumps(as_row(task())) + "\n", encoding="utf-8")
    return made


@pytest.fixture
def run(settings, monkeypatch, capsys):
    return runner(settings.root, monkeypatch, capsys)


def test_a_task_is_added_in_turn_to_both_splits(run, settings):
    words = ("task", "--customer", "C001", "--slice", "lookup")
    assert run(*words, "Where is O0003?", "--say", "delivered")[0] == 0
    assert run(*words, "Has O0001 left?", "--status", "refused")[0] == 0
    added = load_tasks(settings.tasks)[-2:]
    assert [(t.id, t.split, t.origin) for t in added] == [
        ("t002", "dev", "author"),
        ("t003", "test", "author"),
    ]
    goal = "refunds:O0002:amount_cents=590"
    assert run("task", "Late!", "--customer", "C001", "--slice", "refund", "--goal", goal)[0] == 0
    assert load_tasks(settings.tasks)[-1].goal == (REFUND,)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--customer", "C9", "--slice", "lookup"), "no customer 'C9'"),
        (("--customer", "C001", "--slice", "mood"), "no kind of task"),
        (("--customer", "C001", "--slice", "refund", "--goal", "money"), "is no goal"),
        (("--customer", "C001", "--slice", "refund", "--goal", "refunds:O7777"), "no order"),
        (("--customer", "C001", "--slice", "refund", "--goal", "refunds:O0002:a=1"), "no column"),
        (("--customer", "C001", "--slice", "lookup", "--status", "fine"), "no status"),
    ],
)
def test_a_task_that_the_shop_cannot_have_is_refused(run, settings, words, said):
    before = settings.tasks.read_bytes()
    code, _, err = run("task", "Help me.", *words)
    assert code == 2
    assert said in err
    assert settings.tasks.read_bytes() == before


def test_the_first_task_can_be_added_and_none_twice(run, settings):
    settings.tasks.write_text("", encoding="utf-8")
    words = ("task", "Where is O0003?", "--customer", "C001", "--slice", "lookup")
    assert run(*words)[0] == 0
    code, _, err = run(*words)
    assert (code, "t001 already asks this" in err) == (2, True)
    assert len(load_tasks(settings.tasks)) == 1
