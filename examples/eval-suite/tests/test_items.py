"""A golden set that would flatter the system is refused, with the place and what to do."""

import json
from datetime import date

import pytest
from small_suite import ROOT, item

from deskcheck.errors import UsageError
from deskcheck.graders import shape_fault
from deskcheck.items import (
    check_items,
    check_leaks,
    load_items,
    near_duplicates,
    version_of,
)

LONG = "please tell me which hours are free for two of us on three days in May"


def written(folder, *rows):
    path = folder / "items.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_items_come_in_the_order_of_the_file(tmp_path):
    path = written(tmp_path, item("b").__dict__, item("a").__dict__)
    assert [each.id for each in load_items(path)] == ["b", "a"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1 is not JSON"),
        ("[1]", "line 1 is not a JSON object"),
        (item("a").__dict__ | {"split": "train"}, "split is 'train'"),
        (item("a").__dict__ | {"id": ""}, "has no 'id'"),
        (item("a").__dict__ | {"input": "text"}, "'input' is not a JSON object"),
    ],
)
def test_a_line_that_is_no_item_is_named(tmp_path, line, said):
    with pytest.raises(UsageError, match=said):
        load_items(written(tmp_path, line))


def test_an_empty_set_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no items"):
        load_items(tmp_path / "items.jsonl")


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([item("a"), item("a", "Something else entirely here")], "the same id"),
        ([item("a", LONG), item("b", LONG)], "the same input"),
        ([item("a", LONG), item("b", LONG + " 2026", split="test")], "almost the same"),
        ([item("a", group="g"), item("b", LONG, group="g", split="test")], "in dev and in test"),
    ],
)
def test_doubles_and_leaks_between_splits_are_refused(items, said):
    with pytest.raises(UsageError, match=said):
        check_items(items, 0.85)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"acton": "book"}, "no grader reads 'acton'"),
        ({"date": 14}, "date is no text"),
        ({"action": "ask", "date": "2026-05-04"}, ""),
    ],
)
def test_what_is_expected_is_in_the_form_that_graders_read(expected, said):
    assert said in shape_fault(expected)
    assert bool(said) == bool(shape_fault(expected))


def test_the_same_question_on_another_channel_is_a_leak():
    asked = [
        item("a", input={"message": LONG, "channel": "mail"}),
        item("b", input={"message": f"{LONG.lower()}!", "channel": "chat"}, split="test"),
    ]
    with pytest.raises(UsageError, match="ask the same"):
        check_items(asked, 0.85)


def test_the_same_input_in_other_case_and_marks_is_there_twice():
    with pytest.raises(UsageError, match="a and b have the same input"):
        check_items([item("a", LONG), item("b", f" {LONG.upper()}??")], 0.85)


def test_near_duplicates_of_one_split_are_listed_and_allowed():
    items = [
        item("a", LONG),
        item("b", LONG.upper() + " again!!"),
        item("c", "Where is my invoice for May?"),
    ]
    assert [(a.id, b.id) for a, b in near_duplicates(items, 0.85)] == [("a", "b")]
    check_items(items, 0.85)


def test_near_duplicates_are_those_that_comparing_all_pairs_finds():
    texts = [f"{LONG} {'now ' * n} {w}" for n in range(3) for w in ("today", "soon then", "")]
    items = [item(f"i{at}", text) for at, text in enumerate(texts)]
    words = [set(each.asked.split()) for each in items]
    for near in (0.7, 0.85, 1.0):
        slow = {
            (items[a].id, items[b].id)
            for b in range(len(items))
            for a in range(b)
            if len(words[a] & words[b]) >= near * len(words[a] | words[b])
        }
        assert {(a.id, b.id) for a, b in near_duplicates(items, near)} == slow


def test_a_test_item_in_a_prompt_is_refused(tmp_path):
    (tmp_path / "reply.md").write_text(f"Example: {LONG.upper()}.", encoding="utf-8")
    check_leaks([item("a", LONG)], tmp_path)
    with pytest.raises(UsageError, match=r"reply\.md holds the test item a"):
        check_leaks([item("a", LONG, split="test")], tmp_path)


def test_the_version_rests_on_inputs_and_expectations_and_not_on_order():
    first, second = item("a"), item("b")
    assert version_of([first, second]) == version_of([second, first])
    assert version_of([first]) != version_of([item("a", expected={"action": "ask"})])


def test_no_expected_slot_breaks_the_rules_of_the_practice():
    """data/policy.md: Monday to Friday, 8:00 to 18:00, a slot that is still to come."""
    for each in load_items(ROOT / "evals" / "items.jsonl"):
        if each.expected.get("action") not in ("book", "move"):
            continue
        day = date.fromisoformat(each.expected["date"])
        assert day > date.fromisoformat(each.input["received"]), each.id
        assert day.weekday() < 5, each.id
        assert "08:00" <= each.expected["time"] < "18:00", each.id
