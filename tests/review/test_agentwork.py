"""Tools, tasks and runs as they are read, whatever shape a project gives them."""

import json
from pathlib import Path
from typing import Any

import pytest

from scaffolder.review import trees, view
from scaffolder.review.agentwork import runs, tasks, toolset
from scaffolder.review.agentwork.actions import actions


def tools_of(code: str, folder: Path) -> dict[str, bool]:
    trees.build({"desk/tools.py": code}, folder)
    with view.opened(folder) as seen:
        return {t.name: t.code is not None for t in toolset.tools(seen)}


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ('TOOLS = {"pay": pay}\n\n\ndef pay(order: str):\n    return order\n', {"pay": True}),
        ('TOOLS = {"pay": Spec("Pays.", {})}\n', {"pay": False}),
        ('T = Tool(name="pay", description="Pays.", func=run)\n', {"pay": False}),
        ("T = [{'name': 'pay', 'description': 'P', 'parameters': {}}]\n", {"pay": False}),
        ('COLOURS = {"red": red}\n\n\ndef red():\n    return 1\n', {}),
        ('ROW = {"name": "Ada", "age": 4}\nTOOLS = 1\n', {}),
    ],
)
def test_tools_are_known_by_how_they_are_offered(
    code: str, wanted: dict[str, bool], tmp_path: Path
) -> None:
    assert tools_of(code, tmp_path) == wanted


def runs_of(row: dict[str, Any], folder: Path) -> list[tuple[str, bool, float | None]]:
    trees.build({"evals/results/x.jsonl": json.dumps(row) + "\n"}, folder)
    with view.opened(folder) as seen:
        return [(r.kind, r.is_model, r.solved) for r in runs.runs(seen)]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"system": "model", "model": "m-1", "trial": 1, "solved": True}, ("agent", True, 1.0)),
        (
            {"system": "single", "usage": {"output_tokens": 4}, "steps": 1},
            ("single call", True, None),
        ),
        ({"system": "baseline", "model": "", "steps": 2, "reward": 0.0}, ("workflow", False, 0.0)),
        ({"system": "react", "trajectory": [{"action": "pay"}]}, ("agent", True, None)),
        ({"system": "baseline", "fault": "raises", "steps": 2}, ()),
        ({"system": "dense", "recall@5": 0.4}, ()),
    ],
)
def test_a_row_of_a_run_says_who_made_it(
    row: dict[str, Any], wanted: tuple[str, bool, float | None] | tuple[()], tmp_path: Path
) -> None:
    assert runs_of({"id": "t1", **row}, tmp_path) == ([wanted] if wanted else [])


@pytest.mark.parametrize(
    ("action", "done"),
    [
        ({"tool": "pay", "outcome": "ok"}, True),
        ({"tool": "pay", "outcome": "waiting"}, False),
        ({"tool": "pay", "is_error": True}, False),
        ({"tool": "pay", "error": None}, True),
        ({"tool": "pay", "ok": False}, False),
        ({"function": {"name": "pay", "arguments": "{}"}}, True),
    ],
)
def test_an_action_is_done_where_nothing_says_that_it_failed(
    action: dict[str, Any], done: bool
) -> None:
    assert [a.done for a in actions({"actions": [action]})] == [done]


def test_actions_of_a_hostile_row_are_none() -> None:
    assert actions({"actions": [None, 4, "pay", {"tool": 5}, {"tool": ""}]}) == ()


def test_tasks_of_a_yaml_file_are_read(tmp_path: Path) -> None:
    text = "tasks:\n  - {id: a, request: Pay., goal: {refunds: 1}, unchanged: [orders]}\n"
    trees.build({"evals/tasks.yaml": text}, tmp_path)
    with view.opened(tmp_path) as seen:
        found = tasks.tasks(seen)
    assert [(t.id, t.judged, t.guarded) for t in found] == [("a", True, True)]
