"""The failure of a tool: caught, given back, tried again where it can pass, seen in rows."""

import json
from pathlib import Path

import pytest
from asked import ask

TOOL = "from langchain_core.tools import tool\n\n\n@tool\ndef stock(sku: str) -> str:\n"
RETURNED = (
    TOOL
    + "    try:\n        return warehouse(sku)\n    except OSError as e:\n        return str(e)\n"
)
SWALLOWED = TOOL + "    try:\n        return warehouse(sku)\n    except OSError:\n        pass\n"
RAISED = TOOL + "    try:\n        return warehouse(sku)\n    except OSError:\n        raise\n"
FRAMED = TOOL + "    return sku\n\n\nnode = ToolNode([stock], handle_tool_errors=True)\n"
OF_CLI = "def main():\n    try:\n        start()\n    except OSError as e:\n        return str(e)\n"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (RETURNED, "yes"),
        (FRAMED, "yes"),
        (SWALLOWED, "partial"),
        (RAISED, "partial"),
        (TOOL + "    return sku\n", "no"),
        (TOOL + "    return sku\n\n\n" + OF_CLI, "no"),
        ("x = 1\n", "no"),
    ],
)
def test_an_error_has_to_reach_the_model(code: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("toolerrors.given_back", {"desk/main.py": code}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def matrix(**more: object) -> str:
    faults = ("raises", "hangs", "empty", "third try")
    rows = [
        {"tool": tool, "fault": fault, "status": "degraded", "recovered": fault == "third try"}
        for tool in ("stock", "refund")
        for fault in faults
    ]
    rows[0] |= more
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, "yes"),
        ({"status": "crashed"}, "no"),
        ({"status": "answered"}, "partial"),
        ({"status": "answered", "explained": True}, "yes"),
        ({"status": "answered", "recovered": True}, "yes"),
    ],
)
def test_a_run_with_a_fault_recovers_or_says_so(
    more: dict[str, object], wanted: str, tmp_path: Path
) -> None:
    tree = {"evals/results/faults.jsonl": matrix(**more)}
    reading = ask("toolerrors.matrix_kept", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason
