"""A model that calls as it should not: a loop that is sound passes, one changed line fails."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from scaffolder.review.behaviour import calling, toolcalls
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.model import NotApplicable
from scaffolder.review.model import Answer, Reading
from tests.review.behaviour import smallagent

AGENT = "src/desk/agent.py"
Try = Callable[[Bench], Reading]

TRIES: dict[str, Try] = {
    "S5": lambda bench: calling.error_returned(bench, "unknown"),
    "S6": lambda bench: calling.error_returned(bench, "wrong"),
    "S7": calling.paired,
    "S8b": calling.stops,
    "S9": calling.notices,
    "S17b": lambda bench: calling.text_beside(bench, thinking=True),
    "S18": calling.text_beside,
}


@pytest.mark.parametrize("name", TRIES)
def test_a_sound_loop_passes(name: str, tmp_path: Path) -> None:
    found = _tried(tmp_path, name)
    assert found.answer is Answer.YES, found.reason
    assert found.evidence[0].ran


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("S5", "    if name", '    {"look": 1}[name]\n    if name', "traceback"),
        ("S6", "    if name", '    given["parcel"]\n    if name', "traceback"),
        ("S7", "for call in calls]", "for call in calls[:1]]", "got 1 results"),
        ("S8b", "MOST = 5", "MOST = 500", "was asked"),
        ("S8b", '"status": "budget_exceeded"', '"status": "answered"', "does not say so"),
        ("S9", "MOST = 5", "MOST = 20", "until 20 requests"),
        ("S17b", "for part in content if", "for part in content[:1] if", "not seen"),
        ("S18", "for part in content if", "for part in content[:1] if", "not seen"),
    ],
)
def test_one_changed_line_fails(name: str, old: str, new: str, said: str, tmp_path: Path) -> None:
    changes = smallagent.changed(AGENT, old, new)
    found = _tried(tmp_path, name, changes)
    assert found.answer in (Answer.NO, Answer.PARTIAL)
    assert said in found.reason


def test_where_no_tool_is_offered_nobody_is_asked(tmp_path: Path) -> None:
    bare = smallagent.changed(AGENT, '"tools": OFFERED, ', "")
    with pytest.raises(NotApplicable):
        _tried(tmp_path, "S5", bare)


@pytest.mark.parametrize(
    "request_",
    [
        {"tools": [{"name": "a", "input_schema": {"required": ["n"], "properties": {"n": {}}}}]},
        {"tools": [{"type": "function", "name": "a", "parameters": {"required": ["n"]}}]},
        {
            "tools": [
                {"type": "function", "function": {"name": "a", "parameters": {"required": ["n"]}}}
            ]
        },
        {"tools": [{"functionDeclarations": [{"name": "a", "parameters": {"required": ["n"]}}]}]},
    ],
)
def test_tools_are_read_in_each_dialect(request_: Mapping[str, object]) -> None:
    _, calls = toolcalls.of_turn(toolcalls.Turn(), request_)
    assert calls == [("a", {"n": "x"})]


def test_results_are_counted_in_each_dialect() -> None:
    for body in (
        {"messages": [{"role": "user", "content": [{"type": "tool_result"}, {"type": "text"}]}]},
        {"input": [{"type": "function_call_output", "output": "x"}]},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"contents": [{"parts": [{"functionResponse": {"name": "a"}}]}]},
    ):
        assert toolcalls.results(body) == 1


def _tried(folder: Path, name: str, changes: Mapping[str, str | None] | None = None) -> Reading:
    with smallagent.opened(folder, changes) as bench:
        return TRIES[name](bench)
