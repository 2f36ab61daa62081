"""A test message in train fails the build, and broken lines are named."""

import json
import re
import shutil

import pytest
from small_project import ROOT, make_project, runner

from spokehouse.errors import UsageError
from spokehouse.fewshot import chosen
from spokehouse.items import load_items
from spokehouse.preparation.balance import differing, shares
from spokehouse.preparation.checks import findings

SPLITS = ("train", "dev", "test")
TEXT = "the chain on the bike of my mother jumps ever so often on these days"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    make_project(tmp_path)
    return runner(tmp_path, monkeypatch, capsys)


def leak(folder, split="train", **changes):
    """One row of test, changed, as one more of another split."""
    line = (folder / "data" / "test.jsonl").read_text(encoding="utf-8").splitlines()[0]
    moved = json.loads(line) | {"id": "x-1", "group": "x"} | changes
    with (folder / "data" / f"{split}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(moved) + "\n")


def test_prepare_writes_the_card(run, tmp_path):
    code, result, _ = run("prepare")
    assert (code, result["sizes"]) == (0, {"train": 2, "dev": 2, "test": 2})
    card = (tmp_path / "data" / "card.md").read_text(encoding="utf-8")
    assert "| train | 2 | 2 |" in card
    assert card.endswith("<!-- card:end -->\n")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "duplicate"),
        ({"text": "tag U4 - The city BIKE lost a spoke!"}, "duplicate"),
        ({"text": "Tag U4, the city bike lost a spoke again."}, "near"),
        ({"text": "Something else altogether broke on here, tag U4."}, "entity"),
        ({"text": "What a day, dear people!", "group": "test1"}, "group"),
    ],
)
@pytest.mark.parametrize("split", ["train", "dev"])
def test_a_test_message_elsewhere_fails(run, tmp_path, changes, kind, split):
    record = {} if kind in ("duplicate", "entity") else {"record": nobody(tmp_path)}
    leak(tmp_path, split, **record, **changes)
    code, result, err = run("prepare")
    assert (code, result["status"]) == (5, "failed")
    assert any(each.startswith(f"{kind}: ") and "x-1" in each for each in result["leaks"])
    assert "the test set is not apart" in err


def nobody(folder):
    """The record of test without its tag."""
    line = (folder / "data" / "test.jsonl").read_text(encoding="utf-8").splitlines()[0]
    return json.loads(line)["record"] | {"tag": None}


def test_a_name_in_two_splits_is_found_unless_it_is_none(run, tmp_path):
    for split, text in (("train", "A fox greets Olga here."), ("test", "We saw Olga, it rained.")):
        leak(tmp_path, split, id=split, group=split, text=text, record=nobody(tmp_path))
    assert run("prepare")[1]["leaks"] == ["entity: train and test share 'Olga'"]
    path = tmp_path / "config.toml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"^not_names = .*$", 'not_names = ["Olga"]', text, flags=re.M)
    path.write_text(text, encoding="utf-8")
    assert run("prepare")[0] == 0


def test_thirteen_words_in_a_row_are_found(tmp_path):
    make_project(tmp_path)
    shown = "and with my very best wishes to all of you from the four of us"
    leak(tmp_path, "test", id="y-1", group="y", text=f"{TEXT} {shown}", record=nobody(tmp_path))
    other = f"Since some new people came to live here we hear {TEXT} and nobody knows why at all"
    other += " although a volunteer was here twice and looked at each of the links on the stand"
    leak(tmp_path, text=other, record=nobody(tmp_path))
    splits = {split: load_items(tmp_path / "data" / f"{split}.jsonl") for split in SPLITS}
    assert [each.kind for each in findings(splits) if each.second == "y-1"] == ["gram"]


def test_a_copy_within_a_split_is_listed_and_no_leak(run, tmp_path):
    line = (tmp_path / "data" / "train.jsonl").read_text(encoding="utf-8").splitlines()[0]
    with (tmp_path / "data" / "train.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(json.loads(line) | {"id": "x-2"}) + "\n")
    code, result, _ = run("prepare")
    assert (code, len(result["copies"])) == (0, 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1 is not JSON"),
        ("[]", "line 1 is not a JSON object"),
        ('{"id": "a"}', "text is None, not a text"),
        ('{"id": "a", "colour": 1}', "unknown key 'colour'"),
        ('{"id":"a","text":"t","slice":"s","group":"g","origin":"o"}', "record is no object"),
        (
            '{"id":"a","text":"t","slice":"s","group":"g","origin":"o","record":{"tag":null}}',
            "line 1",
        ),
        ("", "holds no items"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, said):
    path = tmp_path / "train.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"train\.jsonl") as raised:
        load_items(path)
    assert said in raised.value.message


def test_examples_show_as_many_values_as_they_can():
    train = load_items(ROOT / "data" / "train.jsonl")
    taken = chosen(train, 8)
    assert [item.id for item in taken] == [item.id for item in chosen(train[::-1], 8)]
    assert len({item.record.job for item in taken}) >= 5
    assert {item.record.tag is None for item in taken} == {True, False}


def test_shares_sum_to_one_and_a_shift_is_named():
    items = load_items(ROOT / "data" / "train.jsonl")
    assert sum(shares(items, "job").values()) == pytest.approx(1)
    quiet = [item for item in items if item.record.safety == "routine"]
    assert "stop" in differing(items * 10, quiet * 10, "safety")


def test_the_shipped_splits_are_apart(tmp_path, monkeypatch, capsys):
    make_project(tmp_path)
    for split in SPLITS:
        shutil.copy(ROOT / "data" / f"{split}.jsonl", tmp_path / "data" / f"{split}.jsonl")
    code, result, _ = runner(tmp_path, monkeypatch, capsys)("prepare")
    assert (code, result["leaks"], result["copies"]) == (0, [], [])
