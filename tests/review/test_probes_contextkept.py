"""What keeps a long run's context small, and its goal in it."""

import json
from pathlib import Path

import pytest
from asked import ask

CUT = "def execute(text, at):\n    most = at.max_result_chars\n    return text[:most]{mark}\n"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (CUT.format(mark=" + ' [truncated]'"), "yes"),
        (CUT.format(mark=""), "partial"),
        ("def execute(text):\n    return text[:80]\n", "no"),
    ],
)
def test_what_is_cut_is_marked(code: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("contextkept.trimmed", {"desk/executor.py": code}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("def compact(goal, turns):\n    return [goal, *turns[-4:]]\n", "yes"),
        ("def compact(turns):\n    return [turns[0], *turns[-4:]]\n", "yes"),
        ("def compact(turns):\n    return turns[-4:]\n", "partial"),
        ("def send(turns):\n    return turns\n", "no"),
    ],
)
def test_the_goal_stays_in_a_compacted_history(code: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("contextkept.compacted", {"desk/history.py": code}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("long", "wanted"), [([20, 30_000], "yes"), ([20, 200_000], "partial"), ([4, 9_000], "partial")]
)
def test_tokens_a_step_do_not_grow(long: list[int], wanted: str, tmp_path: Path) -> None:
    rows = "".join(
        json.dumps({"id": f"t{n}", "system": "agent", "model": "m", "trial": 1, "steps": steps,
                    "usage": {"input_tokens": tokens}}) + "\n"
        for n, (steps, tokens) in enumerate([(2, 3_000), (3, 5_000), long])
    )  # fmt: skip
    reading = ask("contextkept.tokens_bounded", {"evals/results/agent.jsonl": rows}, tmp_path)
    assert reading.answer.value == wanted, reading.reason
