"""Rows, tasks and code of the wrong shape hold nothing; no probe of agents falls over them."""

import inspect
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from asked import ask

MODULES = (
    *("looping", "repeats", "toolerrors", "endstate", "reliability", "breaks", "runcost"),
    *("statekept", "approvals", "takeover", "toolpower", "offtrack", "contextkept", "threeway"),
    "agenttrace",
)
PROBES = [
    f"{module}.{name}"
    for module in MODULES
    for name, found in vars(import_module(f"scaffolder.review.probes.{module}")).items()
    if inspect.isfunction(found)
    and not name.startswith("_")
    and found.__module__.endswith(f"probes.{module}")
]
VALUES: tuple[Any, ...] = (
    None,
    5,
    -1.5,
    1e308,
    True,
    "",
    "x",
    [],
    [1],
    [[]],
    {},
    {"a": {}},
    [None],
)
FIELDS = (
    *("id", "task_id", "system", "trial", "steps", "actions", "grades", "status", "answer"),
    *("cost_usd", "latency_ms", "usage", "broke_at", "slice", "goal", "unchanged", "request"),
    *("approves", "must_say", "tool", "fault", "recovered", "model", "split"),
)
CODE = (
    "TOOLS = {1: f(), **x, 'a': 3, 'b': Spec(), 'c': Spec(*y)}\nT = {**x, 'name': z}\nwhile 1: ..."
)


def odd_rows() -> str:
    whole = {"id": "t1", "system": "agent", "trial": 1, "steps": 2, "grades": {"solved": 1}}
    rows = [{**whole, field: value} for field in FIELDS for value in VALUES]
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize("probe", PROBES)
def test_odd_values_are_survived(probe: str, tmp_path: Path) -> None:
    tree = {
        "evals/tasks.jsonl": odd_rows(),
        "evals/results/agent.jsonl": odd_rows(),
        "evals/injections.jsonl": odd_rows(),
        "evals/cases.yaml": "- 5\n- [1]\n- {request: 4, goal: [[1]], id: [2]}\n- {request: a}\n",
        "desk/tools.py": CODE,
        "config.toml": "max_steps = []\n[loop]\nmax_steps = 'a'\nbudget_usd = 0\n",
        "README.md": "# D\n\n| pass^1 | a |\n|---|\n| a | b | 1 |\n\npass^0 4, pass^99 1, $ p95\n",
    }
    assert ask(probe, tree, tmp_path).reason
