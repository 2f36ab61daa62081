"""Agent, single call and workflow side by side; nobody is accused of having no key."""

import json
from pathlib import Path

import pytest
from asked import ask


def rows(system: str, solved: int, count: int = 12, model: str = "m-1") -> str:
    made = (
        {
            "id": f"t{n}",
            "system": system,
            "model": model,
            "trial": 1,
            "latency_ms": 5.0,
            "cost_usd": 0.01 if model else 0.0,
            "grades": {"solved": float(n < solved)},
        }
        for n in range(count)
    )
    return "".join(json.dumps(row) + "\n" for row in made)


FLOW = {"evals/results/baseline.jsonl": rows("baseline", 3, model="")}
SINGLE = {"evals/results/single.jsonl": rows("single", 4)}
REASON = "# 0002\n\nThe agent stays, because the workflow cannot read free text.\n"


@pytest.mark.parametrize(
    ("tree", "compared", "needed"),
    [
        ({**FLOW, **SINGLE, "evals/results/model.jsonl": rows("model", 12)}, "yes", "yes"),
        ({**FLOW, **SINGLE, "evals/results/model.jsonl": rows("model", 4)}, "yes", "no"),
        ({**FLOW, "evals/results/model.jsonl": rows("model", 12)}, "partial", "yes"),
        ({"evals/results/model.jsonl": rows("model", 12)}, "partial", "no"),
        ({"evals/results/baseline.jsonl": rows("baseline", 3, 4, "")}, "no", "no"),
        ({"README.md": REASON}, "no", "no"),
    ],
)
def test_all_three_on_the_same_tasks(
    tree: dict[str, str], compared: str, needed: str, tmp_path: Path
) -> None:
    for probe, wanted in (("compared", compared), ("need_shown", needed)):
        reading = ask(f"threeway.{probe}", tree, tmp_path / probe)
        assert reading.answer.value == wanted, reading.reason


def test_a_document_may_say_why_it_is_needed_all_the_same(tmp_path: Path) -> None:
    tree = {**FLOW, **SINGLE, "evals/results/model.jsonl": rows("model", 4)}
    reading = ask("threeway.need_shown", {**tree, "docs/decisions/0002.md": REASON}, tmp_path)
    assert reading.answer.value == "yes", reading.reason


@pytest.mark.parametrize("probe", ["threeway.compared", "threeway.need_shown"])
def test_a_workflow_alone_waits_for_a_model(probe: str, tmp_path: Path) -> None:
    reading = ask(probe, FLOW, tmp_path)
    assert (reading.answer.value, reading.waits_for) == ("unknown", "model")
