"""Items are split by whose they are; doubles are found word for word and almost."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from asked import ask

LONG = "my bike was not there on the day that i had paid for and nobody came"
PLACE = "evals/items.jsonl"


def items(texts: Sequence[str], **more: object) -> dict[str, Any]:
    row = {"expected": "so", **more}
    rows = [{"id": f"x{n}", "input": {"text": t}, **row} for n, t in enumerate(texts)]
    return {PLACE: "".join(json.dumps(r) + "\n" for r in rows)}


def split(dev: str, test: str, **more: str) -> dict[str, Any]:
    rows = [
        {"id": f"{s}{n}", "split": s, "group": g.replace("#", str(n)), "input": f"ask {s} {n}"}
        for s, g in (("dev", dev), ("test", test))
        for n in range(15)
    ]
    return {PLACE: "".join(json.dumps({**r, "expected": "so", **more}) + "\n" for r in rows)}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (split("a#", "b#"), "yes"),
        (split("a#", "a#"), "no"),
        (split("", ""), "partial"),
        (split("a#", "b#", split="dev"), "no"),
        (items([f"ask {n}" for n in range(30)], split="test"), "no"),
    ],
)
def test_a_part_is_held_out_by_group(tree: dict[str, Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("itemset.held_out", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("two", "wanted"),
    [
        ((LONG, LONG.upper() + "!"), "no"),
        ((LONG, f"hello, {LONG}"), "no"),
        ((f"{LONG} 3 times", f"{LONG} 4 times"), "yes"),
        ((LONG, "my bike was not there on time and i had paid for the whole day"), "yes"),
    ],
)
def test_items_that_ask_the_same(two: tuple[str, str], wanted: str, tmp_path: Path) -> None:
    others = [f"what about bike number {n} and its price in may" for n in range(30)]
    assert ask("itemset.distinct", items([*others, *two]), tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("field", "wanted"), [("version", "yes"), ("input_hash", "yes"), ("commit", "no")]
)
def test_a_row_names_the_version_of_its_items(field: str, wanted: str, tmp_path: Path) -> None:
    row = {"id": "x{n}", "system": "a", field: "3f2a", "grades": {"facts": 1}}
    tree = {**items(["a question"] * 9), "evals/results/a.jsonl": {"rows": 8, "row": row}}
    assert ask("itemset.stamped", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("card", "wanted"),
    [
        ("40 items from the desk's mail, labelled by me, in slices, version 2.", "yes"),
        ("40 items from the desk's mail, labelled by me, in slices.", "partial"),
        ("40 items.", "no"),
    ],
)
def test_a_card_describes_the_items(card: str, wanted: str, tmp_path: Path) -> None:
    tree = {PLACE: "", "evals/README.md": f"# Items\n\n{card}\n"}
    assert ask("itemset.described", tree, tmp_path).answer.value == wanted


def test_a_test_item_with_an_input_in_a_prompt_is_a_leak(tmp_path: Path) -> None:
    tree = {**items([LONG], split="test"), "prompts/a.md": f"Example: {LONG}\n"}
    assert ask("leakage.unleaked", tree, tmp_path).answer.value == "no"
