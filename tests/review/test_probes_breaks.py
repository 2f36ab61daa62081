"""Where runs break: labels in rows, counts in a table."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask


def rows(*labels: Any) -> str:
    made = [
        {"id": f"t{n}", "system": "agent", "trial": 1, "grades": {"solved": 0}, "broke_at": label}
        for n, label in enumerate(labels)
    ]
    return "".join(json.dumps(row) + "\n" for row in made)


def label(first: str, second: str, why: str = "wrong arguments") -> dict[str, str]:
    return {"before": first, "at": second, "why": why}


FAILED = rows(*[label("get_order", "refund")] * 3, label("get_order", "end", "never done"))
HEAD = "# Desk\n\n| step | why | runs |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (HEAD + "| `get_order` → `refund` | wrong arguments | 3 |\n", "yes"),
        (HEAD + "| get_order -> refund | wrong arguments | 4 |\n", "no"),
        (HEAD + "| get_order -> refund | | 2 |\n| get_order -> refund | | 1 |\n", "yes"),
        ("# Desk\n\n| from | to | n |\n|---|---|---|\n| get_order | end | 1 |\n", "yes"),
        ("# Desk\n\n| from | refund | end |\n|---|---|---|\n| get_order | 3 | 2 |\n", "no"),
        ("# Desk\n\n| tool | calls |\n|---|---|\n| get_order | 12 |\n", "partial"),
    ],
)
def test_a_table_counts_what_the_rows_say(table: str, wanted: str, tmp_path: Path) -> None:
    tree = {"README.md": table, "evals/results/agent.jsonl": FAILED}
    reading = ask("breaks.matrix_shown", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        ([label("a", "b")] * 5, "yes"),
        ([label("a", "b"), None], "partial"),
        ([label("a", "b", "")] * 2, "partial"),
        (["get_order -> refund"], "partial"),
        ([None], "no"),
    ],
)
def test_failed_runs_say_where_and_why(labels: list[Any], wanted: str, tmp_path: Path) -> None:
    reading = ask("breaks.labelled", {"evals/results/agent.jsonl": rows(*labels)}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_where_nothing_fails_nothing_is_accused(tmp_path: Path) -> None:
    row = {"id": "t1", "system": "agent", "trial": 1, "grades": {"solved": 1}}
    tree = {"evals/results/agent.jsonl": json.dumps(row) + "\n"}
    assert ask("breaks.labelled", tree, tmp_path).answer.value == "unknown"
