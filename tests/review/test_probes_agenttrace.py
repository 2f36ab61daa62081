"""Steps that are kept, and steps that are only printed."""

from pathlib import Path

import pytest
from asked import ask

TOOLS = "TOOLS = [{'name': 'look', 'description': 'Looks.', 'input_schema': {}}]\n"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("def step(trace, call):\n    trace.event('tool_call', call)\n", "yes"),
        ("import json\n\n\ndef end(trajectory, f):\n    json.dump(trajectory, f)\n", "yes"),
        ("def step(call):\n    print(call)\n", "partial"),
        ("", "no"),
    ],
)
def test_printing_is_not_keeping(more: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("agenttrace.steps_kept", {"desk/tools.py": TOOLS + more}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_without_an_agent_nothing_is_kept(tmp_path: Path) -> None:
    tree = {"desk/main.py": "def main(trace):\n    trace.event('start')\n"}
    assert ask("agenttrace.steps_kept", tree, tmp_path).answer.value == "no"
